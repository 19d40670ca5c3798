import type { SessionFacts, ToolCall, TurnFacts } from 'hookline'
import type { Dialect } from './dialect.ts'
import { events, type HookEvent } from './events.ts'

type Fields = Readonly<Record<string, unknown>>

/** One firing of an event: whom it concerns, and what only it knows. */
export interface Occasion {
  readonly event: HookEvent
  /** What matchers are compared with. */
  readonly subjects: readonly string[]
  /** Fields on stdin that are the event's own. */
  readonly fields: Fields
  /** What the claude dialect reads in their place; `toolInput` is the input of the tool as the fields have it. */
  claude?(facts: InputFacts, toolInput: unknown): Fields
  /** Only handlers of this dialect are run. */
  readonly only?: Dialect
  /** The call it is about. */
  readonly callId?: string
  readonly call?: ToolCall
}

/** What stdin tells of the session and the turn. */
export interface InputFacts {
  readonly session: SessionFacts
  readonly turn: TurnFacts | undefined
  /** Where the claude dialect finds the record of the session; absent: where it is. */
  readonly transcript?: { path(): string | undefined } | undefined
}

const agentPrefix = 'subagent:'

/** True for a session that another session started. */
export function isChild(session: Pick<SessionFacts, 'source'>): boolean {
  return session.source.startsWith(agentPrefix)
}

/** Where the hooks of a session run. */
export function folderOf({ session, turn }: InputFacts): string {
  return turn?.cwd ?? session.cwd
}

function turnFields(turn: TurnFacts, input: readonly string[]): Fields {
  return {
    ...(input.includes('model') && { model: turn.model }),
    ...(input.includes('permission_mode') && {
      permission_mode: turn.approvalPolicy === 'never' ? 'bypassPermissions' : 'default',
    }),
    ...(input.includes('turn_id') && { prompt_id: turn.id }),
    ...(turn.effort !== undefined && { effort: { level: turn.effort } }),
  }
}

/** A child speaks in the name of the session that the user knows, and says which agent it is. */
function sessionFields({ session, transcript }: InputFacts, dialect: Dialect): Fields {
  const path = dialect === 'claude' && transcript ? transcript.path() : session.transcriptPath
  return {
    session_id: session.parentId ?? session.id,
    ...(isChild(session) && {
      agent_id: session.id,
      agent_type: session.source.slice(agentPrefix.length),
    }),
    transcript_path: path ?? null,
  }
}

/** The object a handler reads from stdin: the fields of both products, and where those clash, those of its dialect. */
export function inputOf(occasion: Occasion, facts: InputFacts, dialect: Dialect): Fields {
  const { turn } = facts
  const { input } = events[occasion.event]
  return {
    ...sessionFields(facts, dialect),
    ...(turn && input.includes('turn_id') && { turn_id: turn.id }),
    cwd: folderOf(facts),
    hook_event_name: occasion.event,
    ...(turn && turnFields(turn, input)),
    ...occasion.fields,
    ...(dialect === 'claude' && occasion.claude?.(facts, occasion.fields['tool_input'])),
  }
}
