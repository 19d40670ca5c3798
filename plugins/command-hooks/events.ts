import type { FieldShape, Shape } from './shape.ts'

/** What the matcher of a group is compared with. */
export type MatchSubject = 'tool' | 'source' | 'reason' | 'trigger' | 'agent_type' | 'nothing'

/** Events whose answers mean the same. */
export type EventKind =
  | 'opening'
  | 'prompt'
  | 'tool'
  | 'permission'
  | 'result'
  | 'stopping'
  | 'compaction'
  | 'notice'

/** All that tells one event of a hooks file from another. */
export interface EventRow {
  readonly kind: EventKind
  readonly matches: MatchSubject
  /** Fields on stdin beside `session_id`, `transcript_path`, `cwd` and `hook_event_name`. */
  readonly input: readonly string[]
  /** The answer; absent: it is not read. */
  readonly output?: Shape
  /** What plain text on stdout is. */
  readonly text: 'context' | 'ignored' | 'error'
  /** Whether exit code 2 with a reason on stderr blocks. */
  readonly exit2: 'blocks' | 'fails'
  /** Seconds, where a handler does not say. */
  readonly timeoutSec: number
  /** Fired in child sessions too. */
  readonly children: boolean
  /** The run outlives the turn's signal: it is bounded by its own time limit only. */
  readonly detached?: boolean
}

/** Events that a handler can be run for. */
export type HookEvent =
  | 'SessionStart'
  | 'UserPromptSubmit'
  | 'PreToolUse'
  | 'PermissionRequest'
  | 'PostToolUse'
  | 'PreCompact'
  | 'PostCompact'
  | 'SubagentStart'
  | 'SubagentStop'
  | 'Stop'
  | 'Interrupt'
  | 'SessionEnd'

const eventNames = [
  'SessionStart',
  'UserPromptSubmit',
  'PreToolUse',
  'PermissionRequest',
  'PostToolUse',
  'PreCompact',
  'PostCompact',
  'SubagentStart',
  'SubagentStop',
  'Stop',
  'Interrupt',
  'SessionEnd',
] as const satisfies readonly HookEvent[]

/** Names of a peer's events that nothing here fires: a file may hold them, and they never run. */
export const foreignEvents: ReadonlySet<string> = new Set([
  'PostToolUseFailure',
  'PostToolBatch',
  'Notification',
  'UserPromptExpansion',
  'StopFailure',
  'PreModelSwitch',
  'PostModelSwitch',
  'PermissionDenied',
  'Setup',
  'TeammateIdle',
  'TaskCreated',
  'TaskCompleted',
  'Elicitation',
  'ElicitationResult',
  'ConfigChange',
  'WorktreeCreate',
  'WorktreeRemove',
  'InstructionsLoaded',
  'CwdChanged',
  'FileChanged',
  'DirectoryAdded',
  'MessageDisplay',
  'PreModelRequest',
  'PostModelRequest',
])

const text: FieldShape = { kind: 'text' }
const any: FieldShape = { kind: 'any' }
const flag: FieldShape = { kind: 'flag' }

const common: Shape = {
  continue: flag,
  stopReason: text,
  suppressOutput: flag,
  systemMessage: text,
}
const blocking: Shape = { ...common, decision: { kind: 'choice', values: ['block'] }, reason: text }

/** The name must be that of an event, but need not be that of this event. */
function specific(fields: Shape): { readonly hookSpecificOutput: FieldShape } {
  const hookEventName: FieldShape = { kind: 'choice', values: eventNames, required: true }
  return { hookSpecificOutput: { kind: 'object', fields: { hookEventName, ...fields } } }
}

const turn = ['turn_id', 'model', 'permission_mode'] as const
const longest = 600

