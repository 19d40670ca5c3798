import { startClock } from './clock.ts'
import type { IsolatePool, PreparedIsolate } from './pool.ts'
import type { CellOutcome, EvaluateMessage, HostMessage } from './protocol.ts'
import { outcomeOfFault, runSource, tooMuchMemory } from './run-source.ts'

/** How long a run that is ended may take to leave its isolate. */
const leaveMs = 150

/** What a run needs of its process. */
export interface EvaluationHost {
  readonly pool: IsolatePool
  /** The process holds far more memory than its runs may. */
  readonly isStarving: () => boolean
  readonly send: (message: HostMessage) => void
}

/**
 * One run in one isolate. It is answered once and not before it has left its isolate, because what still runs may yet
 * take the process down, and with it the next run. Where it does not leave, the process is given up before the answer.
 */
export class Evaluation {
  readonly message: EvaluateMessage
  readonly #host: EvaluationHost
  #prepared: PreparedIsolate | undefined
  /** Set when it is ended from outside. */
  #ending: CellOutcome | undefined
  #leaving: NodeJS.Timeout | undefined
  #isAnswered = false

  constructor(message: EvaluateMessage, host: EvaluationHost) {
    this.message = message
    this.#host = host
  }

  /** Settles when the isolate is left, and with it where there was one; never rejects. */
  async run(): Promise<PreparedIsolate | undefined> {
    const outcome = await this.#run()
    clearTimeout(this.#leaving)
    this.#answer(this.#ending ?? outcome)
    return this.#prepared
  }

  /** Ends it because nobody waits for it any more. */
  cancel(): void {
    this.#end({ kind: 'aborted', message: `${this.message.name} was aborted` })
  }

  async #run(): Promise<CellOutcome> {
    let stopClock: (() => void) | undefined
    try {
      this.#prepared = await this.#host.pool.take(this.message.memoryMiB)
      if (this.#ending) return this.#ending
      const outcome = runSource(this.#prepared, this.message)
      // After the isolate has got its work, which goes on beside this.
      stopClock = this.#startClock()
      return await outcome
    } catch (error) {
      return outcomeOfFault(error, this.message, this.#prepared)
    } finally {
      stopClock?.()
    }
  }

  #startClock(): () => void {
    const { name, timeoutMs } = this.message
    const message = `${name} takes longer than ${timeoutMs} ms`
    return startClock({
      timeoutMs,
      isStarving: this.#host.isStarving,
      onExpired: () => this.#end({ kind: 'timeout', message }),
      onStarved: () => this.#end(tooMuchMemory(this.message)),
    })
  }

  #end(ending: CellOutcome): void {
    if (this.#ending || this.#isAnswered) return
    this.#ending = ending
    this.#prepared?.dispose()
    this.#leaving = setTimeout(() => {
      this.#host.send({ type: 'stuck', cell: this.message.cell })
      this.#answer(ending)
    }, leaveMs)
  }

  #answer(outcome: CellOutcome): void {
    if (this.#isAnswered) return
    this.#isAnswered = true
    this.#host.send({ type: 'answer', cell: this.message.cell, outcome })
  }
}
