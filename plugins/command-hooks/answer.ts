import type { HookRunEntry } from 'hookline'
import { failure, type Effects, type JudgeContext, type Outcome } from './verdict.ts'

/** An answer that fits the shape of its event; what an event does not know is absent. */
export interface Answer {
  readonly continue?: boolean
  readonly stopReason?: string
  readonly suppressOutput?: boolean
  readonly systemMessage?: string
  readonly decision?: 'approve' | 'block'
  readonly reason?: string
  readonly hookSpecificOutput?: {
    readonly hookEventName?: string
    readonly additionalContext?: string
    readonly permissionDecision?: 'allow' | 'deny' | 'ask' | 'defer'
    readonly permissionDecisionReason?: string
    readonly updatedInput?: unknown
    readonly updatedToolOutput?: unknown
    readonly updatedMCPToolOutput?: unknown
    readonly retry?: boolean
    readonly decision?: {
      readonly behavior: 'allow' | 'deny'
      readonly message?: string
      readonly updatedInput?: unknown
      readonly updatedPermissions?: unknown
      readonly interrupt?: boolean
    }
  }
}

/** A verdict on an answer; the warning of `systemMessage` is added to it afterwards. */
export type Judge = (answer: Answer, context: JudgeContext) => Outcome

/** What an answer tells the model: its effect, and the entry that shows it. */
export interface Told {
  readonly effects: Effects
  readonly entries: readonly HookRunEntry[]
}

/** An answer that only tells something. */
export function completed({ effects, entries }: Told): Outcome {
  return { status: 'completed', entries, effects }
}

/** An answer that ends something, whatever else it says. */
export function stopped({ effects, entries }: Told, reason: string, more: Effects): Outcome {
  return {
    status: 'stopped',
    entries: [...entries, { kind: 'stop', text: reason }],
    effects: { ...effects, ...more },
  }
}

/** An answer that refuses something, whatever else it says. */
export function blocked({ effects, entries }: Told, reason: string, more: Effects): Outcome {
  return {
    status: 'blocked',
    entries: [...entries, { kind: 'feedback', text: reason }],
    effects: { ...effects, ...more },
  }
}

/** Why an answer with `continue: false` ends something. */
export function stopReason(answer: Answer, { event }: JudgeContext): string {
  return answer.stopReason?.trim() || `${event} hook stopped execution`
}

/** The reason of a block; undefined where the dialect wants one and none is given. */
export function reasonOr(reason: string | undefined, { rules }: JudgeContext): string | undefined {
  return reason?.trim() || rules.bareReason
}

/** An answer that says what an event has no use for. */
export function unsupported({ event }: JudgeContext, what: string): Outcome {
  return failure(`${event} hook returned ${what}, which is not supported`)
}
