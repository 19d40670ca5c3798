import { dialects, type Dialect } from './dialect.ts'
import { events, type HookEvent } from './events.ts'
import { judge } from './judge.ts'
import { checkShape } from './shape.ts'
import { failure, refusal, silence, type JudgeContext, type Outcome } from './verdict.ts'

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
export type Reading =
  | { readonly kind: 'silence' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'answer'; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'invalid'; readonly fault: string }

/** Tells an answer from text, and from what only begins like an answer. */
export function readOutput(stdout: string, { event, rules }: JudgeContext): Reading {
  const text = stdout.trim()
  if (text === '') return { kind: 'silence' }
  if (!text.startsWith('{') && !text.startsWith('[')) return { kind: 'text', text }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: 'invalid', fault: 'it is not JSON' }
  }
  const checked = checkShape(value, events[event].output ?? {}, rules.closedAnswers)
  return 'fault' in checked
    ? { kind: 'invalid', fault: checked.fault }
    : { kind: 'answer', fields: checked.fields }
}

function invalid(event: HookEvent, fault: string): Outcome {
  return failure(`hook returned invalid ${event} JSON output: ${fault}`)
}

function ofText(text: string, event: HookEvent): Outcome {
  switch (events[event].text) {
    case 'error':
      return invalid(event, 'it is plain text')
    case 'ignored':
      return silence
    case 'context':
      return {
        status: 'completed',
        entries: [{ kind: 'context', text }],
        effects: { context: text },
      }
  }
}

function ofSuccess(stdout: string, context: JudgeContext): Outcome {
  if (events[context.event].output === undefined) return silence
  const reading = readOutput(stdout, context)
  switch (reading.kind) {
    case 'silence':
      return silence
    case 'invalid':
      return invalid(context.event, reading.fault)
    case 'answer':
      return judge(reading.fields, context)
    case 'text':
      return ofText(reading.text, context.event)
  }
}

function ofExitTwo(stderr: string, { event, rules }: JudgeContext): Outcome {
  if (events[event].exit2 === 'fails') return failure('hook exited with code 2')
  const reason = stderr.trim() || rules.silentReason
  if (reason === undefined) return failure('hook exited with code 2 but wrote no reason to stderr')
  return {
    status: 'blocked',
    entries: [{ kind: 'feedback', text: reason }],
    effects: refusal(event, reason),
  }
}

/** What the end of a handler's process means for its event. */
export function outcomeOf(result: ProcessResult, event: HookEvent, dialect: Dialect): Outcome {
  const context: JudgeContext = { event, rules: dialects[dialect] }
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
export function failClosed(outcome: Outcome, event: HookEvent): Outcome {
  if (outcome.status !== 'failed') return outcome
  const fault = outcome.entries.findLast((entry) => entry.kind === 'error')?.text ?? 'it failed'
  const reason = `a required ${event} hook gave no usable answer: ${fault}`
  return {
    status: 'blocked',
    entries: [...outcome.entries, { kind: 'feedback', text: reason }],
    effects: refusal(event, reason),
  }
}
