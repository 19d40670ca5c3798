import type { HookRunEntry } from 'hookline'
import { events, type EventKind } from './events.ts'
import { failure, type Effects, type JudgeContext, type Outcome } from './verdict.ts'

/** An answer that fits the shape of its event; what an event does not know is absent. */
interface Answer {
  readonly continue?: boolean
  readonly stopReason?: string
  readonly suppressOutput?: boolean
  readonly systemMessage?: string
  readonly decision?: 'approve' | 'block'
  readonly reason?: string
  readonly hookSpecificOutput?: {
    readonly additionalContext?: string
    readonly permissionDecision?: 'allow' | 'deny' | 'ask'
    readonly permissionDecisionReason?: string
    readonly updatedInput?: unknown
    readonly updatedMCPToolOutput?: unknown
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
type Judge = (answer: Answer, context: JudgeContext) => Outcome

function withContext(answer: Answer): { effects: Effects; entries: HookRunEntry[] } {
  const context = answer.hookSpecificOutput?.additionalContext
  if (context === undefined) return { effects: {}, entries: [] }
  return { effects: { context }, entries: [{ kind: 'context', text: context }] }
}

function completed(answer: Answer): Outcome {
  return { status: 'completed', ...withContext(answer) }
}

function stopped(answer: Answer, reason: string, effects: Effects): Outcome {
  const { entries, ...context } = withContext(answer)
  return {
    status: 'stopped',
    entries: [...entries, { kind: 'stop', text: reason }],
    effects: { ...context.effects, ...effects },
  }
}

function blocked(answer: Answer, reason: string, effects: Effects): Outcome {
  const { entries, ...context } = withContext(answer)
  return {
    status: 'blocked',
    entries: [...entries, { kind: 'feedback', text: reason }],
    effects: { ...context.effects, ...effects },
  }
}

function stopReason(answer: Answer, { event }: JudgeContext): string {
  return answer.stopReason?.trim() || `${event} hook stopped execution`
}

/** The reason of a block; undefined where the dialect wants one and none is given. */
function reasonOr(reason: string | undefined, context: JudgeContext): string | undefined {
  return reason?.trim() || context.rules.bareReason
}

const unreasoned = (event: string, what: string) =>
  failure(`${event} hook returned ${what} without a reason`)

const opening: Judge = (answer, context) => {
  if (answer.continue !== false) return completed(answer)
  const reason = stopReason(answer, context)
  return stopped(answer, reason, { stop: reason })
}

const prompt: Judge = (answer, context) => {
  if (answer.continue === false) {
    const why = stopReason(answer, context)
    return stopped(answer, why, { deny: why })
  }
  if (answer.decision === undefined) return completed(answer)
  const reason = reasonOr(answer.reason, context)
  if (reason === undefined) return unreasoned(context.event, 'decision "block"')
  return blocked(answer, reason, { deny: reason })
}

/** Common fields that an event which only decides about one call has no use for. */
function unusable(answer: Answer): string | undefined {
  if (answer.continue === false) return 'continue: false'
  if (answer.stopReason !== undefined) return 'stopReason'
  if (answer.suppressOutput === true) return 'suppressOutput'
  return undefined
}

const unsupported = (event: string, what: string) =>
  failure(`${event} hook returned ${what}, which is not supported`)

function judgePermission(answer: Answer, context: JudgeContext): Outcome {
  const specific = answer.hookSpecificOutput ?? {}
  const { permissionDecision: decision, updatedInput: input, permissionDecisionReason } = specific
  if (
    input !== undefined &&
    decision !== 'allow' &&
    !(context.rules.loneRewrite && decision === undefined)
  ) {
    return unsupported(context.event, 'updatedInput without permissionDecision "allow"')
  }
  if (input !== undefined) {
    const outcome = completed(answer)
    return { ...outcome, effects: { ...outcome.effects, rewrite: { input } } }
  }
  if (decision === 'deny') {
    const reason = reasonOr(permissionDecisionReason, context)
    if (reason === undefined) return unreasoned(context.event, 'permissionDecision "deny"')
    return blocked(answer, reason, { deny: reason })
  }
  if (decision === undefined)
    return unsupported(context.event, 'permissionDecisionReason without permissionDecision')
  return unsupported(context.event, `permissionDecision "${decision}"`)
}

const tool: Judge = (answer, context) => {
  const wrong = unusable(answer)
  if (wrong !== undefined) return unsupported(context.event, wrong)
  const { permissionDecision, permissionDecisionReason, updatedInput } =
    answer.hookSpecificOutput ?? {}
  if (
    permissionDecision !== undefined ||
    permissionDecisionReason !== undefined ||
    updatedInput !== undefined
  ) {
    return judgePermission(answer, context)
  }
  if (answer.decision === 'approve') return unsupported(context.event, 'decision "approve"')
  if (answer.decision === undefined) {
    return answer.reason === undefined
      ? completed(answer)
      : unsupported(context.event, 'reason without decision')
  }
  const reason = reasonOr(answer.reason, context)
  if (reason === undefined) return unreasoned(context.event, 'decision "block"')
  return blocked(answer, reason, { deny: reason })
}

const permission: Judge = (answer, context) => {
  const decision = answer.hookSpecificOutput?.decision
  const field = (['updatedInput', 'updatedPermissions'] as const).find(
    (name) => decision?.[name] !== undefined,
  )
  const wrong = unusable(answer) ?? field ?? (decision?.interrupt && 'interrupt')
  if (wrong) return unsupported(context.event, wrong)
  if (decision === undefined) return completed(answer)
  if (decision.behavior === 'allow') {
    return { status: 'completed', entries: [], effects: { grant: true } }
  }
  const reason = decision.message?.trim() || 'PermissionRequest hook denied approval'
  return blocked(answer, reason, { deny: reason })
}

const result: Judge = (answer, context) => {
  if (answer.continue === false) {
    const why = stopReason(answer, context)
    return stopped(answer, why, { feedback: answer.reason?.trim() || why })
  }
  if (answer.suppressOutput === true) return unsupported(context.event, 'suppressOutput')
  if (answer.hookSpecificOutput?.updatedMCPToolOutput !== undefined) {
    return unsupported(context.event, 'updatedMCPToolOutput')
  }
  if (answer.decision === undefined) {
    return answer.reason === undefined
      ? completed(answer)
      : unsupported(context.event, 'reason without decision')
  }
  const reason = reasonOr(answer.reason, context)
  if (reason === undefined) return unreasoned(context.event, 'decision "block"')
  return blocked(answer, reason, { feedback: reason })
}

const stopping: Judge = (answer, context) => {
  if (answer.continue === false) {
    const why = stopReason(answer, context)
    return stopped(answer, why, { stop: why })
  }
  if (answer.decision === undefined) return completed(answer)
  const reason = reasonOr(answer.reason, context)
  if (reason === undefined) return unreasoned(context.event, 'decision "block"')
  return blocked(answer, reason, { goOn: reason })
}

const compaction: Judge = (answer, context) => {
  if (answer.continue !== false) return completed(answer)
  const why = stopReason(answer, context)
  return stopped(answer, why, { stop: why })
}

const judges: Readonly<Record<EventKind, Judge>> = {
  opening,
  prompt,
  tool,
  permission,
  result,
  stopping,
  compaction,
  notice: completed,
}

/** What an answer means. `fields` have been checked against the shape of the event. */
export function judge(fields: Readonly<Record<string, unknown>>, context: JudgeContext): Outcome {
  // The shape of the event has been checked, and every shape is a part of this interface.
  const answer = fields as Answer
  const outcome = judges[events[context.event].kind](answer, context)
  const message = answer.systemMessage
  if (message === undefined) return outcome
  return { ...outcome, entries: [{ kind: 'warning', text: message }, ...outcome.entries] }
}
