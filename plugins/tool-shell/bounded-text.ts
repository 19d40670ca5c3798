/**
 * Text that may grow without end: over the limit its middle is left out, and the text says so.
 * The limit is in characters.
 */
export class BoundedText {
  readonly #half: number
  #head = ''
  #tail = ''
  #dropped = 0

  constructor(limit: number) {
    this.#half = Math.floor(limit / 2)
  }

  append(text: string): void {
    const room = this.#half - this.#head.length
    if (room >= text.length) {
      this.#head += text
      return
    }
    if (room > 0) this.#head += text.slice(0, room)
    this.#tail += room > 0 ? text.slice(room) : text
    // Cut only now and then: each cut copies the tail.
    if (this.#tail.length > 2 * this.#half) this.#trim()
  }

  /** Characters that are no longer there. */
  get dropped(): number {
    this.#trim()
    return this.#dropped
  }

  text(): string {
    this.#trim()
    if (this.#dropped === 0) return this.#head + this.#tail
    return `${this.#head}\n[${this.#dropped} characters left out]\n${this.#tail}`
  }

  #trim(): void {
    const surplus = this.#tail.length - this.#half
    if (surplus <= 0) return
    this.#tail = this.#tail.slice(surplus)
    this.#dropped += surplus
  }
}
