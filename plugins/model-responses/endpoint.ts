import { HooklineError } from 'hookline'
import type { Audience, ProviderSettings, Secrets } from 'hookline'

/** Where requests go and how often they are tried. */
export interface Endpoint {
  readonly id: string
  readonly name: string
  /** With the path of the wire and the parameters of the settings. */
  readonly url: URL
  /** The same without parameters, which may hold keys; for messages. */
  readonly shownUrl: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly audience: Audience
  /** Id of the auth service that proves who asks. */
  readonly auth: string
  readonly requestMaxRetries: number
  readonly streamMaxRetries: number
  /** 0: a silent stream is waited for without end. */
  readonly idleTimeoutMs: number
}

const mostRetries = 100

/** Providers that exist without settings; their ids cannot be taken. */
export function builtInProviders(
  openAiBaseUrl: string | undefined,
): Readonly<Record<string, ProviderSettings>> {
  return {
    openai: {
      name: 'OpenAI',
      base_url: openAiBaseUrl ?? 'https://api.openai.com/v1',
      requires_openai_auth: true,
      env_http_headers: {
        'openai-organization': 'OPENAI_ORGANIZATION',
        'openai-project': 'OPENAI_PROJECT',
      },
    },
  }
}

/** Checks the settings of a provider; throws CONFIG_INVALID. */
export function endpointOf(id: string, settings: ProviderSettings, secrets: Secrets): Endpoint {
  refuseOtherWires(id, settings)
  refuseTwoCredentials(id, settings)
  const base = baseUrl(id, settings.base_url)
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/responses`
  for (const [name, value] of Object.entries(settings.query_params ?? {}))
    url.searchParams.append(name, value)
  return {
    id,
    name: settings.name ?? id,
    url,
    shownUrl: `${url.origin}${url.pathname}`,
    headers: headersOf(settings, secrets),
    audience: audienceOf(id, base, settings),
    auth: settings.auth ? 'command' : 'api-key',
    requestMaxRetries: Math.min(settings.request_max_retries ?? 4, mostRetries),
    streamMaxRetries: Math.min(settings.stream_max_retries ?? 5, mostRetries),
    idleTimeoutMs: settings.stream_idle_timeout_ms ?? 300_000,
  }
}

function invalid(message: string, hint: string): HooklineError {
  return new HooklineError('CONFIG_INVALID', message, { hint })
}

function refuseOtherWires(id: string, { wire_api: wire }: ProviderSettings): void {
  if (wire === undefined || wire === 'responses') return
  throw invalid(
    `model provider "${id}" is set to wire_api = "${wire}", which no plugin here speaks`,
    `set model_providers.${id}.wire_api = "responses" if the endpoint offers /responses, or put a proxy in front of it that does`,
  )
}

function refuseTwoCredentials(id: string, settings: ProviderSettings): void {
  if (!settings.auth) return
  const others = [
    settings.env_key === undefined ? undefined : 'env_key',
    settings.experimental_bearer_token === undefined ? undefined : 'experimental_bearer_token',
    settings.requires_openai_auth === true ? 'requires_openai_auth' : undefined,
  ].filter((name) => name !== undefined)
  if (others.length === 0) return
  throw invalid(
    `model provider "${id}" has a credential command (auth) and also ${others.join(', ')}`,
    `keep one of them in [model_providers.${id}]`,
  )
}

function baseUrl(id: string, text: string | undefined): URL {
  const key = id === 'openai' ? 'openai_base_url' : `model_providers.${id}.base_url`
  if (text === undefined || text.trim() === '') {
    throw invalid(`model provider "${id}" has no base_url`, `set ${key}, such as "https://host/v1"`)
  }
  const url = URL.parse(text.trim())
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw invalid(
      `${key} is not an http or https address: ${text}`,
      'give a whole address, such as "https://host/v1"',
    )
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(
      `${key} holds a user name or password`,
      `use env_key or env_http_headers in [model_providers.${id}] instead`,
    )
  }
  url.hash = ''
  return url
}

function audienceOf(id: string, base: URL, settings: ProviderSettings): Audience {
  const {
    env_key: envKey,
    env_key_instructions: envKeyInstructions,
    experimental_bearer_token: bearerToken,
  } = settings
  return {
    provider: id,
    baseUrl: base.href,
    openAiAuth: settings.requires_openai_auth ?? false,
    ...(envKey === undefined ? {} : { envKey }),
    ...(envKeyInstructions === undefined ? {} : { envKeyInstructions }),
    ...(bearerToken === undefined ? {} : { bearerToken }),
  }
}

/** What the request itself says; settings that change it would break it. */
const ownHeaders = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'accept',
  'content-type',
])
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const secretName = /auth|key|token|secret|cookie|sig/i
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/

/** Lower-cases names and leaves out what cannot be a header. */
export function usableHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const usable: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase()
    if (headerName.test(name) && headerValue.test(value) && !ownHeaders.has(lower))
      usable[lower] = value
  }
  return usable
}

function headersOf(settings: ProviderSettings, secrets: Secrets): Readonly<Record<string, string>> {
  const fixed = usableHeaders(settings.http_headers ?? {})
  for (const [name, value] of Object.entries(fixed)) {
    if (!secretName.test(name)) continue
    secrets.add(value)
    // Of "Bearer x" the second word alone is as secret.
    secrets.add(value.slice(value.indexOf(' ') + 1))
  }
  const fromEnv: Record<string, string> = {}
  for (const [name, variable] of Object.entries(settings.env_http_headers ?? {})) {
    const value = process.env[variable]?.trim()
    if (value === undefined || value === '') continue
    fromEnv[name] = value
    secrets.add(value)
  }
  for (const [name, value] of Object.entries(settings.query_params ?? {})) {
    if (secretName.test(name)) secrets.add(value)
  }
  return { ...fixed, ...usableHeaders(fromEnv) }
}
