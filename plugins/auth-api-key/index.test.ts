import { authKey, definePlugin, HooklineError, type Audience, type AuthProvider } from 'hookline'
import { runTurn, temporaryHome, testKernel } from 'hookline/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { apiKeyAuth, type KeySources } from './credentials.ts'
import { authApiKey } from './index.ts'
import { storedKey } from './stored-key.ts'

const audience: Audience = { provider: 'mock', baseUrl: 'http://127.0.0.1:1/v1', openAiAuth: false }
const openAi: Audience = { ...audience, openAiAuth: true }

function sources(change: Partial<KeySources> = {}) {
  const secrets: string[] = []
  const notices: string[] = []
  const auth = apiKeyAuth({
    env: {},
    secrets: { add: (secret) => void secrets.push(secret), redact: (text) => text },
    signIn: () => undefined,
    stored: async () => ({}),
    notice: (text) => void notices.push(text),
    ...change,
  })
  return { auth, secrets, notices }
}

async function bearerOf(
  wanted: Audience,
  change: Partial<KeySources>,
): Promise<string | undefined> {
  const { auth, secrets } = sources(change)
  const header = (await auth.credentials(wanted)).headers['authorization']
  expect(secrets).toEqual(header === undefined ? [] : [header.replace('Bearer ', '')])
  return header
}

