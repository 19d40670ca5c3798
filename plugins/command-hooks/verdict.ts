import type { HookRunEntry } from 'hookline'
import type { DialectRules } from './dialect.ts'
import { events, type HookEvent } from './events.ts'

/** What a run asks for; nothing of it has happened yet. */
export interface Effects {
  /** Told to the model. */
  readonly context?: string
  /** The operation is refused for this reason. */
  readonly deny?: string
  /** The operation is granted. */
  readonly grant?: boolean
  /** Takes the place of a tool's output. */
  readonly feedback?: string
  /** Why the turn goes on. */
  readonly goOn?: string
  /** Why the turn ends, or is not begun. */
  readonly stop?: string
  readonly rewrite?: { readonly input: unknown }
}

/** What came of one run. */
export interface Outcome {
  readonly status: 'completed' | 'failed' | 'blocked' | 'stopped'
  readonly entries: readonly HookRunEntry[]
  readonly effects: Effects
}

/** Whose answer is judged, and by which rules. */
export interface JudgeContext {
  readonly event: HookEvent
  readonly rules: DialectRules
}

/** The outcome of a run that said nothing. */
export const silence: Outcome = { status: 'completed', entries: [], effects: {} }

/** The outcome of a run that counts for nothing. */
export function failure(message: string): Outcome {
  return { status: 'failed', entries: [{ kind: 'error', text: message }], effects: {} }
}

/** The effect by which an event refuses what it stands before. */
export function refusal(event: HookEvent, reason: string): Effects {
  switch (events[event].kind) {
    case 'prompt':
    case 'tool':
    case 'permission':
      return { deny: reason }
    case 'result':
      return { feedback: reason }
    case 'stopping':
      return { goOn: reason }
    case 'opening':
    case 'compaction':
      return { stop: reason }
    case 'notice':
      return {}
  }
}
