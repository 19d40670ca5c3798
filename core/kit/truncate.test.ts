import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { headAndTail, truncateMiddle } from './truncate.ts'

const numbers = `${Array.from({ length: 30_000 }, (_, index) => index + 1).join('\n')}\n`

describe('truncateMiddle', () => {
  it('leaves a text that fits as it is', () => {
    expect(truncateMiddle('12345678', 2)).toEqual({
      text: '12345678',
      truncated: false,
      originalTokens: 2,
    })
    expect(truncateMiddle('', 0)).toEqual({ text: '', truncated: false, originalTokens: 0 })
  })

  it('keeps both ends of a long output, as the model is used to', () => {
    const { text, truncated, originalTokens } = truncateMiddle(numbers, 10_000)
    expect([truncated, originalTokens]).toEqual([true, 42_224])
    expect(text).toMatch(
      /^Warning: truncated output \(original token count: 42224\)\nTotal output lines: 30000\n\n1\n2\n/,
    )
    expect(text).toContain('…32224 tokens truncated…')
    const output = `Chunk ID: <chunk>\nWall time: <secs> seconds\nProcess exited with code 0\nOriginal token count: 42224\nOutput:\n${text}`
    expect(output).toHaveLength(40_214)
    expect(createHash('sha256').update(output).digest('hex')).toBe(
      '8eeb6ab11a98d78267ce4deda87a2a0af31a08798c3964073ebb7f67731bbbc7',
    )
  })

  it('gives half of the budget to each end', () => {
    const { text } = truncateMiddle(`${'a'.repeat(1_000)}${'b'.repeat(1_000)}`, 50)
    expect(text.split('\n').at(-1)).toBe(
      `${'a'.repeat(100)}…450 tokens truncated…${'b'.repeat(100)}`,
    )
  })

  it('leaves only the mark where there is no budget', () => {
    expect(truncateMiddle('ab\ncd', 0).text).toBe(
      'Warning: truncated output (original token count: 2)\nTotal output lines: 2\n\n…2 tokens truncated…',
    )
  })

  it.each([
    ['é', 10],
    ['€', 10],
    ['😀', 10],
  ])('never cuts through a character such as %s', (character, budget) => {
    for (let shift = 0; shift < 4; shift += 1) {
      const { text } = truncateMiddle(
        'x'.repeat(shift) + character.repeat(100) + 'x'.repeat(shift),
        budget,
      )
      expect(text).not.toContain('\uFFFD')
      expect(text.isWellFormed()).toBe(true)
      const kept = (text.split('\n').at(-1) ?? '').replace(/…\d+ tokens truncated…/, '')
      expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(40)
      expect(Buffer.byteLength(kept)).toBeGreaterThan(40 - 8)
    }
  })
})

describe('headAndTail', () => {
  it('leaves a text that fits as it is', () => {
    expect(headAndTail('abc', 3)).toBe('abc')
  })

  it.each([0, 1, 10, 27, 28, 50, 999])('keeps within %i bytes', (maxBytes) => {
    const text = headAndTail('ä'.repeat(500), maxBytes)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes)
    expect(text).not.toContain('\uFFFD')
  })

  it('says how much is missing', () => {
    expect(headAndTail(`${'a'.repeat(500)}${'b'.repeat(500)}`, 44)).toBe(
      'aaaaaaaaaa…980 bytes omitted…bbbbbbbbbb',
    )
  })
})
