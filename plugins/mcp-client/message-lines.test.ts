import { describe, expect, it } from 'vitest'
import { MessageLines } from './message-lines.ts'

describe('MessageLines', () => {
  it('puts lines together again, however they were cut', () => {
    const whole = Buffer.from('{"a":"ü"}\n\n{"b":2}\n{"c"')
    for (let at = 0; at <= whole.length; at += 1) {
      const lines = new MessageLines()
      const read = [...lines.take(whole.subarray(0, at)), ...lines.take(whole.subarray(at))]
      expect(read).toEqual(['{"a":"ü"}', '', '{"b":2}'])
      expect(lines.take(Buffer.from(':3}\n'))).toEqual(['{"c":3}'])
    }
  })

  it('holds no line that is too long, in whatever pieces it comes', () => {
    const lines = new MessageLines()
    const piece = Buffer.alloc(1024 * 1024, 'x')
    for (let count = 0; count < 16; count += 1) expect(lines.take(piece)).toEqual([])
    expect(() => lines.take(Buffer.from('x'))).toThrow('a message of more than 16 MiB')
  })

  it('does not take lines that come too fast', () => {
    const lines = new MessageLines()
    const many = Buffer.from('\n'.repeat(10_000))
    expect(lines.take(many)).toHaveLength(10_000)
    expect(() => lines.take(Buffer.from('\n'))).toThrow('more than 10000 messages')
  })
})
