import type { ProviderSettings } from 'hookline'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { builtInProviders, endpointOf } from './endpoint.ts'
import { needsFetch } from './transport.ts'

const added: string[] = []
const secrets = { add: (secret: string) => void added.push(secret), redact: (text: string) => text }
const endpoint = (settings: ProviderSettings) => endpointOf('corp', settings, secrets)

afterEach(() => {
  vi.unstubAllEnvs()
  added.length = 0
})

describe('the address', () => {
  it.each([
    ['https://x.test/v1', 'https://x.test/v1/responses'],
    ['https://x.test/v1/', 'https://x.test/v1/responses'],
    ['http://localhost:8080', 'http://localhost:8080/responses'],
    ['https://x.test/openai?api-version=1#top', 'https://x.test/openai/responses?api-version=1'],
    [' https://x.test/v1 ', 'https://x.test/v1/responses'],
  ])('%s leads to %s', (base_url, expected) => {
    expect(endpoint({ base_url }).url.href).toBe(expected)
  })

  it('takes parameters, which are not shown', () => {
    const { url, shownUrl } = endpoint({
      base_url: 'https://x.test/v1?a=1',
      query_params: { b: 'two words', 'api-key': 'secret-1' },
    })
    expect(url.href).toBe('https://x.test/v1/responses?a=1&b=two+words&api-key=secret-1')
    expect(shownUrl).toBe('https://x.test/v1/responses')
    expect(added).toEqual(['secret-1'])
  })

  it.each([
    [undefined, 'has no base_url'],
    ['  ', 'has no base_url'],
    ['x.test/v1', 'not an http or https address'],
    ['file:///etc/passwd', 'not an http or https address'],
    ['https://user:pass@x.test/v1', 'user name or password'],
  ])('%s is refused', (base_url, why) => {
    expect(() => endpoint({ base_url })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(why) }),
    )
  })
})

describe('the settings of a provider', () => {
  it('have defaults', () => {
    expect(endpoint({ base_url: 'https://x.test' })).toMatchObject({
      name: 'corp',
      requestMaxRetries: 4,
      streamMaxRetries: 5,
      idleTimeoutMs: 300_000,
      auth: 'api-key',
      audience: { provider: 'corp', baseUrl: 'https://x.test/', openAiAuth: false },
    })
  })

  it('say who proves the identity', () => {
    const { audience } = endpoint({
      base_url: 'https://x.test',
      env_key: 'CORP_KEY',
      env_key_instructions: 'Ask the admin',
      experimental_bearer_token: 'b',
      requires_openai_auth: true,
    })
    expect(audience).toMatchObject({
      envKey: 'CORP_KEY',
      envKeyInstructions: 'Ask the admin',
      bearerToken: 'b',
      openAiAuth: true,
    })
    expect(endpoint({ base_url: 'https://x.test', auth: { command: 'print-token' } }).auth).toBe(
      'command',
    )
  })

  it('cannot name a command and another credential', () => {
    const both = {
      base_url: 'https://x.test',
      auth: { command: 'c' },
      env_key: 'K',
      experimental_bearer_token: 't',
      requires_openai_auth: true,
    }
    expect(() => endpoint(both)).toThrow(/env_key, experimental_bearer_token, requires_openai_auth/)
  })

  it.each(['chat', 'anthropic'] as const)(
    'with wire_api = "%s" are refused with a way out',
    (wire_api) => {
      expect(() => endpoint({ base_url: 'https://x.test', wire_api })).toThrow(
        expect.objectContaining({
          code: 'CONFIG_INVALID',
          hint: expect.stringContaining('wire_api = "responses"'),
        }),
      )
    },
  )

  it('send fixed headers and those from set variables; what may be a secret is registered', () => {
    vi.stubEnv('CORP_HEADER', ' from-env ')
    vi.stubEnv('CORP_BLANK', '  ')
    const { headers } = endpoint({
      base_url: 'https://x.test',
      http_headers: { 'X-A': '1', Authorization: 'Bearer secret-2' },
      env_http_headers: {
        'X-Env': 'CORP_HEADER',
        'X-Blank': 'CORP_BLANK',
        'X-Unset': 'CORP_UNSET_VARIABLE',
      },
    })
    expect(headers).toEqual({ 'x-a': '1', authorization: 'Bearer secret-2', 'x-env': 'from-env' })
    expect(added).toEqual(['Bearer secret-2', 'secret-2', 'from-env'])
  })
})

it('has OpenAI built in, at an address that can be changed', () => {
  expect(endpointOf('openai', builtInProviders(undefined)['openai'] ?? {}, secrets)).toMatchObject({
    shownUrl: 'https://api.openai.com/v1/responses',
    audience: { openAiAuth: true },
  })
  const moved = builtInProviders('http://127.0.0.1:9/v1')['openai'] ?? {}
  expect(endpointOf('openai', moved, secrets).shownUrl).toBe('http://127.0.0.1:9/v1/responses')
})

describe('plain connections are given up for fetch', () => {
  it.each([
    ['http://x.test', {}, false],
    ['http://x.test', { HTTP_PROXY: 'http://p' }, true],
    ['http://x.test', { http_proxy: 'http://p' }, true],
    ['http://x.test', { HTTPS_PROXY: 'http://p', SSL_CERT_FILE: '/c' }, false],
    ['https://x.test', { HTTP_PROXY: 'http://p' }, false],
    ['https://x.test', { https_proxy: 'http://p' }, true],
    ['https://x.test', { ALL_PROXY: 'http://p' }, true],
    ['https://x.test', { SSL_CERT_FILE: '/c' }, true],
    ['https://x.test', { HOOKLINE_CA_CERTIFICATE: '/c' }, true],
    ['https://x.test', { HTTPS_PROXY: ' ' }, false],
    ['http://127.0.0.1:8080', { HTTP_PROXY: 'http://p', ALL_PROXY: 'http://p' }, false],
    ['https://localhost', { HTTPS_PROXY: 'http://p' }, false],
    ['https://[::1]:1', { SSL_CERT_FILE: '/c' }, true],
    ['https://x.test', { NODE_EXTRA_CA_CERTS: '/c' }, false],
  ])('to %s with %j: %s', (url, env, expected) => {
    expect(needsFetch(new URL(url), env)).toBe(expected)
  })
})
