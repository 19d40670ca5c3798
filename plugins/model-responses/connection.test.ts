import type { ModelEvent } from 'hookline'
import { afterEach, describe, expect, it } from 'vitest'
import {
  begin,
  closeAll,
  collect,
  done,
  failureOf,
  listen,
  providerFor,
  request,
  scripted,
} from './scripted-provider.ts'

afterEach(closeAll)

describe('a connection', () => {
  it('that is refused, or cut before the answer, is a failure to open', async () => {
    const { provider } = await scripted([{ cut: 'drop' }])
    expect(await failureOf(provider)).toMatchObject({
      code: 'MODEL_UNREACHABLE',
      retry: { phase: 'open', retryable: true },
    })
    const { server, url } = await listen(() => {})
    await new Promise((resolve) => server.close(resolve))
    expect(await failureOf(providerFor({ base_url: url }))).toMatchObject({
      code: 'MODEL_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
      retry: { phase: 'open', retryable: true },
    })
  })

  it.each(['end', 'reset'] as const)(
    'that ends too early (%s) is a broken stream; what came before counts',
    async (cut) => {
      const { provider } = await scripted([{ items: ['kept'], cut }])
      const events: ModelEvent[] = []
      const reading = (async () => {
        for await (const event of provider.stream(request(), new AbortController().signal))
          events.push(event)
      })()
      await expect(reading).rejects.toMatchObject({
        code: 'MODEL_STREAM_BROKEN',
        retry: { phase: 'stream', retryable: true },
      })
      expect(events.map((event) => event.type)).toEqual(['text_delta', 'item'])
    },
  )

  it('that falls silent is given up after the idle timeout', async () => {
    const { provider } = await scripted([{ items: ['kept'], cut: 'hang' }], {
      stream_idle_timeout_ms: 60,
    })
    expect(await failureOf(provider)).toMatchObject({
      code: 'MODEL_STREAM_BROKEN',
      message: expect.stringContaining('idle timeout'),
      retry: { phase: 'stream', retryable: true },
    })
  })

  it('without any answer is given up after the idle timeout', async () => {
    const { url } = await listen((incoming) => void incoming.resume())
    expect(
      await failureOf(providerFor({ base_url: url, stream_idle_timeout_ms: 60 })),
    ).toMatchObject({
      code: 'MODEL_UNREACHABLE',
      retry: { phase: 'open', retryable: true },
    })
  })

  it('is not silent while nobody asks it', async () => {
    const { provider } = await scripted([{ items: ['slow reader'] }, { cut: 'hang' }], {
      stream_idle_timeout_ms: 20,
    })
    const stream = begin(provider)
    await stream.next()
    // Takes as long as the timeout.
    await failureOf(provider)
    const types: string[] = []
    for (let next = await stream.next(); !next.done; next = await stream.next())
      types.push(next.value.type)
    expect(types).toEqual(['item', 'completed'])
  })

  it('is used again', async () => {
    const connections = new Set<unknown>()
    const { url } = await listen((incoming, outgoing) => {
      incoming.resume()
      connections.add(incoming.socket)
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
      outgoing.end(
        `${done}: what comes after the end is read and forgotten\n\n${': x\n'.repeat(20_000)}`,
      )
    })
    const provider = providerFor({ base_url: url })
    await collect(provider)
    const fresh = async () => {
      const before = connections.size
      await collect(provider)
      return connections.size - before
    }
    // Once the rest of the answer before has passed.
    await expect.poll(fresh).toBe(0)
  })

  it('that the server has closed while it was idle costs no attempt', async () => {
    const served = new WeakSet<object>()
    let closed = 0
    const { url } = await listen((incoming, outgoing) => {
      incoming.resume()
      if (served.has(incoming.socket)) {
        closed += 1
        incoming.socket.destroy()
        return
      }
      served.add(incoming.socket)
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
      outgoing.end(done)
    })
    const provider = providerFor({ base_url: url })
    await expect.poll(async () => (await collect(provider)) && closed).toBeGreaterThan(0)
    expect((await collect(provider)).at(-1)).toMatchObject({ type: 'completed' })
  })
})

describe('an interrupt', () => {
  it('ends a stream, and the connection with it', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    const { url } = await listen((incoming, outgoing) => {
      incoming.resume()
      outgoing.on('close', resolve)
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
      outgoing.write('data: {"type":"response.output_text.delta","item_id":"m","delta":"a"}\n\n')
    })
    const interrupt = new AbortController()
    const stream = begin(providerFor({ base_url: url }), interrupt.signal)
    await stream.next()
    const next = stream.next()
    interrupt.abort(new Error('stop'))
    await expect(next).rejects.toMatchObject({ code: 'TURN_INTERRUPTED' })
    await closed
  })

  it('ends a request that is not answered yet, and keeps a new one from being made', async () => {
    const interrupt = new AbortController()
    let requests = 0
    const { url } = await listen(() => {
      requests += 1
      interrupt.abort()
    })
    const provider = providerFor({ base_url: url })
    expect(await failureOf(provider, interrupt.signal)).toMatchObject({ code: 'TURN_INTERRUPTED' })
    expect(await failureOf(provider, interrupt.signal)).toMatchObject({ code: 'TURN_INTERRUPTED' })
    expect(requests).toBe(1)
  })

  it('is what leaving the loop amounts to', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    const { url } = await listen((incoming, outgoing) => {
      incoming.resume()
      outgoing.on('close', resolve)
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
      outgoing.write('data: {"type":"response.output_text.delta","item_id":"m","delta":"a"}\n\n')
    })
    for await (const event of providerFor({ base_url: url }).stream(
      request(),
      new AbortController().signal,
    )) {
      expect(event.type).toBe('text_delta')
      break
    }
    await closed
  })
})
