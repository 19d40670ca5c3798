import { wrapError, type HooklineError } from 'hookline'
import { broken, faultOf, unreachable } from './connection-failure.ts'
import type { Endpoint } from './endpoint.ts'

/** Ends an attempt that is interrupted or silent for too long, and says which it was. */
export class Watch {
  readonly #endpoint: Endpoint
  readonly #turn: AbortSignal
  readonly #controller = new AbortController()
  readonly #onAbort = () => this.#controller.abort()
  readonly #timer: NodeJS.Timeout | undefined
  #waiting = false
  #silent = false

  constructor(endpoint: Endpoint, turn: AbortSignal) {
    this.#endpoint = endpoint
    this.#turn = turn
    if (turn.aborted) this.#controller.abort()
    turn.addEventListener('abort', this.#onAbort, { once: true })
    if (endpoint.idleTimeoutMs > 0)
      this.#timer = setTimeout(() => this.#onSilence(), endpoint.idleTimeoutMs).unref()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Waits for the other side. Only this time counts as silence: what the turn does between two events does not. */
  async during<T>(phase: 'open' | 'stream', act: () => Promise<T>): Promise<T> {
    this.#timer?.refresh()
    this.#waiting = true
    try {
      return await act()
    } catch (error) {
      throw this.#explain(phase, error)
    } finally {
      this.#waiting = false
    }
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#turn.removeEventListener('abort', this.#onAbort)
  }

  #onSilence(): void {
    if (!this.#waiting) return
    this.#silent = true
    this.#controller.abort()
  }

  #explain(phase: 'open' | 'stream', error: unknown): HooklineError {
    if (this.#turn.aborted) return wrapError(this.#turn.reason, 'TURN_INTERRUPTED')
    const { name, shownUrl, idleTimeoutMs } = this.#endpoint
    const silence = `nothing was received for ${idleTimeoutMs / 1000} s`
    if (phase === 'stream')
      return this.#silent
        ? broken(`idle timeout, ${silence}`)
        : broken(faultOf(error).text, { cause: error })
    return unreachable(name, shownUrl, this.#silent ? new Error(silence) : error)
  }
}
