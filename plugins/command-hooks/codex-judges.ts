import {
  blocked,
  completed,
  reasonOr,
  stopped,
  stopReason,
  unsupported,
  type Answer,
  type Judge,
  type Told,
} from './answer.ts'
import type { EventKind } from './events.ts'
import { failure, type JudgeContext, type Outcome } from './verdict.ts'

function told(answer: Answer): Told {
  const context = answer.hookSpecificOutput?.additionalContext
  if (context === undefined) return { effects: {}, entries: [] }
  return { effects: { context }, entries: [{ kind: 'context', text: context }] }
}

const unreasoned = (event: string, what: string) =>
  failure(`${event} hook returned ${what} without a reason`)

/** Before or after something that stands: all an answer can do is to end the turn. */
const halting: Judge = (answer, context) => {
  if (answer.continue !== false) return completed(told(answer))
  const reason = stopReason(answer, context)
  return stopped(told(answer), reason, { stop: reason })
}

const prompt: Judge = (answer, context) => {
  if (answer.continue === false) {
    const why = stopReason(answer, context)
    return stopped(told(answer), why, { deny: why })
  }
  if (answer.decision === undefined) return completed(told(answer))
  const reason = reasonOr(answer.reason, context)
  if (reason === undefined) return unreasoned(context.event, 'decision "block"')
  return blocked(told(answer), reason, { deny: reason })
}

/** Common fields that an event which only decides about one call has no use for. */
function unusable(answer: Answer): string | undefined {
  if (answer.continue === false) return 'continue: false'
  if (answer.stopReason !== undefined) return 'stopReason'
  if (answer.suppressOutput === true) return 'suppressOutput'
  return undefined
}

function judgePermission(answer: Answer, context: JudgeContext): Outcome {
  const specific = answer.hookSpecificOutput ?? {}
  const { permissionDecision: decision, updatedInput: input, permissionDecisionReason } = specific
  if (input !== undefined && decision !== 'allow')
    return unsupported(context, 'updatedInput without permissionDecision "allow"')
  if (input !== undefined) {
    const outcome = completed(told(answer))
    return { ...outcome, effects: { ...outcome.effects, rewrite: { input } } }
  }
  if (decision === 'deny') {
    const reason = reasonOr(permissionDecisionReason, context)
    if (reason === undefined) return unreasoned(context.event, 'permissionDecision "deny"')
    return blocked(told(answer), reason, { deny: reason })
  }
  if (decision === undefined)
    return unsupported(context, 'permissionDecisionReason without permissionDecision')
  return unsupported(context, `permissionDecision "${decision}"`)
}

const tool: Judge = (answer, context) => {
  const wrong = unusable(answer)
  if (wrong !== undefined) return unsupported(context, wrong)
  const { permissionDecision, permissionDecisionReason, updatedInput } =
    answer.hookSpecificOutput ?? {}
  if (
    permissionDecision !== undefined ||
    permissionDecisionReason !== undefined ||
    updatedInput !== undefined
  ) {
    return judgePermission(answer, context)
  }
  if (answer.decision === 'approve') return unsupported(context, 'decision "approve"')
  if (answer.decision === undefined) {
    return answer.reason === undefined
      ? completed(told(answer))
      : unsupported(context, 'reason without decision')
  }
  const reason = reasonOr(answer.reason, context)
  if (reason === undefined) return unreasoned(context.event, 'decision "block"')
  return blocked(told(answer), reason, { deny: reason })
}

const permission: Judge = (answer, context) => {
  const decision = answer.hookSpecificOutput?.decision
  const field = (['updatedInput', 'updatedPermissions'] as const).find(
    (name) => decision?.[name] !== undefined,
  )
  const wrong = unusable(answer) ?? field ?? (decision?.interrupt && 'interrupt')
  if (wrong) return unsupported(context, wrong)
  if (decision === undefined) return completed(told(answer))
  if (decision.behavior === 'allow')
    return { status: 'completed', entries: [], effects: { grant: true } }
  const reason = decision.message?.trim() || 'PermissionRequest hook denied approval'
  return blocked(told(answer), reason, { deny: reason })
}

const result: Judge = (answer, context) => {
  if (answer.continue === false) {
    const why = stopReason(answer, context)
    return stopped(told(answer), why, { feedback: answer.reason?.trim() || why })
  }
  if (answer.suppressOutput === true) return unsupported(context, 'suppressOutput')
  if (answer.hookSpecificOutput?.updatedMCPToolOutput !== undefined)
    return unsupported(context, 'updatedMCPToolOutput')
  if (answer.decision === undefined) {
    return answer.reason === undefined
      ? completed(told(answer))
      : unsupported(context, 'reason without decision')
  }
  const reason = reasonOr(answer.reason, context)
  if (reason === undefined) return unreasoned(context.event, 'decision "block"')
  return blocked(told(answer), reason, { feedback: reason })
}

const stopping: Judge = (answer, context) => {
  if (answer.continue === false) {
    const why = stopReason(answer, context)
    return stopped(told(answer), why, { stop: why })
  }
  if (answer.decision === undefined) return completed(told(answer))
  const reason = reasonOr(answer.reason, context)
  if (reason === undefined) return unreasoned(context.event, 'decision "block"')
  return blocked(told(answer), reason, { goOn: reason })
}

const notice: Judge = (answer) => completed(told(answer))

/** What answers of the codex dialect mean, by the kind of the event. */
export const codexJudges: Readonly<Record<EventKind, Judge>> = {
  opening: halting,
  prompt,
  // Both stand before something that is sent, and refuse it alike.
  request: prompt,
  tool,
  permission,
  result,
  stopping,
  compaction: halting,
  notice,
  denied: notice,
  batch: halting,
}
