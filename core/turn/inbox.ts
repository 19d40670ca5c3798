import type { Inbox } from '../service-keys.ts'

const mostTexts = 8
/** About 10,000 tokens. */
const mostBytes = 40_000

/** Texts for the model that came from beside the loop; they wait for the next request or prompt. */
export class WaitingTexts implements Inbox {
  readonly #texts: string[] = []

  tell(text: string): void {
    this.#texts.push(text)
  }

  /** Takes what one request may carry, at least one text where any waits. */
  take(): readonly string[] {
    const taken: string[] = []
    let bytes = 0
    for (const text of this.#texts.slice(0, mostTexts)) {
      bytes += Buffer.byteLength(text)
      if (taken.length > 0 && bytes > mostBytes) break
      taken.push(text)
    }
    this.#texts.splice(0, taken.length)
    return taken
  }
}
