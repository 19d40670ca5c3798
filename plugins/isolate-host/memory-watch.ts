const checkMs = 50
/** The process itself with its spare isolates. */
const ownMiB = 256
/** An isolate may take a few times its limit before V8 notices. */
const tolerance = 4

/**
 * Calls `onExcess` when the process holds far more than its runs may: a few built-in functions pass an isolate's own
 * limit and cannot be interrupted, and would take all memory of the machine until their time is over.
 */
export class MemoryWatch {
  readonly #allowedMiB: () => number
  readonly #onExcess: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(allowedMiB: () => number, onExcess: () => void) {
    this.#allowedMiB = allowedMiB
    this.#onExcess = onExcess
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      const heldMiB = process.memoryUsage.rss() / 1024 / 1024
      if (heldMiB > ownMiB + tolerance * this.#allowedMiB()) this.#onExcess()
    }, checkMs)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
