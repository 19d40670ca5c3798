import { authKey, definePlugin } from 'hookline'
import { apiKeyAuth } from './credentials.ts'
import { storedKey } from './stored-key.ts'

const keyVariables = ['HOOKLINE_API_KEY', 'CODEX_API_KEY', 'OPENAI_API_KEY']

/** Credentials that are keys. A plugin that provides the auth service `sign-in` is asked before auth.json. */
export const authApiKey = definePlugin({
  name: 'auth-api-key',
  power: 'decide',
  reads: ['model_provider', 'model_providers'],
  async setup({ services, secrets, session, settings, log }) {
    // Before anything is shown or recorded: a hook or a file may tell a key before the first request needs it.
    const own = settings.model_providers[settings.model_provider]?.env_key
    for (const name of [...keyVariables, ...(own === undefined ? [] : [own])])
      secrets.add(process.env[name] ?? '')
    secrets.add((await storedKey(session.home)).key ?? '')
    services.provide(authKey, 'api-key', () =>
      apiKeyAuth({
        env: process.env,
        secrets,
        signIn: () => services.find(authKey, 'sign-in'),
        stored: () => storedKey(session.home),
        notice: (message) => log.notice(message),
      }),
    )
  },
})
