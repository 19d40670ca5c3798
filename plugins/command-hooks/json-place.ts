import type { Place } from 'hookline'

const blank = /[\s]*/y
const textToken = /"(?:[^"\\]|\\.)*"/y
const bareToken = /[^\s,\]}]+/y

/** Reads over JSON that has been parsed already, so it need not doubt it. */
class Scanner {
  readonly #text: string
  at = 0

  constructor(text: string) {
    this.#text = text
  }

  token(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.#text)?.[0] ?? ''
    this.at += found.length
    return found
  }

  peek(): string | undefined {
    this.token(blank)
    return this.#text[this.at]
  }

  skipValue(): void {
    const first = this.peek()
    if (first === '"') this.token(textToken)
    else if (first === '{' || first === '[') this.#skipNested()
    else this.token(bareToken)
  }

  #skipNested(): void {
    let depth = 0
    do {
      const next = this.peek()
      if (next === undefined) return
      if (next === '"') this.token(textToken)
      else this.at += 1
      if (next === '{' || next === '[') depth += 1
      if (next === '}' || next === ']') depth -= 1
    } while (depth > 0)
  }

  /** Moves to a member of the value it stands before: to the name of an object's, to the value of an array's. */
  enter(word: string): boolean {
    const open = this.peek()
    if (open !== '{' && open !== '[') return false
    this.at += 1
    for (let index = 0; ; index += 1) {
      const next = this.peek()
      if (next === undefined || next === '}' || next === ']') return false
      const start = this.at
      if (open === '[' && String(index) === word) return true
      if (open === '{') {
        const name: unknown = JSON.parse(this.token(textToken))
        if (name === word) {
          this.at = start
          return true
        }
        this.#colon()
      }
      this.skipValue()
      if (this.peek() === ',') this.at += 1
    }
  }

  /** From the name of an object's member to its value. */
  intoValue(): void {
    if (this.peek() !== '"') return
    const start = this.at
    this.token(textToken)
    if (this.peek() === ':') this.#colon()
    else this.at = start
  }

  #colon(): void {
    if (this.peek() === ':') this.at += 1
  }
}

/** Line and column of an offset; both count from 1. */
export function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return { line, column: offset - before.lastIndexOf('\n') }
}

/** Finds the place of a member in JSON text that parses. */
export function locateJson(text: string, path: readonly string[]): Place | undefined {
  const scanner = new Scanner(text)
  for (const word of path) {
    scanner.intoValue()
    if (!scanner.enter(word)) return undefined
  }
  scanner.peek()
  return placeAt(text, scanner.at)
}
