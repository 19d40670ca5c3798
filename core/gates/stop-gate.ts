import type { Gate } from './gate.ts'

/** One reason to go on, with the run that gave it. */
export interface GoOn {
  readonly reason: string
  /** Names the hook run in the message to the model; absent: the reason is told as it stands. */
  readonly runId?: string
}

interface State {
  readonly goOn: readonly GoOn[]
  readonly ended: string | undefined
}

/** Whether a turn that is done really ends. Reasons to go on add up; an end against them is final. */
export class StopGate implements Gate<StopGate> {
  /** The last message of the model. */
  readonly lastMessage: string | undefined
  /** How often a stop hook has made this turn go on already. */
  readonly continuations: number
  readonly #state: State

  private constructor(lastMessage: string | undefined, continuations: number, state: State) {
    this.lastMessage = lastMessage
    this.continuations = continuations
    this.#state = state
  }

  static of(facts: { readonly lastMessage?: string; readonly continuations: number }): StopGate {
    return new StopGate(facts.lastMessage, facts.continuations, { goOn: [], ended: undefined })
  }

  get goOn(): readonly GoOn[] {
    return this.#state.goOn
  }

  /** Present: the turn ends, whatever else was said. */
  get ended(): string | undefined {
    return this.#state.ended
  }

  continue(reason: string, runId?: string): StopGate {
    return this.#with({
      goOn: [...this.goOn, runId === undefined ? { reason } : { reason, runId }],
    })
  }

  end(reason: string): StopGate {
    return this.#with({ ended: this.ended ?? reason })
  }

  follows(before: StopGate): boolean {
    if (before.goOn.some((goOn) => !this.goOn.includes(goOn))) return false
    return before.ended === undefined || this.ended !== undefined
  }

  #with(change: Partial<State>): StopGate {
    return new StopGate(this.lastMessage, this.continuations, { ...this.#state, ...change })
  }
}
