import { closedShapes, openShapes } from './answer-shapes.ts'
import type { Dialect } from './dialect.ts'
import type { HookEvent } from './event-names.ts'
import type { Shape } from './shape.ts'

export { foreignEvents, spell } from './event-names.ts'
export type { HookEvent } from './event-names.ts'

/** What the matcher of a group is compared with. */
export type MatchSubject =
  | 'tool'
  | 'source'
  | 'reason'
  | 'trigger'
  | 'agent_type'
  | 'notification_type'
  | 'error'
  | 'load_reason'
  | 'nothing'

/** Events whose answers mean the same. */
export type EventKind =
  | 'opening'
  | 'prompt'
  | 'request'
  | 'tool'
  | 'permission'
  | 'denied'
  | 'result'
  | 'batch'
  | 'stopping'
  | 'compaction'
  | 'notice'

/** How answers of an event are read. */
export interface Reading {
  /** The answer; absent: it is not read. */
  readonly output?: Shape
  /** What plain text on stdout is. */
  readonly text: 'context' | 'ignored' | 'error'
  /** Whether exit code 2 with a reason on stderr blocks. */
  readonly exit2: 'blocks' | 'fails'
}

/** All that tells one event of a hooks file from another. */
export interface EventRow extends Reading {
  readonly kind: EventKind
  readonly matches: MatchSubject
  /** Fields on stdin beside `session_id`, `transcript_path`, `cwd` and `hook_event_name`. */
  readonly input: readonly string[]
  /** Seconds, where a handler does not say. */
  readonly timeoutSec: number
  /** Fired in child sessions too. */
  readonly children: boolean
  /** The run outlives the turn's signal: it is bounded by its own time limit only. */
  readonly detached?: boolean
  /** Only handlers of an administrator are run for it. */
  readonly managed?: boolean
  /** What differs in the claude dialect. */
  readonly claude?: Partial<Reading>
}

const turn = ['turn_id', 'model', 'permission_mode'] as const
const tool = ['tool_name', 'tool_input'] as const
const stop = ['stop_hook_active', 'last_assistant_message', 'background_tasks', 'session_crons']
const agent = ['agent_id', 'agent_type'] as const
const longest = 600

const opening = {
  kind: 'opening',
  output: closedShapes.context,
  text: 'context',
  exit2: 'fails',
  timeoutSec: longest,
} as const satisfies Partial<EventRow>

const request = {
  kind: 'request',
  matches: 'nothing',
  output: closedShapes.blockingContext,
  text: 'ignored',
  exit2: 'blocks',
  timeoutSec: longest,
  children: true,
  managed: true,
} as const satisfies Partial<EventRow>

const compaction = {
  kind: 'compaction',
  matches: 'trigger',
  output: closedShapes.common,
  text: 'ignored',
  exit2: 'fails',
  timeoutSec: longest,
  children: true,
} as const satisfies Partial<EventRow>

const stopping = {
  kind: 'stopping',
  output: closedShapes.blocking,
  text: 'error',
  exit2: 'blocks',
  timeoutSec: longest,
  claude: { output: openShapes.context, text: 'ignored' },
} as const satisfies Partial<EventRow>

/** Told of something that nothing can be done about any more. */
const notice = {
  kind: 'notice',
  text: 'ignored',
  exit2: 'fails',
  timeoutSec: longest,
  children: true,
} as const satisfies Partial<EventRow>

