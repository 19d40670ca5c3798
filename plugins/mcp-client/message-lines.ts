/** Images come as base64 in one line; more than this is no tool's answer. */
const mostBytes = 16 * 1024 * 1024
/** Every line costs the session time, wanted or not. */
const mostPerSecond = 10_000

/** Cuts what a server writes into lines, within bounds. */
export class MessageLines {
  readonly #held: Buffer[] = []
  #heldBytes = 0
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
    this.#hold(rest)
    const line = this.#held.length === 1 ? rest : Buffer.concat(this.#held)
    this.#held.length = 0
    this.#heldBytes = 0
    return line.toString()
  }

  #hold(part: Buffer): void {
    this.#heldBytes += part.length
    if (this.#heldBytes > mostBytes) {
      throw new Error(`it sent a message of more than ${mostBytes / 1024 / 1024} MiB`)
    }
    this.#held.push(part)
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
