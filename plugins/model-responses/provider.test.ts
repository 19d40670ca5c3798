import type { ServerResponse } from 'node:http'
import type { AuthProvider } from 'hookline'
import type { ServerTurn } from 'hookline/testing'
import { afterEach, describe, expect, it } from 'vitest'
import {
  begin,
  closeAll,
  collect,
  done,
  failureOf,
  listen,
  providerFor,
  scripted,
} from './scripted-provider.ts'
import { fetchTransport, type Transport } from './transport.ts'

afterEach(closeAll)

describe('an attempt', () => {
  it('posts to /responses below base_url with the parameters of the settings', async () => {
    const { server, provider } = await scripted([{ items: ['hello'] }], {
      query_params: { 'api-version': '2026-01-01' },
    })
    const events = await collect(provider)
    expect(events.map((event) => event.type)).toEqual(['text_delta', 'item', 'completed'])
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1/responses',
      query: '?api-version=2026-01-01',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
      body: { model: 'gpt-5.5', stream: true },
    })
  })

  it('tells events as they come', async () => {
    const answers: ServerResponse[] = []
    const { url } = await listen((incoming, outgoing) => {
      incoming.resume()
      answers.push(outgoing)
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
      outgoing.write('data: {"type":"response.output_text.delta","item_id":"m","delta":"a"}\n\n')
    })
    const stream = begin(providerFor({ base_url: url }))
    expect((await stream.next()).value).toMatchObject({ type: 'text_delta', delta: 'a' })
    answers[0]?.end(done)
    expect((await stream.next()).value).toMatchObject({ type: 'completed' })
    expect((await stream.next()).done).toBe(true)
  })

  it('hands the state of the turn from one request to the next, within that turn only', async () => {
    const { server, provider } = await scripted([
      { headers: { 'x-codex-turn-state': 'st-1' } },
      {},
      {},
    ])
    const turnState = new Map<string, string>()
    await collect(provider, { turnState })
    await collect(provider, { turnState })
    await collect(provider)
    expect(server.requests.map(({ headers }) => headers['x-codex-turn-state'])).toEqual([
      undefined,
      'st-1',
      undefined,
    ])
  })

  it('tells once that another model answers; an edition of the same is no other', async () => {
    const rerouted = { headers: { 'openai-model': 'gpt-small' } }
    const { provider } = await scripted([
      rerouted,
      rerouted,
      { headers: { 'openai-model': 'GPT-5.5-2026-01-31' } },
    ])
    expect((await collect(provider))[0]).toEqual({
      type: 'notice',
      message: 'model rerouted: gpt-5.5 -> gpt-small',
    })
    expect((await collect(provider)).map((event) => event.type)).toEqual(['completed'])
    expect((await collect(provider)).map((event) => event.type)).toEqual(['completed'])
  })

  it('asks for encrypted reasoning unless the model is known not to reason', async () => {
    const { server, provider } = await scripted(
      [{}, {}],
      {},
      { reasons: (model) => model !== 'gpt-4.1' },
    )
    await collect(provider)
    await collect(provider, { model: 'gpt-4.1' })
    expect(server.requests.map(({ body }) => body)).toMatchObject([
      { include: ['reasoning.encrypted_content'] },
      { include: [] },
    ])
  })
})