/** Every event, in the order a turn meets them. */
export const events: Readonly<Record<HookEvent, EventRow>> = {
  SessionStart: {
    kind: 'opening',
    matches: 'source',
    input: ['model', 'permission_mode', 'source'],
    output: { ...common, ...specific({ additionalContext: text }) },
    text: 'context',
    exit2: 'fails',
    timeoutSec: longest,
    children: false,
  },
  UserPromptSubmit: {
    kind: 'prompt',
    matches: 'nothing',
    input: [...turn, 'prompt'],
    output: { ...blocking, ...specific({ additionalContext: text }) },
    text: 'context',
    exit2: 'blocks',
    timeoutSec: longest,
    children: false,
  },
  PreToolUse: {
    kind: 'tool',
    matches: 'tool',
    input: [...turn, 'tool_name', 'tool_input', 'tool_use_id'],
    output: {
      ...common,
      decision: { kind: 'choice', values: ['approve', 'block'] },
      reason: text,
      ...specific({
        permissionDecision: { kind: 'choice', values: ['allow', 'deny', 'ask'] },
        permissionDecisionReason: text,
        updatedInput: any,
        additionalContext: text,
      }),
    },
    text: 'ignored',
    exit2: 'blocks',
    timeoutSec: longest,
    children: true,
  },
  PermissionRequest: {
    kind: 'permission',
    matches: 'tool',
    input: [...turn, 'tool_name', 'tool_input'],
    output: {
      ...common,
      ...specific({
        decision: {
          kind: 'object',
          fields: {
            behavior: { kind: 'choice', values: ['allow', 'deny'], required: true },
            message: text,
            updatedInput: any,
            updatedPermissions: any,
            interrupt: flag,
          },
        },
      }),
    },
    text: 'ignored',
    exit2: 'blocks',
    timeoutSec: longest,
    children: true,
  },
  PostToolUse: {
    kind: 'result',
    matches: 'tool',
    input: [...turn, 'tool_name', 'tool_input', 'tool_response', 'tool_use_id'],
    output: { ...blocking, ...specific({ additionalContext: text, updatedMCPToolOutput: any }) },
    text: 'ignored',
    exit2: 'blocks',
    timeoutSec: longest,
    children: true,
  },
  PreCompact: {
    kind: 'compaction',
    matches: 'trigger',
    input: ['turn_id', 'model', 'trigger'],
    output: common,
    text: 'ignored',
    exit2: 'fails',
    timeoutSec: longest,
    children: true,
  },
  PostCompact: {
    kind: 'compaction',
    matches: 'trigger',
    input: ['turn_id', 'model', 'trigger'],
    output: common,
    text: 'ignored',
    exit2: 'fails',
    timeoutSec: longest,
    children: true,
  },
  SubagentStart: {
    kind: 'opening',
    matches: 'agent_type',
    input: [...turn, 'agent_id', 'agent_type'],
    output: { ...common, ...specific({ additionalContext: text }) },
    text: 'context',
    exit2: 'fails',
    timeoutSec: longest,
    children: true,
  },
  SubagentStop: {
    kind: 'stopping',
    matches: 'agent_type',
    input: [
      ...turn,
      'agent_id',
      'agent_type',
      'agent_transcript_path',
      'stop_hook_active',
      'last_assistant_message',
    ],
    output: blocking,
    text: 'error',
    exit2: 'blocks',
    timeoutSec: longest,
    children: true,
  },
  Stop: {
    kind: 'stopping',
    matches: 'nothing',
    input: [...turn, 'stop_hook_active', 'last_assistant_message'],
    output: blocking,
    text: 'error',
    exit2: 'blocks',
    timeoutSec: longest,
    children: false,
  },
  Interrupt: {
    kind: 'notice',
    matches: 'nothing',
    input: [...turn],
    output: { systemMessage: text },
    text: 'error',
    exit2: 'fails',
    timeoutSec: longest,
    children: false,
    detached: true,
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

/** True for the name of an event that a handler can be run for. */
export function isHookEvent(name: string): name is HookEvent {
  return Object.hasOwn(events, name)
}

/** `PreToolUse` with another separator: `pre_tool_use`, `pre-tool-use`. */
export function spell(event: string, separator: '_' | '-'): string {
  return event.replace(/(?<=[a-z])(?=[A-Z])/g, separator).toLowerCase()
}
