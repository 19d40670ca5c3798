import { placeAt } from '../../../plugins/command-hooks/json-place.ts'
import type { Place } from 'hookline'

/** A key that an object of JSON has a second time. */
export interface TwiceKey {
  readonly key: string
  readonly path: readonly (string | number)[]
  readonly place: Place
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

interface Level {
  readonly keys: Set<string> | undefined
  step: string | number
}

/** Finds keys that stand in an object twice: a parser takes the last one and says nothing. The text must be JSON. */
export function duplicateKeys(text: string): readonly TwiceKey[] {
  const found: TwiceKey[] = []
  const levels: Level[] = []
  let takesKey = false
  for (const { 0: sign, index } of text.matchAll(token)) {
    const level = levels.at(-1)
    if (sign === '{' || sign === '[') {
      levels.push(sign === '{' ? { keys: new Set(), step: '' } : { keys: undefined, step: 0 })
      takesKey = sign === '{'
    } else if (sign === '}' || sign === ']') {
      levels.pop()
      takesKey = false
    } else if (sign === ',' && level) {
      takesKey = level.keys !== undefined
      if (typeof level.step === 'number') level.step += 1
    } else if (takesKey && level?.keys) {
      takesKey = false
      const key = String(JSON.parse(sign))
      level.step = key
      if (level.keys.has(key))
        found.push({ key, path: levels.map(({ step }) => step), place: placeAt(text, index) })
      level.keys.add(key)
    }
  }
  return found
}
