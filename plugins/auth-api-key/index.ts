import { authKey, definePlugin } from 'hookline'
import { apiKeyAuth } from './credentials.ts'
import { storedKey } from './stored-key.ts'

/** Credentials that are keys. A plugin that provides the auth service `sign-in` is asked before auth.json. */
export const authApiKey = definePlugin({
  name: 'auth-api-key',
  power: 'decide',
  setup({ services, secrets, session, log }) {
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
