import type { Dialect } from './dialect.ts'
import { readingOf, type HookEvent } from './events.ts'
import { judge } from './judge.ts'
import { checkShape, isTable } from './shape.ts'
import {
  failure,
  judgeContext,
  refusal,
  silence,
  type Answerer,
  type JudgeContext,
  type Outcome,
} from './verdict.ts'

/** How a handler's process ended. */
export type ProcessResult =
  | {
      readonly kind: 'exited'
      readonly code: number
      readonly stdout: string
      readonly stderr: string
    }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'timed_out'; readonly seconds: number }
  | { readonly kind: 'interrupted' }
  /** It was not started, or what it wrote cannot be used. */
  | { readonly kind: 'broken'; readonly message: string }

/** What a handler said on stdout, before it is known what that means. */
type Said =
  | { readonly kind: 'silence' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'answer'; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'invalid'; readonly fault: string }

/** The fault of an answer that is for another event; undefined where that does not matter. */
function strayName(
  fields: Readonly<Record<string, unknown>>,
  { event, rules }: JudgeContext,
): string | undefined {
  const specific = fields['hookSpecificOutput']
  const name = isTable(specific) ? specific['hookEventName'] : undefined
  if (!rules.ownEventName || typeof name !== 'string' || name === event) return undefined
  return `it is an answer for the event ${name}`
}

/** Tells an answer from text, and from what only begins like an answer. */
function readOutput(stdout: string, context: JudgeContext): Said {
  const { event, dialect, rules } = context
  const text = stdout.trim()
  if (text === '') return { kind: 'silence' }
  if (!rules.answersBegin.includes(text.charAt(0))) return { kind: 'text', text }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: 'invalid', fault: 'it is not JSON' }
  }
  const checked = checkShape(value, readingOf(event, dialect).output ?? {}, rules.closedAnswers)
  if ('fault' in checked) return { kind: 'invalid', fault: checked.fault }
  const stray = strayName(checked.fields, context)
  return stray === undefined
    ? { kind: 'answer', fields: checked.fields }
    : { kind: 'invalid', fault: stray }
}

function invalid(event: HookEvent, fault: string): Outcome {
  return failure(`hook returned invalid ${event} JSON output: ${fault}`)
}

/** Text for the model, bare or with a note of where it comes from. */
function noted(text: string, { event, dialect, subject }: JudgeContext): string {
  if (dialect === 'codex' || event === 'PreCompact') return text
  const label = event === 'SessionStart' && subject !== undefined ? `${event}:${subject}` : event
  return `${label} hook success: ${text}`
}

function ofText(text: string, context: JudgeContext): Outcome {
  switch (readingOf(context.event, context.dialect).text) {
    case 'error':
      return invalid(context.event, 'it is plain text')
    case 'ignored':
      return silence
    case 'context':
      return {
        status: 'completed',
        entries: [{ kind: 'context', text }],
        effects: { context: noted(text, context) },
      }
  }
}

function ofSuccess(stdout: string, context: JudgeContext): Outcome {
  if (readingOf(context.event, context.dialect).output === undefined) return silence
  const said = readOutput(stdout, context)
  switch (said.kind) {
    case 'silence':
      return silence
    case 'invalid':
      return invalid(context.event, said.fault)
    case 'answer':
      return judge(said.fields, context)
    case 'text':
      return ofText(said.text, context)
  }
}

function ofExitTwo(stderr: string, context: JudgeContext): Outcome {
  const { event, dialect, rules, command } = context
  const said = stderr.trim() || rules.silentReason
  const reason =
    said !== undefined && rules.namesCommand && command !== undefined
      ? `[${command}]: ${said}`
      : said
  if (readingOf(event, dialect).exit2 === 'fails')
    return failure(dialect === 'claude' && reason ? reason : 'hook exited with code 2')
  if (reason === undefined) return failure('hook exited with code 2 but wrote no reason to stderr')
  return {
    status: 'blocked',
    entries: [{ kind: 'feedback', text: reason }],
    effects: refusal(reason, context),
  }
}

/** What the end of a handler's process means for its event. */
export function outcomeOf(
  result: ProcessResult,
  event: HookEvent,
  answerer: Dialect | Answerer,
): Outcome {
  const context = judgeContext(
    event,
    typeof answerer === 'string' ? { dialect: answerer } : answerer,
  )
  switch (result.kind) {
    case 'exited':
      if (result.code === 0) return ofSuccess(result.stdout, context)
      if (result.code === 2) return ofExitTwo(result.stderr, context)
      return failure(`hook exited with code ${result.code}`)
    case 'killed':
      return failure(`hook was ended by ${result.signal}`)
    case 'timed_out':
      return failure(`hook timed out after ${result.seconds}s`)
    case 'interrupted':
      return failure('hook was interrupted')
    case 'broken':
      return failure(result.message)
  }
}

/** The outcome of a handler that says `onFailure: "block"`: where it failed, the operation is refused. */
export function failClosed(
  outcome: Outcome,
  event: HookEvent,
  answerer: Dialect | Answerer = 'codex',
): Outcome {
  if (outcome.status !== 'failed') return outcome
  const fault = outcome.entries.findLast((entry) => entry.kind === 'error')?.text ?? 'it failed'
  const reason = `a required ${event} hook gave no usable answer: ${fault}`
  const context = judgeContext(
    event,
    typeof answerer === 'string' ? { dialect: answerer } : answerer,
  )
  return {
    status: 'blocked',
    entries: [...outcome.entries, { kind: 'feedback', text: reason }],
    effects: refusal(reason, context),
  }
}