/** Every event, in the order a turn meets them. */
export const events: Readonly<Record<HookEvent, EventRow>> = {
  SessionStart: {
    ...opening,
    matches: 'source',
    input: ['model', 'permission_mode', 'source'],
    children: false,
    claude: { output: openShapes.context },
  },
  InstructionsLoaded: {
    ...notice,
    matches: 'load_reason',
    input: ['file_path', 'memory_type', 'load_reason'],
    children: false,
  },
  UserPromptSubmit: {
    kind: 'prompt',
    matches: 'nothing',
    input: [...turn, 'prompt'],
    output: closedShapes.blockingContext,
    text: 'context',
    exit2: 'blocks',
    timeoutSec: longest,
    children: false,
    claude: { output: openShapes.context },
  },
  PreModelRequest: { ...request, input: [...turn, 'request'] },
  PostModelRequest: { ...request, input: [...turn, 'response'] },
  PreToolUse: {
    kind: 'tool',
    matches: 'tool',
    input: [...turn, ...tool, 'tool_use_id'],
    output: closedShapes.tool,
    text: 'ignored',
    exit2: 'blocks',
    timeoutSec: longest,
    children: true,
    claude: { output: openShapes.tool },
  },
  PermissionRequest: {
    kind: 'permission',
    matches: 'tool',
    input: [...turn, ...tool],
    output: closedShapes.permission,
    text: 'ignored',
    exit2: 'blocks',
    timeoutSec: longest,
    children: true,
    claude: { output: openShapes.permission },
  },
  PermissionDenied: {
    kind: 'denied',
    matches: 'tool',
    input: [...turn, ...tool, 'tool_use_id', 'reason', 'denied_by'],
    output: openShapes.denied,
    text: 'ignored',
    exit2: 'fails',
    timeoutSec: longest,
    children: true,
  },
  PostToolUse: {
    kind: 'result',
    matches: 'tool',
    input: [...turn, ...tool, 'tool_response', 'tool_use_id', 'duration_ms'],
    output: closedShapes.result,
    text: 'ignored',
    exit2: 'blocks',
    timeoutSec: longest,
    children: true,
    claude: { output: openShapes.result },
  },
  PostToolUseFailure: {
    kind: 'result',
    matches: 'tool',
    input: [...turn, ...tool, 'tool_use_id', 'error', 'is_interrupt', 'duration_ms'],
    output: openShapes.context,
    text: 'ignored',
    exit2: 'blocks',
    timeoutSec: longest,
    children: true,
  },
  PostToolBatch: {
    kind: 'batch',
    matches: 'nothing',
    input: [...turn, 'tool_calls'],
    output: openShapes.context,
    text: 'ignored',
    exit2: 'blocks',
    timeoutSec: longest,
    children: true,
  },
  PreCompact: {
    ...compaction,
    input: ['turn_id', 'model', 'trigger', 'custom_instructions'],
    claude: { output: openShapes.context, text: 'context', exit2: 'blocks' },
  },
  PostCompact: {
    ...compaction,
    input: ['turn_id', 'model', 'trigger', 'compact_summary'],
    claude: { output: openShapes.context },
  },
  SubagentStart: {
    ...opening,
    matches: 'agent_type',
    input: [...turn, ...agent],
    children: true,
    claude: { output: openShapes.context, text: 'ignored' },
  },
  SubagentStop: {
    ...stopping,
    matches: 'agent_type',
    input: [...turn, ...agent, 'agent_transcript_path', ...stop],
    children: true,
  },
  Stop: { ...stopping, matches: 'nothing', input: [...turn, ...stop], children: false },
  StopFailure: {
    ...notice,
    matches: 'error',
    input: [...turn, 'error', 'error_details', 'last_assistant_message'],
  },
  Interrupt: {
    kind: 'notice',
    matches: 'nothing',
    input: [...turn],
    output: closedShapes.notice,
    text: 'error',
    exit2: 'fails',
    timeoutSec: longest,
    children: false,
    detached: true,
    claude: { output: openShapes.context, text: 'ignored' },
  },
  Notification: {
    ...notice,
    matches: 'notification_type',
    input: ['message', 'title', 'notification_type'],
    output: openShapes.context,
  },
  SessionEnd: {
    kind: 'notice',
    matches: 'reason',
    input: ['reason'],
    text: 'ignored',
    exit2: 'fails',
    timeoutSec: 1,
    children: false,
    detached: true,
  },
}

/** How a handler of a dialect is read. */
export function readingOf(event: HookEvent, dialect: Dialect): Reading {
  const row = events[event]
  return dialect === 'claude' ? { ...row, ...row.claude } : row
}

/** True for the name of an event that a handler can be run for. */
export function isHookEvent(name: string): name is HookEvent {
  return Object.hasOwn(events, name)
}