describe('the key of a provider', () => {
  it('comes from its variable, before a token of the settings', async () => {
    const both = { ...audience, envKey: 'MOCK_KEY', bearerToken: 'token' }
    expect(await bearerOf(both, { env: { MOCK_KEY: ' key ' } })).toBe('Bearer key')
    expect(await bearerOf({ ...audience, bearerToken: 'token' }, {})).toBe('Bearer token')
  })

  it.each([{}, { MOCK_KEY: '' }, { MOCK_KEY: '  ' }])(
    'is missed when the variable is not set: %j',
    async (env) => {
      const wanted = {
        ...openAi,
        envKey: 'MOCK_KEY',
        envKeyInstructions: 'Ask the admin',
        bearerToken: 'token',
      }
      const { auth } = sources({ env: { ...env, OPENAI_API_KEY: 'o', HOOKLINE_API_KEY: 'h' } })
      await expect(auth.credentials(wanted)).rejects.toMatchObject({
        code: 'AUTH_ENV_KEY_MISSING',
        message: expect.stringMatching(/MOCK_KEY.*Ask the admin/),
        retry: { retryable: false },
      })
    },
  )

  it('is read anew for each request', async () => {
    const env: Record<string, string> = { MOCK_KEY: 'one' }
    const { auth } = sources({ env })
    const wanted = { ...audience, envKey: 'MOCK_KEY' }
    await auth.credentials(wanted)
    env['MOCK_KEY'] = 'two'
    expect((await auth.credentials(wanted)).headers).toEqual({ authorization: 'Bearer two' })
  })

  it('may be none at all, and then no key of the user leaves the machine', async () => {
    const env = { OPENAI_API_KEY: 'o', HOOKLINE_API_KEY: 'h', CODEX_API_KEY: 'c' }
    expect(await bearerOf(audience, { env, stored: async () => ({ key: 's' }) })).toBeUndefined()
  })

  it('that no header can carry is an error that does not show it', async () => {
    const { auth } = sources({ env: { MOCK_KEY: 'line-1\nline-2' } })
    await expect(auth.credentials({ ...audience, envKey: 'MOCK_KEY' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.not.stringContaining('line-1'),
    })
  })
})

const stored = async () => ({ key: 's' })

describe('a provider that wants an OpenAI sign-in', () => {
  const all = { HOOKLINE_API_KEY: ' h ', CODEX_API_KEY: 'c', OPENAI_API_KEY: 'o' }

  it('gets the first key there is', async () => {
    const { HOOKLINE_API_KEY: _h, ...codex } = all
    expect(await bearerOf(openAi, { env: all, stored })).toBe('Bearer h')
    expect(await bearerOf(openAi, { env: codex, stored })).toBe('Bearer c')
    expect(
      await bearerOf(openAi, { env: { OPENAI_API_KEY: 'o', HOOKLINE_API_KEY: ' ' }, stored }),
    ).toBe('Bearer s')
    expect(await bearerOf({ ...openAi, bearerToken: 't' }, { env: all, stored })).toBe('Bearer t')
  })

  it('gets OPENAI_API_KEY as the last resort, with one notice', async () => {
    const { auth, notices } = sources({ env: { OPENAI_API_KEY: 'o' } })
    expect((await auth.credentials(openAi)).headers).toEqual({ authorization: 'Bearer o' })
    await auth.credentials(openAi)
    expect(notices).toEqual([expect.stringContaining('OPENAI_API_KEY')])
  })

  it('gets nothing where nothing is, with a remedy', async () => {
    await expect(sources().auth.credentials(openAi)).rejects.toMatchObject({
      code: 'AUTH_NOT_SIGNED_IN',
      hint: expect.stringContaining('hookline login'),
      retry: { retryable: false },
    })
  })

  it('does not get OPENAI_API_KEY in place of a sign-in that is stored', async () => {
    const { auth } = sources({
      env: { OPENAI_API_KEY: 'o' },
      stored: async () => ({ otherSignIn: true }),
    })
    await expect(auth.credentials(openAi)).rejects.toMatchObject({ code: 'AUTH_NOT_SIGNED_IN' })
  })
})

const signedIn: AuthProvider = {
  credentials: async () => ({ headers: { authorization: 'Bearer account' }, refreshable: true }),
  refresh: async () => ({ headers: { authorization: 'Bearer fresh' }, refreshable: true }),
  forget: async () => {},
}

function failing(error: Error): AuthProvider {
  return {
    ...signedIn,
    credentials: async () => {
      throw error
    },
  }
}

describe('a plugin that keeps sign-ins', () => {
  it('is asked after the variables of the user, and refreshed', async () => {
    const { auth } = sources({ signIn: () => signedIn, env: { OPENAI_API_KEY: 'o' } })
    expect(await auth.credentials(openAi)).toEqual(await signedIn.credentials(openAi))
    expect((await auth.refresh(openAi)).headers).toEqual({ authorization: 'Bearer fresh' })
    const key = sources({ signIn: () => signedIn, env: { CODEX_API_KEY: 'c' } }).auth
    expect((await key.credentials(openAi)).headers).toEqual({ authorization: 'Bearer c' })
    expect(await key.refresh(openAi)).toEqual({
      headers: { authorization: 'Bearer c' },
      refreshable: false,
    })
  })

  it('that has none leaves OPENAI_API_KEY; that fails is heard', async () => {
    const env = { OPENAI_API_KEY: 'o' }
    const none = failing(new HooklineError('AUTH_NOT_SIGNED_IN', 'nobody'))
    expect((await sources({ env, signIn: () => none }).auth.credentials(openAi)).headers).toEqual({
      authorization: 'Bearer o',
    })
    const broken = failing(new HooklineError('AUTH_UNAUTHORIZED', 'expired'))
    await expect(
      sources({ env, signIn: () => broken }).auth.credentials(openAi),
    ).rejects.toMatchObject({ code: 'AUTH_UNAUTHORIZED' })
  })
})

describe('auth.json', () => {
  it.each([
    [{ OPENAI_API_KEY: ' sk-1 ' }, { key: 'sk-1' }],
    [{ auth_mode: 'apikey', OPENAI_API_KEY: 'sk-1' }, { key: 'sk-1' }],
    [
      { auth_mode: 'chatgpt', OPENAI_API_KEY: null, tokens: { access_token: 'a' } },
      { otherSignIn: true },
    ],
    [{ OPENAI_API_KEY: null, tokens: { access_token: 'a' } }, { otherSignIn: true }],
    [{ OPENAI_API_KEY: '' }, {}],
    [{}, {}],
  ])('holding %j', async (content, expected) => {
    await using home = await temporaryHome({ 'auth.json': JSON.stringify(content) })
    expect(await storedKey(home.path)).toEqual(expected)
  })

  it('may be missing, or spoilt without being quoted', async () => {
    await using empty = await temporaryHome()
    expect(await storedKey(empty.path)).toEqual({})
    await using spoilt = await temporaryHome({ 'auth.json': '{"OPENAI_API_KEY": "sk-half' })
    const { fault } = await storedKey(spoilt.path)
    expect(fault).toContain('not JSON')
    expect(fault).not.toContain('sk-half')
    const { auth } = sources({ stored: () => storedKey(spoilt.path) })
    await expect(auth.credentials(openAi)).rejects.toMatchObject({
      code: 'AUTH_NOT_SIGNED_IN',
      message: expect.stringContaining('auth.json'),
    })
  })
})

describe('the plugin', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('takes keys from the home and from the environment of the process', async () => {
    vi.stubEnv('HOOKLINE_API_KEY', '')
    vi.stubEnv('CODEX_API_KEY', '')
    await using home = await temporaryHome({
      'auth.json': JSON.stringify({ OPENAI_API_KEY: 'sk-home' }),
    })
    await using test = await testKernel([authApiKey], { home: home.path })
    const auth = test.services.get(authKey, 'api-key')
    expect((await auth.credentials(openAi)).headers).toEqual({ authorization: 'Bearer sk-home' })
    vi.stubEnv('HOOKLINE_API_KEY', 'sk-env')
    expect((await auth.credentials(openAi)).headers).toEqual({ authorization: 'Bearer sk-env' })
  })

  it('knows every key before anybody asks for one, so that none can be told', async () => {
    await using home = await temporaryHome({
      'auth.json': JSON.stringify({ OPENAI_API_KEY: 'key-in-home' }),
    })
    vi.stubEnv('HOOKLINE_API_KEY', 'key-of-ours')
    vi.stubEnv('OPENAI_API_KEY', 'key-of-openai')
    vi.stubEnv('MOCK_KEY', 'key-of-mock')
    const told: string[] = []
    const keys = 'key-in-home key-of-ours key-of-openai key-of-mock'
    const teller = definePlugin({
      name: 'teller',
      setup: ({ hooks, secrets }) =>
        hooks.turnStart.tap('tell', () => void told.push(secrets.redact(keys))),
    })
    const settings = { model_providers: { scripted: { name: 'mock', env_key: 'MOCK_KEY' } } }
    await using test = await testKernel([authApiKey, teller], { home: home.path, settings })
    await runTurn(test, 'go')
    expect(told).toEqual(['<redacted> <redacted> <redacted> <redacted>'])
  })

  it('asks whoever provides the sign-in', async () => {
    vi.stubEnv('HOOKLINE_API_KEY', '')
    vi.stubEnv('CODEX_API_KEY', '')
    const accounts = definePlugin({
      name: 'accounts',
      power: 'decide',
      setup({ services }) {
        services.provide(authKey, 'sign-in', () => signedIn)
      },
    })
    await using test = await testKernel([authApiKey, accounts])
    expect((await test.services.get(authKey, 'api-key').credentials(openAi)).headers).toEqual({
      authorization: 'Bearer account',
    })
  })
})
