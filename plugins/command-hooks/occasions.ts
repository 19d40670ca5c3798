import type {
  ChildOpening,
  ChildStop,
  CompactRequest,
  CompactResult,
  EndReason,
  ModelRequest,
  ModelResponse,
  Notification,
  Opening,
  PermissionGate,
  PromptGate,
  StopGate,
  ToolBatch,
  ToolCall,
  ToolDenial,
  ToolGate,
  ToolOutcome,
  TurnRecord,
} from 'hookline'
import { recordItem, textOf } from 'hookline'
import type { BackgroundTask } from './background-tasks.ts'
import { folderOf, isChild, type InputFacts, type Occasion } from './input.ts'
import { patchedFile } from './patched-file.ts'
import { isTable } from './shape.ts'
import { turnErrorOf } from './turn-error.ts'
import { errorOf, openResponse } from './tool-response.ts'

/** Why a session may end, as hooks know it. */
const endReasons: ReadonlySet<string> = new Set([
  'clear',
  'logout',
  'prompt_input_exit',
  'resume',
  'other',
])

type Fields = Readonly<Record<string, unknown>>
type OfTool = Omit<Occasion, 'event'>

/** Scripts of the claude dialect look for the file that an edit is about. */
function withFile(call: ToolCall, when: 'before' | 'after') {
  return (facts: InputFacts, input: unknown): Fields => {
    if (call.toolName !== 'apply_patch' || !isTable(input)) return {}
    const path = patchedFile(input, call.cwd ?? folderOf(facts), when)
    return path === undefined ? {} : { tool_input: { ...input, file_path: path } }
  }
}

/** A call that works in a folder of its own tells that one; the hook itself runs in the session's. */
function ofTool(call: ToolCall, when: 'before' | 'after', more: Fields = {}): OfTool {
  const { toolName, aliases, input, cwd } = call
  return {
    subjects: [toolName, ...aliases],
    fields: {
      ...(cwd !== undefined && { cwd }),
      tool_name: toolName,
      tool_input: input,
      ...more,
    },
    claude: withFile(call, when),
    callId: call.id,
    call,
  }
}

function ofStop(gate: StopGate, tasks: readonly BackgroundTask[]): Fields {
  return {
    stop_hook_active: gate.continuations > 0,
    last_assistant_message: gate.lastMessage ?? null,
    background_tasks: tasks,
    session_crons: [],
  }
}

/** What an event is about where that is no call. */
function about(subject: string | undefined, fields: Fields): Omit<Occasion, 'event'> {
  return { subjects: subject === undefined ? [] : [subject], fields }
}

