import { isHooklineError } from 'hookline'
import { describe, expect, it } from 'vitest'
import { completed, encoder, expected, message, read, sse, whole } from './sample-stream.ts'

describe('a stream in pieces', () => {
  it('is read the same wherever it is cut in two', async () => {
    const bytes = encoder.encode(whole)
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(await read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual({
        events: expected,
        error: undefined,
      })
    }
  })

  it.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('is read byte by byte with %s line ends', async (_name, lineEnd) => {
    const bytes = encoder.encode(whole.replaceAll('\n', lineEnd))
    expect(await read(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual({
      events: expected,
      error: undefined,
    })
  })

  it('may begin with a byte order mark and lack its last line end', async () => {
    expect(await read([`\uFEFF${whole.trimEnd()}`])).toEqual({ events: expected, error: undefined })
  })
})

describe('what is not understood', () => {
  it.each([
    ['comments and unknown fields', ': ping\nfoo: bar\nretry: soon\n\n'],
    ['data that is not JSON', 'event: response.output_item.done\ndata: {"type":"response.outp\n\n'],
    ['data that is no object', 'data: [DONE]\n\ndata: 17\n\ndata: null\n\n'],
    [
      'events of unknown types',
      sse({ type: 'response.wild', item: message }, { type: 'constructor' }, { type: '__proto__' }),
    ],
    [
      'a known event without its fields',
      sse({ type: 'response.output_text.delta' }, { type: 'response.output_item.done' }),
    ],
    [
      'items that are none',
      sse(
        { type: 'response.output_item.done', item: [1] },
        { type: 'response.output_item.done', item: { id: 'x' } },
      ),
    ],
  ])('is passed over: %s', async (_name, garbage) => {
    expect(await read([garbage + whole])).toEqual({ events: expected, error: undefined })
  })

  it('is replaced where it is not UTF-8', async () => {
    const cut = whole.indexOf('data: {"type":"response.output_text.delta"')
    const broken = Uint8Array.of(
      0x64,
      0x61,
      0x74,
      0x61,
      0x3a,
      0xff,
      0xc3,
      0x28,
      0xf0,
      0x9f,
      0x0a,
      0x0a,
    )
    expect(await read([whole.slice(0, cut), broken, whole.slice(cut)])).toEqual({
      events: expected,
      error: undefined,
    })
    const delta = '{"type":"response.output_text.delta","item_id":"m","delta":"a'
    const { events } = await read([
      `data: ${delta}`,
      Uint8Array.of(0xff),
      `"}\n\n${sse(completed)}`,
    ])
    expect(events[0]).toEqual({ type: 'text_delta', itemId: 'm', delta: 'a\uFFFD' })
  })

  it('never leads to anything but a broken stream, whatever the bytes are', async () => {
    let seed = 1
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
    const words = [
      'data:',
      'event: ',
      'response.output_item.done',
      '\n',
      '\r\n',
      '\n\n',
      '{"type":',
      '"item":{',
      '}',
      '"error":',
      '\u0000',
      'null',
      ...Array.from(whole),
    ]
    for (let round = 0; round < 400; round += 1) {
      const pieces = Array.from({ length: 1 + random(40) }, () => {
        const word = encoder.encode(words[random(words.length)] ?? '')
        return random(3) === 0 ? Uint8Array.from({ length: random(9) }, () => random(256)) : word
      })
      const { error } = await read(pieces)
      expect(isHooklineError(error) && error.code).toBe('MODEL_STREAM_BROKEN')
    }
  })
})

describe('large events', () => {
  it('are read whole', async () => {
    const text = 'x'.repeat(5_000_000)
    const item = { ...message, content: [{ type: 'output_text', text }] }
    const bytes = encoder.encode(sse({ type: 'response.output_item.done', item }, completed))
    const pieces = Array.from({ length: Math.ceil(bytes.length / 16_384) }, (_, at) =>
      bytes.subarray(at * 16_384, (at + 1) * 16_384),
    )
    const { events } = await read(pieces)
    expect(events[0]).toMatchObject({ item: { parts: [{ text }] } })
  })

  it('that never end are given up for good', async () => {
    const piece = encoder.encode('y'.repeat(8 * 1024 * 1024))
    const { error } = await read(['data: ', ...Array.from({ length: 10 }, () => piece)])
    expect(error).toMatchObject({
      code: 'MODEL_STREAM_BROKEN',
      retry: { phase: 'stream', retryable: false },
    })
  })
})
