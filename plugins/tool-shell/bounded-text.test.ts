import { describe, expect, it } from 'vitest'
import { BoundedText } from './bounded-text.ts'

describe('BoundedText', () => {
  it('keeps everything up to its limit', () => {
    const text = new BoundedText(10)
    for (const piece of ['abc', 'defg', 'hij']) text.append(piece)
    expect(text.text()).toBe('abcdefghij')
    expect(text.dropped).toBe(0)
  })

  it('keeps beginning and end of what is longer, and says how much is missing', () => {
    const text = new BoundedText(10)
    for (let at = 0; at < 100; at += 1) text.append(String(at % 10))
    expect(text.text()).toBe('01234\n[90 characters left out]\n56789')
    expect(text.dropped).toBe(90)
  })

  it('says the same whatever the pieces are', () => {
    const whole = 'x'.repeat(30) + 'y'.repeat(30)
    const [once, pieces] = [new BoundedText(20), new BoundedText(20)]
    once.append(whole)
    for (const character of whole) pieces.append(character)
    expect(pieces.text()).toBe(once.text())
    expect(pieces.dropped).toBe(40)
  })
})
