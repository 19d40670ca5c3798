import type {
  ChildOpening,
  ChildStop,
  CompactRequest,
  EndReason,
  Opening,
  PermissionGate,
  PromptGate,
  StopGate,
  ToolCall,
  ToolGate,
  ToolOutcome,
} from 'hookline'
import type { Occasion } from './input.ts'
import { isTable } from './shape.ts'

/** Why a session may end, as hooks know it. */
const endReasons: ReadonlySet<string> = new Set([
  'clear',
  'logout',
  'prompt_input_exit',
  'resume',
  'other',
])

type Named = Pick<Occasion, 'subjects' | 'fields'>

/** A call that works in a folder of its own tells that one; the hook itself runs in the session's. */
function ofTool({ toolName, aliases, input, cwd }: ToolCall): Named {
  const fields = { ...(cwd !== undefined && { cwd }), tool_name: toolName, tool_input: input }
  return { subjects: [toolName, ...aliases], fields }
}

function ofStop(gate: StopGate): Readonly<Record<string, unknown>> {
  return {
    stop_hook_active: gate.continuations > 0,
    last_assistant_message: gate.lastMessage ?? null,
  }
}

/** What each event tells its handlers, by event. */
export const occasions = {
  SessionStart: (opening: Opening): Occasion => ({
    event: 'SessionStart',
    subjects: [opening.reason],
    fields: { source: opening.reason },
  }),
  UserPromptSubmit: (gate: PromptGate): Occasion => ({
    event: 'UserPromptSubmit',
    subjects: [],
    fields: { prompt: gate.prompt.text },
  }),
  PreToolUse: ({ call }: ToolGate): Occasion => {
    const { subjects, fields } = ofTool(call)
    return {
      event: 'PreToolUse',
      subjects,
      fields: { ...fields, tool_use_id: call.id },
      callId: call.id,
    }
  },
  PermissionRequest: ({ call, need }: PermissionGate): Occasion => {
    const { subjects, fields } = ofTool(call)
    const description = need.detail?.['justification']
    const explained = typeof description === 'string' && isTable(call.input)
    const input = explained ? { tool_input: { ...call.input, description } } : {}
    return {
      event: 'PermissionRequest',
      subjects,
      fields: { ...fields, ...input },
      callId: call.id,
    }
  },
  PostToolUse: ({ call, response, durationMs }: ToolOutcome): Occasion => {
    const { subjects, fields } = ofTool(call)
    const result = { tool_response: response, tool_use_id: call.id, duration_ms: durationMs }
    return { event: 'PostToolUse', subjects, fields: { ...fields, ...result }, callId: call.id }
  },
  PreCompact: ({ trigger }: CompactRequest): Occasion => ({
    event: 'PreCompact',
    subjects: [trigger],
    fields: { trigger },
  }),
  Stop: (gate: StopGate): Occasion => ({ event: 'Stop', subjects: [], fields: ofStop(gate) }),
  SubagentStart: ({ agentId, agentType }: ChildOpening): Occasion => ({
    event: 'SubagentStart',
    subjects: [agentType],
    fields: { agent_id: agentId, agent_type: agentType },
  }),
  SubagentStop: ({ agentId, agentType, gate }: ChildStop): Occasion => ({
    event: 'SubagentStop',
    subjects: [agentType],
    fields: {
      agent_id: agentId,
      agent_type: agentType,
      agent_transcript_path: null,
      ...ofStop(gate),
    },
  }),
  Interrupt: (_end: EndReason): Occasion => ({ event: 'Interrupt', subjects: [], fields: {} }),
  SessionEnd: (end: EndReason): Occasion => {
    const reason = endReasons.has(end.reason) ? end.reason : 'other'
    return { event: 'SessionEnd', subjects: [reason], fields: { reason } }
  },
} as const