/** What each event tells its handlers, by event. */
export const occasions = {
  SessionStart: ({ reason }: Opening): Occasion => ({
    event: 'SessionStart',
    ...about(reason, { source: reason }),
  }),
  InstructionsLoaded: (file: string, type: string, reason: string): Occasion => ({
    event: 'InstructionsLoaded',
    ...about(reason, { file_path: file, memory_type: type, load_reason: reason }),
  }),
  UserPromptSubmit: (gate: PromptGate): Occasion => ({
    event: 'UserPromptSubmit',
    ...about(undefined, { prompt: gate.prompt.text }),
  }),
  PreModelRequest: ({ model, kind, items, tools }: ModelRequest): Occasion => ({
    event: 'PreModelRequest',
    ...about(undefined, {
      request: { model, kind, input: items.map(recordItem), tools: tools.map(({ name }) => name) },
    }),
  }),
  PostModelRequest: ({ items, complete }: ModelResponse): Occasion => ({
    event: 'PostModelRequest',
    ...about(undefined, { response: { output: items.map(recordItem), complete } }),
  }),
  PreToolUse: ({ call }: ToolGate): Occasion => ({
    event: 'PreToolUse',
    ...ofTool(call, 'before', { tool_use_id: call.id }),
  }),
  PermissionRequest: ({ call, need }: PermissionGate): Occasion => {
    const description = need.detail?.['justification']
    const explained = typeof description === 'string' && isTable(call.input)
    const input = explained ? { tool_input: { ...call.input, description } } : {}
    return { event: 'PermissionRequest', ...ofTool(call, 'before', input) }
  },
  PermissionDenied: ({ call, reason, by }: ToolDenial): Occasion => ({
    event: 'PermissionDenied',
    ...ofTool(call, 'before', { tool_use_id: call.id, reason, denied_by: by }),
  }),
  PostToolUse: (outcome: ToolOutcome): Occasion => {
    const { call, response, durationMs } = outcome
    const told = ofTool(call, 'after', {
      tool_response: response,
      tool_use_id: call.id,
      duration_ms: durationMs,
    })
    return {
      event: 'PostToolUse',
      ...told,
      claude: (facts, toolInput) => ({
        ...told.claude?.(facts, toolInput),
        tool_response: openResponse(outcome),
      }),
      // The claude dialect has an event of its own for what failed; the codex one knows no result of a patch in a shell.
      ...(outcome.failed && { only: 'codex' }),
      ...(!outcome.failed && outcome.delegated && { only: 'claude' }),
    }
  },
  PostToolUseFailure: (outcome: ToolOutcome): Occasion => ({
    event: 'PostToolUseFailure',
    ...ofTool(outcome.call, 'after', {
      tool_use_id: outcome.call.id,
      error: errorOf(outcome),
      is_interrupt: false,
      duration_ms: outcome.durationMs,
    }),
  }),
  PostToolBatch: ({ outcomes }: ToolBatch): Occasion => ({
    event: 'PostToolBatch',
    ...about(undefined, {
      tool_calls: outcomes.map(({ call, output }) => ({
        tool_name: call.toolName,
        tool_input: call.input,
        tool_use_id: call.id,
        tool_response: textOf(output),
      })),
    }),
  }),
  PreCompact: ({ trigger, instructions }: CompactRequest): Occasion => ({
    event: 'PreCompact',
    ...about(trigger, { trigger, custom_instructions: instructions ?? null }),
  }),
  PostCompact: ({ trigger = 'auto', summary }: CompactResult): Occasion => ({
    event: 'PostCompact',
    ...about(trigger, { trigger, compact_summary: summary }),
  }),
  Stop: (gate: StopGate, tasks: readonly BackgroundTask[]): Occasion => ({
    event: 'Stop',
    ...about(undefined, ofStop(gate, tasks)),
  }),
  StopFailure: ({ error, lastMessage }: TurnRecord): Occasion => {
    const kind = turnErrorOf(error)
    const fields = { error: kind, error_details: error?.message ?? null }
    return {
      event: 'StopFailure',
      ...about(kind, { ...fields, last_assistant_message: lastMessage ?? null }),
    }
  },
  SubagentStart: ({ agentId, agentType, transcriptPath }: ChildOpening): Occasion => ({
    event: 'SubagentStart',
    ...about(agentType, {
      agent_id: agentId,
      agent_type: agentType,
      ...(transcriptPath !== undefined && { transcript_path: transcriptPath }),
    }),
  }),
  SubagentStop: (stop: ChildStop, facts: StopFacts): Occasion => ({
    event: 'SubagentStop',
    ...about(stop.agentType, {
      agent_id: stop.agentId,
      agent_type: stop.agentType,
      ...ofChild(stop, facts.session),
      ...ofStop(stop.gate, facts.tasks),
    }),
  }),
  Interrupt: (_end: EndReason): Occasion => ({ event: 'Interrupt', ...about(undefined, {}) }),
  Notification: ({ kind, title, message }: Notification): Occasion => ({
    event: 'Notification',
    ...about(kind, { message, title, notification_type: kind }),
  }),
  SessionEnd: (end: EndReason): Occasion => {
    const reason = endReasons.has(end.reason) ? end.reason : 'other'
    return { event: 'SessionEnd', ...about(reason, { reason }) }
  },
} as const

/** What the end of a child is told with. */
export interface StopFacts {
  readonly session: InputFacts['session']
  readonly tasks: readonly BackgroundTask[]
}

/** The end of a child is told by the child or by its parent; the path is the parent's in both cases. */
function ofChild({ transcriptPath }: ChildStop, session: InputFacts['session']): Fields {
  const own = isChild(session) ? session.transcriptPath : undefined
  const parent = isChild(session) ? session.parentTranscriptPath : session.transcriptPath
  return {
    transcript_path: parent ?? null,
    agent_transcript_path: transcriptPath ?? own ?? null,
  }
}
