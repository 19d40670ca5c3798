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
  /** Absent in lists. */
  readonly keys: Set<string> | undefined
  step: string | number
}

/** Where in the document the reading is. */
class Position {
  readonly #levels: Level[] = []
  /** The next text is a key. */
  takesKey = false

  get path(): readonly (string | number)[] {
    return this.#levels.map(({ step }) => step)
  }

  open(sign: '{' | '['): void {
    this.takesKey = sign === '{'
    this.#levels.push(this.takesKey ? { keys: new Set(), step: '' } : { keys: undefined, step: 0 })
  }

  close(): void {
    this.#levels.pop()
    this.takesKey = false
  }

  next(): void {
    const level = this.#levels.at(-1)
    this.takesKey = level?.keys !== undefined
    if (typeof level?.step === 'number') level.step += 1
  }

  /** True where the object has the key already. */
  enter(key: string): boolean {
    this.takesKey = false
    const level = this.#levels.at(-1)
    if (!level?.keys) return false
    level.step = key
    const isTwice = level.keys.has(key)
    level.keys.add(key)
    return isTwice
  }
}

/** Finds keys that stand in an object twice: a parser takes the last one and says nothing. The text must be JSON. */
export function duplicateKeys(text: string): readonly TwiceKey[] {
  const found: TwiceKey[] = []
  const position = new Position()
  for (const { 0: sign, index } of text.matchAll(token)) {
    if (sign === '{' || sign === '[') position.open(sign)
    else if (sign === '}' || sign === ']') position.close()
    else if (sign === ',') position.next()
    else if (position.takesKey) {
      const key = String(JSON.parse(sign))
      if (position.enter(key)) found.push({ key, path: position.path, place: placeAt(text, index) })
    }
  }
  return found
}