describe('a refusal', () => {
  it.each([
    [400, { error: { message: 'bad request' } }, 'bad request'],
    [401, { error: { message: 'bad key', code: 'invalid_api_key' } }, '401 Unauthorized: bad key'],
    [404, 'nope', '404 Not Found: nope'],
    [500, { error: { message: 'oops' } }, 'oops'],
  ])('with status %i is one request and says why', async (status, body, text) => {
    const { server, provider } = await scripted([{ status, body }])
    const error = await failureOf(provider)
    expect(error).toMatchObject({
      message: expect.stringContaining(text),
      retry: { phase: 'open', retryable: status >= 500 },
    })
    expect(server.requests).toHaveLength(1)
  })

  it('keeps parameters of the address out of the message', async () => {
    const { provider } = await scripted([{ status: 404, body: 'nope' }], {
      query_params: { key: 'hidden' },
    })
    expect(String(await failureOf(provider))).not.toContain('hidden')
  })

  it('may be a page instead of a stream', async () => {
    const { provider } = await scripted([
      { body: '<html></html>', headers: { 'content-type': 'text/html' } },
    ])
    expect(await failureOf(provider)).toMatchObject({
      code: 'MODEL_REQUEST_FAILED',
      message: expect.stringContaining('text/html'),
      retry: { retryable: false },
    })
  })

  it('is not followed to another address', async () => {
    const { server, provider } = await scripted([
      { status: 307, headers: { location: 'http://127.0.0.1:1/' }, body: '' },
    ])
    expect(await failureOf(provider)).toMatchObject({
      message: expect.stringContaining('redirect to'),
      retry: { retryable: false },
    })
    expect(server.requests).toHaveLength(1)
  })

  it('counts although its text breaks off', async () => {
    const { url } = await listen((incoming, outgoing) => {
      incoming.resume()
      outgoing.writeHead(503, { 'content-length': '1000' })
      outgoing.write('busy', () => outgoing.destroy())
    })
    expect(await failureOf(providerFor({ base_url: url }))).toMatchObject({
      message: expect.stringContaining('503'),
      retry: { retryable: true },
    })
  })
})

function changing(keys: readonly string[], refreshable: boolean): AuthProvider {
  const left = keys.values()
  const next = async () => ({
    headers: { authorization: `Bearer ${left.next().value}` },
    refreshable,
  })
  return { credentials: next, refresh: next, forget: async () => {} }
}

describe('a 401', () => {
  const refused: ServerTurn = { status: 401, body: { error: { message: 'expired' } } }

  it('is mended once by another credential, within the attempt', async () => {
    const { server, provider } = await scripted(
      [refused, { items: ['ok'] }],
      {},
      { auth: () => changing(['a', 'b'], true) },
    )
    expect((await collect(provider)).at(-1)).toMatchObject({ type: 'completed' })
    expect(server.requests.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer a',
      'Bearer b',
    ])
  })

  it('is final when the other credential is refused too, or there can be none', async () => {
    const twice = await scripted(
      [refused, refused, {}],
      {},
      { auth: () => changing(['a', 'b', 'c'], true) },
    )
    expect(await failureOf(twice.provider)).toMatchObject({
      code: 'AUTH_UNAUTHORIZED',
      retry: { retryable: false },
    })
    expect(twice.server.requests).toHaveLength(2)
    const fixed = await scripted([refused, {}], {}, { auth: () => changing(['a', 'b'], false) })
    expect(await failureOf(fixed.provider)).toMatchObject({ code: 'AUTH_UNAUTHORIZED' })
    expect(fixed.server.requests).toHaveLength(1)
  })
})

describe('the transport for proxies', () => {
  it('streams, refuses and is interrupted in the same way', async () => {
    const transport: Promise<Transport> = fetchTransport()
    const { server, provider } = await scripted(
      [{ items: ['hi'] }, { status: 400, body: 'bad request' }, { cut: 'hang' }],
      {},
      { transport: () => transport },
    )
    expect((await collect(provider)).map((event) => event.type)).toEqual([
      'text_delta',
      'item',
      'completed',
    ])
    expect(await failureOf(provider)).toMatchObject({
      message: expect.stringContaining('bad request'),
      retry: { retryable: false },
    })
    const interrupt = new AbortController()
    const third = failureOf(provider, interrupt.signal)
    await expect.poll(() => server.requests.length).toBe(3)
    interrupt.abort()
    expect(await third).toMatchObject({ code: 'TURN_INTERRUPTED' })
  })
})
