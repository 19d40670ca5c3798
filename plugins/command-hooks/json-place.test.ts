import { describe, expect, it } from 'vitest'
import { locateJson } from './json-place.ts'

const text = `{
  "a": {"b": [1, "x{]\\"", {"c": true}], "b\\u0063": null},
  "": {"d": {}}
}`

describe('the place of a value', () => {
  it.each([
    [[], { line: 1, column: 1 }],
    [['a'], { line: 2, column: 3 }],
    [['a', 'b'], { line: 2, column: 9 }],
    [['a', 'b', '0'], { line: 2, column: 15 }],
    [['a', 'b', '1'], { line: 2, column: 18 }],
    [['a', 'b', '2', 'c'], { line: 2, column: 28 }],
    [['a', 'bc'], { line: 2, column: 41 }],
    [['', 'd'], { line: 3, column: 8 }],
  ])('%j is where it stands', (path, place) => {
    expect(locateJson(text, path)).toEqual(place)
  })

  it.each([[['x']], [['a', 'b', '3']], [['a', 'b', '0', 'x']], [['a', 'b', 'c']]])(
    '%j is nowhere',
    (path) => {
      expect(locateJson(text, path)).toBeUndefined()
    },
  )
})
