import { HooklineError, isHooklineError } from 'hookline'
import type { Audience, AuthProvider, Credentials, Secrets } from 'hookline'
import type { StoredKey } from './stored-key.ts'

/** Where keys come from. */
export interface KeySources {
  /** Read anew for every request. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly secrets: Secrets
  /** A plugin that keeps sign-ins; without one the key of auth.json counts. */
  signIn(): AuthProvider | undefined
  stored(): Promise<StoredKey>
  /** Tells the user, beside the conversation. */
  notice(message: string): void
}

const none: Credentials = { headers: {}, refreshable: false }
const headerValue = /^[\x20-\x7e\x80-\xff]+$/

/** Keys from the settings of a provider, the environment and the home, in this order. */
export function apiKeyAuth(sources: KeySources): AuthProvider {
  let told = false
  const noticeOnce = (message: string): void => {
    if (!told) sources.notice(message)
    told = true
  }
  const credentials = async (audience: Audience): Promise<Credentials> => {
    const own = providerKey(audience, sources)
    if (own !== undefined) return bearer(own, sources.secrets)
    if (!audience.openAiAuth) return none
    const given = envKey(sources, 'HOOKLINE_API_KEY') ?? envKey(sources, 'CODEX_API_KEY')
    if (given !== undefined) return bearer(given, sources.secrets)
    return openAiCredentials(audience, sources, noticeOnce)
  }
  return {
    credentials,
    // A key stays the same however often it is refused; only a sign-in can change.
    refresh: async (audience) =>
      (usesSignIn(audience, sources) ? sources.signIn()?.refresh(audience) : undefined) ??
      credentials(audience),
    forget: async () => sources.signIn()?.forget(),
  }
}

function usesSignIn(audience: Audience, sources: KeySources): boolean {
  if (!audience.openAiAuth || audience.envKey !== undefined || isSet(audience.bearerToken))
    return false
  return (
    envKey(sources, 'HOOKLINE_API_KEY') === undefined &&
    envKey(sources, 'CODEX_API_KEY') === undefined
  )
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== ''
}

/** The key that the settings of the provider name; undefined where they name none. */
function providerKey(audience: Audience, sources: KeySources): string | undefined {
  if (audience.envKey === undefined)
    return isSet(audience.bearerToken) ? audience.bearerToken.trim() : undefined
  const key = envKey(sources, audience.envKey)
  if (key !== undefined) return key
  const { envKeyInstructions: instructions } = audience
  throw new HooklineError(
    'AUTH_ENV_KEY_MISSING',
    `the environment variable ${audience.envKey} is not set, and provider "${audience.provider}" takes its key from it` +
      (isSet(instructions) ? `: ${instructions}` : ''),
    {
      hint: `set ${audience.envKey}, or name another variable in model_providers.${audience.provider}.env_key`,
      retry: { phase: 'open', retryable: false },
    },
  )
}

function envKey({ env }: KeySources, name: string): string | undefined {
  const value = env[name]?.trim()
  return value === '' ? undefined : value
}

async function openAiCredentials(
  audience: Audience,
  sources: KeySources,
  notice: (message: string) => void,
): Promise<Credentials> {
  const signIn = sources.signIn()
  let why = 'no credential is stored or given'
  if (signIn) {
    try {
      return await signIn.credentials(audience)
    } catch (error) {
      if (!isHooklineError(error) || error.code !== 'AUTH_NOT_SIGNED_IN') throw error
    }
  } else {
    const stored = await sources.stored()
    if (stored.key !== undefined) return bearer(stored.key, sources.secrets)
    if (stored.otherSignIn)
      throw notSignedIn('the stored sign-in is of a kind that nothing here can use')
    if (stored.fault !== undefined) why = stored.fault
  }
  const last = envKey(sources, 'OPENAI_API_KEY')
  if (last === undefined) throw notSignedIn(why)
  notice('using OPENAI_API_KEY, because no sign-in is stored and HOOKLINE_API_KEY is not set')
  return bearer(last, sources.secrets)
}

function notSignedIn(why: string): HooklineError {
  return new HooklineError('AUTH_NOT_SIGNED_IN', `not signed in: ${why}`, {
    hint: 'run `hookline login`, or set HOOKLINE_API_KEY',
    retry: { phase: 'open', retryable: false },
  })
}

function bearer(key: string, secrets: Secrets): Credentials {
  secrets.add(key)
  if (!headerValue.test(key)) {
    throw new HooklineError(
      'CONFIG_INVALID',
      'the key has characters that a header cannot carry, such as a line break',
      {
        hint: 'give the key alone, as one line',
        retry: { phase: 'open', retryable: false },
      },
    )
  }
  return { headers: { authorization: `Bearer ${key}` }, refreshable: false }
}
