import type ivm from 'isolated-vm'
import { bootSource } from './boot.ts'
import { defaultMemoryMiB } from './protocol.ts'
import { callingText } from './source-form.ts'

export type Addon = typeof ivm

/** An isolate that is ready to run one script, and will never run another. */
export interface PreparedIsolate {
  readonly isolate: ivm.Isolate
  readonly context: ivm.Context
  /** Calls what the given function returns. What comes of it has to be collected. */
  readonly answer: ivm.Reference
  /** Calls the given function. */
  readonly answerBy: ivm.Reference
  /** Says what came of it as one text; empty where nothing was called yet. */
  readonly collect: ivm.Reference
  dispose(): void
}

const spareCount = 3
/** How many different memory limits have spares; a session hardly ever uses more than one. */
const mostLimits = 2

/** Isolates made in advance, because making one takes longer than most scripts run. */
export class IsolatePool {
  readonly #addon: Addon
  readonly #onCatastrophe: () => void
  /** By memory limit, the one used last at the end. */
  readonly #spares = new Map<number, PreparedIsolate[]>([[defaultMemoryMiB, []]])
  #isRefilling = false

  /** `onCatastrophe` is called when V8 has lost control; the process must end then. */
  constructor(addon: Addon, onCatastrophe: () => void) {
    this.#addon = addon
    this.#onCatastrophe = onCatastrophe
  }

  async take(memoryMiB: number): Promise<PreparedIsolate> {
    const spares = this.#spares.get(memoryMiB) ?? []
    this.#spares.delete(memoryMiB)
    this.#spares.set(memoryMiB, spares)
    return spares.shift() ?? this.#prepare(memoryMiB)
  }

  /** Makes spares one by one for as long as nothing runs: making one keeps the thread busy that answers are sent from. */
  async refill(isIdle: () => boolean): Promise<void> {
    if (this.#isRefilling) return
    this.#isRefilling = true
    try {
      this.#forgetOldLimits()
      for (const [memoryMiB, spares] of this.#spares) {
        while (spares.length < spareCount && isIdle()) {
          spares.push(await this.#prepare(memoryMiB))
          await new Promise(setImmediate)
        }
      }
    } finally {
      this.#isRefilling = false
    }
  }

  #forgetOldLimits(): void {
    for (const [memoryMiB, spares] of this.#spares) {
      if (this.#spares.size <= mostLimits) return
      this.#spares.delete(memoryMiB)
      for (const spare of spares) spare.dispose()
    }
  }

  async #prepare(memoryMiB: number): Promise<PreparedIsolate> {
    const isolate = new this.#addon.Isolate({
      memoryLimit: memoryMiB,
      onCatastrophicError: this.#onCatastrophe,
    })
    const context = await isolate.createContext()
    const boot: ivm.Reference = await context.eval(bootSource, { reference: true })
    const [answer, answerBy, collect] = await Promise.all([
      boot.get(0, { reference: true }),
      boot.get(1, { reference: true }),
      boot.get(2, { reference: true }),
    ])
    const warmUp = callingText('return event', 'body')
    context.evalClosure(warmUp.text, [answer.derefInto(), '{}']).catch(() => {})
    await collect.apply()
    return {
      isolate,
      context,
      answer,
      answerBy,
      collect,
      dispose() {
        // It disposes of itself when it runs out of memory, at any moment.
        try {
          isolate.dispose()
        } catch {}
      },
    }
  }
}
