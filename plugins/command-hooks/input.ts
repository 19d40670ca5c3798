import type { SessionFacts, TurnFacts } from 'hookline'
import { events, type HookEvent } from './events.ts'

/** One firing of an event: whom it concerns, and what only it knows. */
export interface Occasion {
  readonly event: HookEvent
  /** What matchers are compared with. */
  readonly subjects: readonly string[]
  /** Fields on stdin that are the event's own. */
  readonly fields: Readonly<Record<string, unknown>>
  /** The call it is about. */
  readonly callId?: string
}

/** What stdin tells of the session and the turn. */
export interface InputFacts {
  readonly session: SessionFacts
  readonly turn: TurnFacts | undefined
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

function turnFields(turn: TurnFacts, input: readonly string[]): Readonly<Record<string, unknown>> {
  return {
    ...(input.includes('model') && { model: turn.model }),
    ...(input.includes('permission_mode') && {
      permission_mode: turn.approvalPolicy === 'never' ? 'bypassPermissions' : 'default',
    }),
    ...(input.includes('turn_id') && { prompt_id: turn.id }),
    ...(turn.effort !== undefined && { effort: { level: turn.effort } }),
  }
}

/** The object a handler reads from stdin: the fields of both dialects, because none of them clash here. */
export function inputOf(occasion: Occasion, facts: InputFacts): Readonly<Record<string, unknown>> {
  const { session, turn } = facts
  const { input } = events[occasion.event]
  return {
    session_id: session.id,
    ...(turn && input.includes('turn_id') && { turn_id: turn.id }),
    ...(isChild(session) && {
      agent_id: session.id,
      agent_type: session.source.slice(agentPrefix.length),
    }),
    transcript_path: session.transcriptPath ?? null,
    cwd: folderOf(facts),
    hook_event_name: occasion.event,
    ...(turn && turnFields(turn, input)),
    ...occasion.fields,
  }
}
