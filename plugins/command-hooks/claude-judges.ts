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
import { events, type EventKind } from './events.ts'
import { labelOf, refusal, type Effects, type JudgeContext, type Outcome } from './verdict.ts'

/** Which effect tells the model something depends on when that is: after an output, or instead of an end. */
function tell(text: string, { event }: JudgeContext): Effects {
  switch (events[event].kind) {
    case 'result':
    case 'batch':
    case 'denied':
      return { note: text }
    case 'stopping':
      return { prompt: text }
    default:
      return { context: text }
  }
}

function told(answer: Answer, context: JudgeContext): Told {
  const text = answer.hookSpecificOutput?.additionalContext?.trim()
  if (!text) return { effects: {}, entries: [] }
  const effects = tell(`${labelOf(context)} hook additional context: ${text}`, context)
  return { effects, entries: [{ kind: 'context', text }] }
}

/** Of two texts for the same place, both are told. */
function both(first: Effects, second: Effects): Effects {
  const joined = (name: 'note' | 'prompt'): Effects => {
    const texts = [first[name], second[name]].filter((text) => text !== undefined)
    return texts.length === 0 ? {} : { [name]: texts.join('\n') }
  }
  return { ...first, ...second, ...joined('note'), ...joined('prompt') }
}

/** Ends what comes next where the answer says `continue: false`. */
function ending(name: 'stop' | 'deny' | 'endTurn', otherwise: Judge): Judge {
  return (answer, context) => {
    if (answer.continue !== false) return otherwise(answer, context)
    const why = stopReason(answer, context)
    return stopped(told(answer, context), why, { [name]: why })
  }
}

/** Tells what there is to tell, and refuses where the answer says so. */
const telling: Judge = (answer, context) => completed(told(answer, context))

const refusing: Judge = (answer, context) => {
  if (answer.decision !== 'block') return telling(answer, context)
  const reason = reasonOr(answer.reason, context) ?? ''
  const also = told(answer, context)
  return blocked(also, reason, both(refusal(reason, context), also.effects))
}

interface Decision {
  readonly verdict: 'allow' | 'deny' | 'ask' | undefined
  readonly reason: string | undefined
}

/** The newer words win over the older ones. */
function decisionOf({ hookSpecificOutput, decision, reason }: Answer): Decision {
  const named = hookSpecificOutput?.permissionDecision
  const given = hookSpecificOutput?.permissionDecisionReason
  // Who defers leaves the call to somebody else, and here that is whoever is asked.
  if (named !== undefined) return { verdict: named === 'defer' ? 'ask' : named, reason: given }
  if (decision === undefined) return { verdict: undefined, reason }
  return { verdict: decision === 'block' ? 'deny' : 'allow', reason }
}

function decide({ verdict, reason }: Decision, context: JudgeContext): Effects {
  switch (verdict) {
    case 'deny':
      return { deny: reasonOr(reason, context) ?? '' }
    case 'ask':
      return { ask: reason?.trim() || 'a PreToolUse hook asks for an approval' }
    case 'allow':
      return { grant: true }
    case undefined:
      return {}
  }
}

const tool: Judge = (answer, context) => {
  const also = told(answer, context)
  const decision = decisionOf(answer)
  const input = answer.hookSpecificOutput?.updatedInput
  if (input !== undefined && (typeof input !== 'object' || Array.isArray(input)))
    return unsupported(context, 'updatedInput that is no object')
  const rewrites = input !== undefined && decision.verdict !== 'deny'
  const effects: Effects = {
    ...decide(decision, context),
    ...(rewrites && { rewrite: { input } }),
  }
  if (answer.continue === false) {
    const why = stopReason(answer, context)
    return stopped(also, why, { ...effects, endTurn: why })
  }
  if (effects.deny !== undefined) return blocked(also, effects.deny, effects)
  return completed({ effects: { ...also.effects, ...effects }, entries: also.entries })
}

const permission: Judge = (answer, context) => {
  const decision = answer.hookSpecificOutput?.decision
  if (answer.continue === false) {
    const why = stopReason(answer, context)
    return stopped({ effects: {}, entries: [] }, why, { deny: why, endTurn: why })
  }
  if (decision === undefined) return telling(answer, context)
  if (decision.behavior === 'allow') {
    // What would be granted is not what was asked for, so somebody else has to say.
    if (decision.updatedInput !== undefined) return unsupported(context, 'updatedInput')
    return { status: 'completed', entries: [], effects: { grant: true } }
  }
  const reason = decision.message?.trim() || 'PermissionRequest hook denied approval'
  const effects = { deny: reason, ...(decision.interrupt === true && { endTurn: reason }) }
  return blocked({ effects: {}, entries: [] }, reason, effects)
}

function rewritten({ hookSpecificOutput }: Answer): Effects {
  const { updatedToolOutput, updatedMCPToolOutput } = hookSpecificOutput ?? {}
  if (updatedToolOutput !== undefined)
    return { output: { value: updatedToolOutput, onlyMcp: false } }
  if (updatedMCPToolOutput !== undefined)
    return { output: { value: updatedMCPToolOutput, onlyMcp: true } }
  return {}
}

const result: Judge = (answer, context) => {
  const ends = answer.continue === false
  const why = stopReason(answer, context)
  const goesOn = ends && context.continueOnBlock === true
  const meant: Answer = goesOn
    ? { ...answer, decision: 'block', reason: answer.reason ?? why }
    : answer
  const outcome: Outcome = refusing(meant, context)
  const effects = { ...outcome.effects, ...rewritten(answer) }
  if (!ends || goesOn) return { ...outcome, effects }
  return stopped({ effects, entries: outcome.entries }, why, { endTurn: why })
}

const denied: Judge = (answer, context) => {
  const also = told(answer, context)
  if (answer.hookSpecificOutput?.retry !== true) return completed(also)
  const note = `${labelOf(context)} hook: the call may be tried again`
  return completed({ entries: also.entries, effects: both({ note }, also.effects) })
}

/** What answers of the claude dialect mean, by the kind of the event. */
export const claudeJudges: Readonly<Record<EventKind, Judge>> = {
  opening: ending('stop', telling),
  prompt: ending('deny', refusing),
  request: ending('deny', refusing),
  tool,
  permission,
  denied,
  result,
  batch: ending('endTurn', refusing),
  stopping: ending('stop', refusing),
  compaction: ending('stop', refusing),
  notice: telling,
}
