import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { authKey, definePlugin, modelKey } from 'hookline'
import { modelServer, runTurn, testKernel, transcript, type ServerTurn } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { modelResponses } from './index.ts'

const credentials = async () => ({ headers: { authorization: 'Bearer k' }, refreshable: false })
const keys = definePlugin({
  name: 'keys',
  power: 'decide',
  setup({ services }) {
    services.provide(authKey, 'api-key', () => ({
      credentials,
      refresh: credentials,
      forget: async () => {},
    }))
  },
})

function open(
  url: string,
  provider: Readonly<Record<string, unknown>> = {},
  settings: Readonly<Record<string, unknown>> = {},
) {
  return testKernel([modelResponses, keys], {
    settings: {
      model: 'gpt-5.5',
      model_provider: 'mock',
      model_providers: { mock: { base_url: url, ...provider } },
      ...settings,
    },
  })
}

describe('a turn over the wire', () => {
  it('asks with the key and takes the answer', async () => {
    await using server = await modelServer([['hello']])
    await using test = await open(server.url)
    expect(await runTurn(test, 'hi')).toMatchObject({
      outcome: 'completed',
      lastMessage: 'hello',
      usage: { inputTokens: 100 },
    })
    expect(server.requests[0]).toMatchObject({
      headers: {
        authorization: 'Bearer k',
        originator: 'hookline_test',
        'session-id': test.session.facts.id,
      },
      body: { model: 'gpt-5.5', prompt_cache_key: test.session.facts.id },
    })
    expect(transcript(test.session.items)).toEqual(['user: hi', 'assistant: hello'])
  })

  it('goes on after end_turn: false, and repeats all earlier items unchanged', async () => {
    await using server = await modelServer([
      { items: ['more to come'], response: { end_turn: false } },
      ['done'],
    ])
    await using test = await open(server.url)
    expect(await runTurn(test, 'hi')).toMatchObject({ outcome: 'completed', lastMessage: 'done' })
    const inputs = server.requests.map(({ body }) => (body as { input: unknown[] }).input) // what this plugin has just written
    expect(inputs[1]?.slice(0, inputs[0]?.length)).toEqual(inputs[0])
    expect(inputs[1]?.at(-1)).toMatchObject({
      role: 'assistant',
      content: [{ type: 'output_text', text: 'more to come' }],
    })
  })

  const retried: readonly [string, ServerTurn][] = [
    [
      'a request to wait',
      { status: 429, headers: { 'retry-after': '0' }, body: { error: { message: 'slow down' } } },
    ],
    ['a failure of the server', { status: 500, headers: { 'retry-after': '0' }, body: 'oops' }],
    ['a broken stream', { cut: 'reset' }],
    [
      'a response that failed',
      { failed: { code: 'rate_limit_exceeded', message: 'try again in 1ms' } },
    ],
  ]
  it.each(retried)('survives %s', async (_name, fault) => {
    await using server = await modelServer([fault, ['ok']])
    await using test = await open(server.url)
    expect(await runTurn(test, 'hi')).toMatchObject({ outcome: 'completed', lastMessage: 'ok' })
    expect(test.events.filter((event) => event.type === 'retrying')).toHaveLength(1)
  })

  const final: readonly [string, ServerTurn, string][] = [
    [
      'a refusal',
      { status: 400, body: { error: { message: 'bad request' } } },
      'MODEL_REQUEST_FAILED',
    ],
    [
      'a refused key',
      { status: 401, body: { error: { message: 'bad key' } } },
      'AUTH_UNAUTHORIZED',
    ],
    [
      'a full context',
      { failed: { code: 'context_length_exceeded', message: 'too long' } },
      'MODEL_CONTEXT_EXCEEDED',
    ],
    ['an incomplete answer', { incomplete: 'max_output_tokens' }, 'MODEL_INCOMPLETE'],
    [
      'a wait of hours',
      { status: 429, headers: { 'retry-after': '7200' }, body: '' },
      'MODEL_RATE_LIMITED',
    ],
    [
      'a used-up plan',
      { status: 429, body: { error: { type: 'usage_limit_reached', plan_type: 'plus' } } },
      'USAGE_LIMIT_REACHED',
    ],
  ]
  it.each(final)('ends at once with %s', async (_name, fault, code) => {
    await using server = await modelServer([fault, ['too late']])
    await using test = await open(server.url)
    expect(await runTurn(test, 'hi')).toMatchObject({ outcome: 'failed', error: { code } })
    expect(server.requests).toHaveLength(1)
  })
})

describe('providers', () => {
  it('are offered under the ids of the settings, and the built-in one', async () => {
    await using test = await open('http://127.0.0.1:1/v1', {}, {})
    expect(test.services.ids(modelKey)).toEqual(expect.arrayContaining(['mock', 'openai']))
  })

  it('that cannot be used are no trouble until they are asked for', async () => {
    const model_providers = {
      mock: { base_url: 'http://127.0.0.1:1/v1' },
      old: { base_url: 'http://x.test', wire_api: 'chat' },
      empty: {},
    }
    await using test = await open('', {}, { model_providers })
    expect(() => test.services.get(modelKey, 'old')).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
    expect(() => test.services.get(modelKey, 'empty')).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  })

  it('that are built in cannot be redefined', async () => {
    const model_providers = { openai: { base_url: 'http://127.0.0.1:1/v1' } }
    await expect(open('', {}, { model_provider: 'openai', model_providers })).rejects.toMatchObject(
      {
        code: 'CONFIG_INVALID',
        hint: expect.stringContaining('openai_base_url'),
      },
    )
  })
})

it('makes its first request without loading what the start cannot afford', async () => {
  await using server = await modelServer([['hi']])
  const [transport, stream] = ['./transport.ts', './stream.ts'].map((file) =>
    JSON.stringify(new URL(file, import.meta.url)),
  )
  const script = `
    const { httpTransport } = await import(${transport})
    const { readResponse } = await import(${stream})
    const answer = await httpTransport('http:').post({ url: new URL(process.argv[1]), headers: {}, body: [Buffer.from('{}')], signal: new AbortController().signal })
    for await (const event of readResponse(() => answer.next())) if (event.type === 'completed') console.log('completed')
    answer.end(true)
    if (process.moduleLoadList.some((entry) => entry.includes('undici/undici'))) console.log('loaded undici')
  `
  const child = spawn(process.execPath, [
    '--conditions=hookline-source',
    '--input-type=module',
    '-e',
    script,
    `${server.url}/responses`,
  ])
  const [out, err] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  expect({ out, err }).toEqual({ out: 'completed\n', err: '' })
})
