import type { ToolCall } from '../points/tool.ts'
import type { DeclinedBy } from '../points/events.ts'
import type { Gate } from './gate.ts'
import { isAsStrict, tighten, type Decision } from './rank.ts'

interface State {
  readonly call: ToolCall
  readonly decision: Decision
  readonly reasons: readonly string[]
  readonly context: readonly string[]
  readonly deniedBy: DeclinedBy | undefined
  readonly stopped: string | undefined
  readonly rewrites: number
  readonly locked: boolean
}

/** Whether a tool may run, and with which input. */
export class ToolGate implements Gate<ToolGate> {
  readonly #state: State

  private constructor(state: State) {
    this.#state = state
  }

  static of(call: ToolCall): ToolGate {
    return new ToolGate({
      call,
      decision: 'open',
      reasons: [],
      context: [],
      deniedBy: undefined,
      stopped: undefined,
      rewrites: 0,
      locked: false,
    })
  }

  get call(): ToolCall {
    return this.#state.call
  }

  get decision(): Decision {
    return this.#state.decision
  }

  /** The reasons of the verdict that stands, first given first. */
  get reasons(): readonly string[] {
    return this.#state.reasons
  }

  /** Told to the model between the call and its output. */
  get context(): readonly string[] {
    return this.#state.context
  }

  get deniedBy(): DeclinedBy | undefined {
    return this.#state.deniedBy
  }

  /** Present: the turn ends after this batch of calls. */
  get stopped(): string | undefined {
    return this.#state.stopped
  }

  /** How often the input was rewritten. */
  get rewrites(): number {
    return this.#state.rewrites
  }

  /** True in the second round after a rewrite, when the input may no longer change. */
  get locked(): boolean {
    return this.#state.locked
  }

  /** Lets the call run without being asked about; without effect on an ask or a deny. */
  allow(reason: string): ToolGate {
    return this.#verdict('allow', reason)
  }

  /** Demands an approval; without effect on a deny. */
  ask(reason: string): ToolGate {
    return this.#verdict('ask', reason)
  }

  /** Refuses the call; final. */
  deny(reason: string, by: DeclinedBy = 'hook'): ToolGate {
    if (this.decision === 'deny') return this
    return this.#with({ decision: 'deny', reasons: [reason], deniedBy: by })
  }

  /** Replaces the input for all later taps and the tool itself. An allow falls back to open: it was given for another input. */
  rewrite(input: unknown): ToolGate {
    if (this.locked) return this
    return this.#with({
      call: { ...this.call, input },
      decision: this.decision === 'allow' ? 'open' : this.decision,
      reasons: this.decision === 'allow' ? [] : this.reasons,
      rewrites: this.rewrites + 1,
    })
  }

  addContext(text: string): ToolGate {
    return this.#with({ context: [...this.context, text] })
  }

  /** Ends the turn once the calls of this response are answered. */
  stopTurn(reason: string): ToolGate {
    return this.#with({ stopped: this.stopped ?? reason })
  }

  /** The same gate, closed to further rewrites. */
  lock(): ToolGate {
    return this.#with({ locked: true })
  }

  follows(before: ToolGate): boolean {
    if (!isAsStrict(this.decision, before.decision)) return false
    if (before.stopped !== undefined && this.stopped === undefined) return false
    if (this.call.id !== before.call.id || this.call.toolName !== before.call.toolName) return false
    if (before.locked && (!this.locked || this.call.input !== before.call.input)) return false
    return (
      this.rewrites > before.rewrites ||
      (this.rewrites === before.rewrites && this.call.input === before.call.input)
    )
  }

  #verdict(verdict: 'allow' | 'ask', reason: string): ToolGate {
    const decision = tighten(this.decision, verdict)
    if (decision === this.decision) {
      return decision === verdict ? this.#with({ reasons: [...this.reasons, reason] }) : this
    }
    return this.#with({ decision, reasons: [reason] })
  }

  #with(change: Partial<State>): ToolGate {
    return new ToolGate({ ...this.#state, ...change })
  }
}
