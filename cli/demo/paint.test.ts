import { expect, it } from 'vitest'
import { paintFor, wrap } from './paint.ts'

it.each([
  ['one two three', 'one two\nthree'],
  ['onetwothree four', 'onetwothree\nfour'],
  ['one\n\ntwo', 'one\n\ntwo'],
  ['', ''],
])('breaks %j between words', (text, expected) => {
  expect(wrap(text, '', 8)).toBe(expected)
})

it('counts the indent of each line', () => {
  expect(wrap('one two three\n\nfour', '  ', 9)).toBe('  one two\n  three\n\n  four')
})

it('paints when told to, and not when told not to', () => {
  expect(paintFor('always')('red', 'x')).toBe('\u001b[31mx\u001b[39m')
  expect(paintFor('never')('red', 'x')).toBe('x')
})
