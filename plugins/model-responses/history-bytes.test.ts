import { describe, expect, it } from 'vitest'
import { itemJson, type Item } from 'hookline'
import { historyBytes } from './history-bytes.ts'

const say = (text: string): Item => ({
  type: 'message',
  id: text.slice(0, 8),
  role: 'user',
  parts: [{ type: 'text', text }],
})
const decoded = (items: readonly Item[]): unknown =>
  JSON.parse(`[${Buffer.from(historyBytes(items)).toString()}]`)
const expected = (items: readonly Item[]): unknown =>
  items.map((item): unknown => JSON.parse(itemJson(item)))

describe('the encoded history', () => {
  it('grows with its list, whatever the texts are made of', () => {
    const items: Item[] = []
    for (const text of ['one', 'zwei ✓ ü', 'x'.repeat(40_000), '\u0000"\\', '😀'.repeat(5000)]) {
      items.push(say(text))
      expect(decoded(items)).toEqual(expected(items))
    }
  })

  it('keeps what it gave out when it grows on', () => {
    const items = [say('first')]
    const before = historyBytes(items)
    const copy = Buffer.from(before)
    items.push(say('y'.repeat(100_000)))
    historyBytes(items)
    expect(Buffer.from(before)).toEqual(copy)
  })

  it('starts anew when a list was replaced or cut', () => {
    const items = [say('a'), say('b'), say('c')]
    historyBytes(items)
    items.splice(1, 2)
    expect(decoded(items)).toEqual(expected(items))
    items.splice(0, 1, say('z'))
    expect(decoded(items)).toEqual(expected(items))
  })

  it('is empty for no items', () => {
    expect(decoded([])).toEqual([])
  })
})
