import type { SessionEvent } from '../points/events.ts'

/** Events of one turn for whoever iterates it; nothing is kept where nobody does. */
export class EventQueue implements AsyncIterable<SessionEvent> {
  readonly #events: SessionEvent[] = []
  #ended = false
  #wake: (() => void) | undefined
  #wanted = false

  push(event: SessionEvent): void {
    if (!this.#wanted) return
    this.#events.push(event)
    this.#wake?.()
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  [Symbol.asyncIterator](): AsyncGenerator<SessionEvent> {
    this.#wanted = true
    return this.#iterate()
  }

  async *#iterate(): AsyncGenerator<SessionEvent> {
    for (;;) {
      const event = this.#events.shift()
      if (event) {
        yield event
        continue
      }
      if (this.#ended) return
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      await promise
      this.#wake = undefined
    }
  }
}
