import type { Log } from 'hookline'
import type { Outcome } from './verdict.ts'

/** What an asynchronous run may still do with its result. */
export interface Later {
  /** Tells the model, at the next opportunity. */
  tell(text: string): void
  readonly log: Log
}

/** Runs to its end, or to the abort of the signal. Undefined: it counts for nothing. */
export type AsyncRun = (signal: AbortSignal) => Promise<Outcome | undefined>

const mostRunning = 32
const mostWaiting = 64

/** Runs that nobody waits for. They cannot decide anything; what they say arrives later. */
export class Background {
  readonly #later: Later
  readonly #lifetime = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #waiting: AsyncRun[] = []

  constructor(later: Later) {
    this.#later = later
  }

  /** False: too many wait already, and this one is left out. */
  start(run: AsyncRun): boolean {
    const hasPlace = this.#running.size < mostRunning
    if (hasPlace) this.#begin(run)
    else if (this.#waiting.length < mostWaiting) this.#waiting.push(run)
    else {
      this.#later.log.warn(`too many asynchronous hooks are running; one is left out`)
      return false
    }
    return true
  }

  /** Ends what still runs, and waits until it is gone. */
  async close(): Promise<void> {
    this.#waiting.length = 0
    this.#lifetime.abort()
    await Promise.all(this.#running)
  }

  #begin(run: AsyncRun): void {
    const running = this.#follow(run).finally(() => {
      this.#running.delete(running)
      const next = this.#waiting.shift()
      if (next) this.#begin(next)
    })
    this.#running.add(running)
  }

  async #follow(run: AsyncRun): Promise<void> {
    const outcome = await run(this.#lifetime.signal)
    if (!outcome || this.#lifetime.signal.aborted) return
    for (const { kind, text } of outcome.entries) if (kind === 'warning') this.#later.log.warn(text)
    if (outcome.effects.context !== undefined) this.#later.tell(outcome.effects.context)
  }
}
