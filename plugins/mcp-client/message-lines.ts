/** Images come as base64 in one line; more than this is no tool's answer. */
const mostBytes = 16 * 1024 * 1024
/** Every line costs the session time, wanted or not. */
const mostPerSecond = 10_000

/** Cuts what a server writes into lines, within bounds. */
export class MessageLines {
  /** The line that is not complete yet, with room to grow. */
  #held = Buffer.alloc(0)
  #size = 0
  #countedSince = 0
  #counted = 0

  /** The lines that a piece completes. Throws where a line is too long, or lines come too fast. */
  take(piece: Buffer): readonly string[] {
    const lines: string[] = []
    let start = 0
    for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, start)) {
      lines.push(this.#complete(piece.subarray(start, end)))
      start = end + 1
    }
    this.#hold(piece.subarray(start))
    this.#count(lines.length)
    return lines
  }

  #complete(rest: Buffer): string {
    if (this.#size === 0) return rest.toString()
    this.#hold(rest)
    const line = this.#held.toString('utf8', 0, this.#size)
    this.#held = Buffer.alloc(0)
    this.#size = 0
    return line
  }

  #hold(part: Buffer): void {
    const size = this.#size + part.length
    if (size > mostBytes) {
      throw new Error(`it sent a message of more than ${mostBytes / 1024 / 1024} MiB`)
    }
    if (size > this.#held.length) {
      const grown = Buffer.allocUnsafe(size * 2)
      this.#held.copy(grown, 0, 0, this.#size)
      this.#held = grown
    }
    part.copy(this.#held, this.#size)
    this.#size = size
  }

  #count(lines: number): void {
    const now = performance.now()
    if (now - this.#countedSince > 1000) {
      this.#countedSince = now
      this.#counted = 0
    }
    this.#counted += lines
    if (this.#counted > mostPerSecond) {
      throw new Error(`it sent more than ${mostPerSecond} messages in a second`)
    }
  }
}
