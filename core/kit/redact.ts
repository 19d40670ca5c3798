const shortestSecret = 8
const shortestPart = 12
/** Every part of 12 characters holds one whole block of 6 that starts at a multiple of 6. */
const block = 6
const replacement = '<redacted>'

type Range = readonly [start: number, end: number]

interface Occurrence {
  readonly secret: string
  readonly offset: number
}

/**
 * Replaces registered secrets, and every part of 12 characters or more of one, by `<redacted>`. Values shorter than 8
 * characters are not registered: they would tear ordinary text apart.
 */
export class Redactor {
  readonly #short: Set<string> = new Set()
  readonly #known: Set<string> = new Set()
  /** Where the secrets hold a block, by its hash. */
  readonly #blocks: Map<number, Occurrence[]> = new Map()

  /** Registers a secret; blanks around it do not count. */
  add(secret: string): void {
    const value = secret.trim()
    if (value.length < shortestSecret || this.#known.has(value)) return
    this.#known.add(value)
    if (value.length < shortestPart) this.#short.add(value)
    else this.#index(value)
  }

  redact(text: string): string {
    if (this.#known.size === 0 || text.length < shortestSecret) return text
    const found = [...this.#parts(text), ...this.#shortOnes(text)]
    return found.length === 0 ? text : replaced(text, found)
  }

  #index(secret: string): void {
    for (let offset = 0; offset + block <= secret.length; offset += 1) {
      const hash = hashOf(secret, offset)
      this.#blocks.set(hash, [...(this.#blocks.get(hash) ?? []), { secret, offset }])
    }
  }

  #parts(text: string): Range[] {
    const found: Range[] = []
    let done = 0
    for (let at = 0; at + block <= text.length; at += block) {
      if (at + block <= done) continue
      for (const occurrence of this.#blocks.get(hashOf(text, at)) ?? []) {
        const [start, end] = widest(text, at, occurrence)
        if (end - start < shortestPart) continue
        found.push([start, end])
        done = Math.max(done, end)
      }
    }
    return found
  }

  #shortOnes(text: string): Range[] {
    const found: Range[] = []
    for (const secret of this.#short) {
      for (let at = text.indexOf(secret); at !== -1; at = text.indexOf(secret, at + 1)) {
        found.push([at, at + secret.length])
      }
    }
    return found
  }
}

function hashOf(text: string, at: number): number {
  let hash = 0
  for (let index = at; index < at + block; index += 1) {
    hash = (hash * 31 + text.charCodeAt(index)) & 0xffffff
  }
  return hash
}

/** As much as text and secret have in common around one place of each. */
function widest(text: string, at: number, { secret, offset }: Occurrence): Range {
  let before = 0
  while (before < Math.min(offset, at) && text[at - before - 1] === secret[offset - before - 1]) {
    before += 1
  }
  let after = 0
  const most = Math.min(secret.length - offset, text.length - at)
  while (after < most && text[at + after] === secret[offset + after]) after += 1
  return [at - before, at + after]
}

function replaced(text: string, found: readonly Range[]): string {
  let result = ''
  let done = 0
  for (const [start, end] of found.toSorted((left, right) => left[0] - right[0])) {
    if (end <= done) continue
    // What touches or overlaps the last one is covered by its replacement.
    if (start > done || done === 0) result += text.slice(done, start) + replacement
    done = end
  }
  return result + text.slice(done)
}
