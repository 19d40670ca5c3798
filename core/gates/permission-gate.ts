import type { DeclinedBy } from '../points/events.ts'
import type { PermissionNeed, ToolCall } from '../points/tool.ts'
import type { Gate } from './gate.ts'
import { isAsStrict, type Decision } from './rank.ts'

interface State {
  readonly decision: Decision
  readonly reason: string | undefined
  readonly deniedBy: DeclinedBy | undefined
  readonly stopped: string | undefined
}

/** Whether what a call needs beyond the policy is granted before anybody is asked. Deny wins over allow. */
export class PermissionGate implements Gate<PermissionGate> {
  readonly call: ToolCall
  readonly need: PermissionNeed
  readonly #state: State

  private constructor(call: ToolCall, need: PermissionNeed, state: State) {
    this.call = call
    this.need = need
    this.#state = state
  }

  static of(call: ToolCall, need: PermissionNeed): PermissionGate {
    return new PermissionGate(call, need, {
      decision: 'open',
      reason: undefined,
      deniedBy: undefined,
      stopped: undefined,
    })
  }

  /** `open`: somebody must be asked. Never `ask`. */
  get decision(): Decision {
    return this.#state.decision
  }

  get reason(): string | undefined {
    return this.#state.reason
  }

  get deniedBy(): DeclinedBy | undefined {
    return this.#state.deniedBy
  }

  /** Present: where the call is denied, the turn ends after this batch of calls. */
  get stopped(): string | undefined {
    return this.#state.stopped
  }

  allow(reason?: string): PermissionGate {
    if (this.decision !== 'open') return this
    return this.#with({ decision: 'allow', reason })
  }

  deny(reason: string, by: DeclinedBy = 'hook'): PermissionGate {
    if (this.decision === 'deny') return this
    return this.#with({ decision: 'deny', reason, deniedBy: by })
  }

  /** Ends the turn once the calls of this response are answered, where this one is denied. */
  stopTurn(reason: string): PermissionGate {
    return this.#with({ stopped: this.stopped ?? reason })
  }

  follows(before: PermissionGate): boolean {
    if (this.call !== before.call || this.need !== before.need) return false
    if (before.stopped !== undefined && this.stopped === undefined) return false
    return before.decision === 'allow'
      ? this.decision !== 'open'
      : isAsStrict(this.decision, before.decision)
  }

  #with(change: Partial<State>): PermissionGate {
    return new PermissionGate(this.call, this.need, { ...this.#state, ...change })
  }
}
