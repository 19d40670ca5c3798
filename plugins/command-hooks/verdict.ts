import type { HookRunEntry } from 'hookline'
import { dialects, type Dialect, type DialectRules } from './dialect.ts'
import { events, type EventKind, type HookEvent } from './events.ts'

/** What a run asks for; nothing of it has happened yet. */
export interface Effects {
  /** Told to the model. */
  readonly context?: string
  /** Told to the model after the output of the call. */
  readonly note?: string
  /** The operation is refused for this reason. */
  readonly deny?: string
  /** Somebody must approve of the operation, for this reason. */
  readonly ask?: string
  /** The operation is granted: nobody needs to be asked. */
  readonly grant?: boolean
  /** Takes the place of a tool's output. */
  readonly feedback?: string
  /** Why the turn goes on. */
  readonly goOn?: string
  /** What the turn goes on with, in the very words that the model is told. */
  readonly prompt?: string
  /** Why the turn ends, or is not begun. */
  readonly stop?: string
  /** Why the turn ends once the calls of this response are answered. */
  readonly endTurn?: string
  readonly rewrite?: { readonly input: unknown }
  /** Takes the place of a tool's output where it has the form of this tool's own. */
  readonly output?: { readonly value: unknown; readonly onlyMcp: boolean }
}

/** What came of one run. */
export interface Outcome {
  readonly status: 'completed' | 'failed' | 'blocked' | 'stopped'
  readonly entries: readonly HookRunEntry[]
  readonly effects: Effects
}

/** Who answers, as far as that says how the answer is read and told. */
export interface Answerer {
  readonly dialect: Dialect
  /** As its file has it. */
  readonly command?: string
  /** What the event is about: a tool, or why a session starts. */
  readonly subject?: string
  /** What would end the turn after a call is told to the model instead. */
  readonly continueOnBlock?: boolean
}

/** Whose answer is judged, and by which rules. */
export interface JudgeContext extends Answerer {
  readonly event: HookEvent
  readonly rules: DialectRules
}

/** All that judging takes. */
export function judgeContext(event: HookEvent, answerer: Answerer): JudgeContext {
  return { ...answerer, event, rules: dialects[answerer.dialect] }
}

/** The outcome of a run that said nothing. */
export const silence: Outcome = { status: 'completed', entries: [], effects: {} }

/** The outcome of a run that counts for nothing. */
export function failure(message: string): Outcome {
  return { status: 'failed', entries: [{ kind: 'error', text: message }], effects: {} }
}

/** How a note to the model says which event it comes from: `PreToolUse:Bash`. */
export function labelOf({ event, subject }: JudgeContext): string {
  return events[event].matches === 'tool' && subject !== undefined ? `${event}:${subject}` : event
}

type Refuse = (reason: string, context: JudgeContext) => Effects

const deny: Refuse = (reason) => ({ deny: reason })
const stop: Refuse = (reason) => ({ stop: reason })
/** It is over already, so there is nothing to refuse. */
const nothing: Refuse = () => ({})

const refusals: Readonly<Record<EventKind, Refuse>> = {
  opening: stop,
  prompt: deny,
  request: deny,
  tool: deny,
  permission: deny,
  denied: nothing,
  result: (reason, context) =>
    context.dialect === 'claude'
      ? { note: `${labelOf(context)} hook feedback: ${reason}` }
      : { feedback: reason },
  batch: (reason) => ({ endTurn: reason }),
  stopping: (reason, { event, dialect }) =>
    dialect === 'claude' ? { prompt: `${event} hook feedback:\n${reason}` } : { goOn: reason },
  compaction: stop,
  notice: nothing,
}

/** The effect by which an event refuses what it stands before. */
export function refusal(reason: string, context: JudgeContext): Effects {
  return refusals[events[context.event].kind](reason, context)
}
