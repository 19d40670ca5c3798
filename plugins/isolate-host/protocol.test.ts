import { describe, expect, it } from 'vitest'
import { encodeMessage, lineReader, readHostMessage } from './protocol.ts'

describe('the reader of lines', () => {
  it('puts lines together however they are cut', () => {
    const text = encodeMessage({ type: 'cancel', cell: 1 }) + encodeMessage({ type: 'ready' })
    for (let size = 1; size <= text.length; size += 1) {
      const lines: string[] = []
      const read = lineReader({ onLine: (line) => lines.push(line) })
      for (let at = 0; at < text.length; at += size) read(text.slice(at, at + size))
      expect(lines).toEqual(['{"type":"cancel","cell":1}', '{"type":"ready"}'])
    }
  })

  it('gives up on a line that is too long, and reads nothing after it', () => {
    const seen: string[] = []
    const read = lineReader({
      onLine: (line) => seen.push(line),
      mostChars: 10,
      onOverflow: () => seen.push('overflow'),
    })
    for (const piece of ['short\n', '123456', '78901', 'x\n', 'late\n']) read(piece)
    expect(seen).toEqual(['short', 'overflow'])
  })
})

describe('what a host says', () => {
  it.each([
    { type: 'ready' },
    { type: 'unusable', reason: 'no build' },
    { type: 'stuck', cell: 3 },
    { type: 'answer', cell: 1, outcome: { kind: 'value', json: '{}' } },
    { type: 'answer', cell: 2, outcome: { kind: 'timeout', message: 'late' } },
  ])('is read where it keeps to the protocol: %j', (message) => {
    expect(readHostMessage(JSON.stringify(message))).toEqual(message)
  })

  it.each([
    'no json',
    'null',
    '[]',
    '{"type":"evaluate","cell":1}',
    '{"type":"unusable"}',
    '{"type":"stuck"}',
    '{"type":"answer","cell":"1","outcome":{"kind":"value","json":""}}',
    '{"type":"answer","cell":1}',
    '{"type":"answer","cell":1,"outcome":{"kind":"value"}}',
    '{"type":"answer","cell":1,"outcome":{"kind":"crash","message":""}}',
    '{"type":"answer","cell":1,"outcome":{"kind":"toString","message":""}}',
  ])('is refused where it does not: %s', (line) => {
    expect(readHostMessage(line)).toBeUndefined()
  })
})
