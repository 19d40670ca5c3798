type Fields = Readonly<Record<string, unknown>>

const patch = [
  '*** Begin Patch',
  '*** Update File: src/example.ts',
  '@@',
  "-const greeting = 'hello'",
  "+const greeting = 'good morning'",
  '*** End Patch',
].join('\n')

/** What a tool may be given. Tools that are not listed are given nothing. */
const toolInputs: Readonly<Record<string, Fields>> = {
  Bash: { command: 'ls -la' },
  apply_patch: { command: patch },
  Edit: {
    file_path: 'src/example.ts',
    old_string: "const greeting = 'hello'",
    new_string: "const greeting = 'good morning'",
    command: patch,
  },
  Write: { file_path: 'src/example.ts', content: "const greeting = 'good morning'\n" },
  MultiEdit: {
    file_path: 'src/example.ts',
    edits: [{ old_string: 'hello', new_string: 'good morning' }],
  },
  view_image: { path: 'picture.png' },
  Read: { file_path: 'src/example.ts' },
  WebFetch: { url: 'https://example.com', prompt: 'What is this?' },
}

const callId = 'call_sample'
const stop: Fields = {
  stop_hook_active: false,
  last_assistant_message: 'All done.',
  background_tasks: [],
  session_crons: [],
}
const agent: Fields = { agent_id: 'agent_sample', agent_type: 'reviewer' }

function ofTool(tool: string, given: Fields): Fields {
  const input = toolInputs[tool] ?? {}
  return { tool_name: tool, tool_input: input, ...given }
}

/** The fields of each event that are its own; a tool is named where the event is about one. */
const samples: Readonly<Record<string, (tool: string) => Fields>> = {
  SessionStart: () => ({ source: 'startup' }),
  InstructionsLoaded: () => ({
    file_path: 'AGENTS.md',
    memory_type: 'Project',
    load_reason: 'session_start',
  }),
  UserPromptSubmit: () => ({ prompt: 'Add a test for the parser.' }),
  PreModelRequest: () => ({
    request: { model: 'sample', kind: 'turn', input: [], tools: ['exec_command'] },
  }),
  PostModelRequest: () => ({ response: { output: [], complete: true } }),
  PreToolUse: (tool) => ofTool(tool, { tool_use_id: callId }),
  PermissionRequest: (tool) => ofTool(tool, {}),
  PermissionDenied: (tool) =>
    ofTool(tool, { tool_use_id: callId, reason: 'not allowed here', denied_by: 'policy' }),
  PostToolUse: (tool) =>
    ofTool(tool, { tool_response: 'done\n', tool_use_id: callId, duration_ms: 12 }),
  PostToolUseFailure: (tool) =>
    ofTool(tool, {
      tool_use_id: callId,
      error: 'the command failed with exit code 1',
      is_interrupt: false,
      duration_ms: 12,
    }),
  PostToolBatch: (tool) => ({
    tool_calls: [
      {
        tool_name: tool,
        tool_input: toolInputs[tool] ?? {},
        tool_use_id: callId,
        tool_response: 'done\n',
      },
    ],
  }),
  PreCompact: () => ({ trigger: 'auto', custom_instructions: null }),
  PostCompact: () => ({ trigger: 'auto', compact_summary: 'What was said so far.' }),
  SubagentStart: () => agent,
  SubagentStop: () => ({ ...agent, agent_transcript_path: null, ...stop }),
  Stop: () => stop,
  StopFailure: () => ({
    error: 'server_error',
    error_details: 'the model is overloaded',
    last_assistant_message: null,
  }),
  Interrupt: () => ({}),
  Notification: () => ({
    message: 'The agent waits for your answer.',
    title: 'hookline',
    notification_type: 'permission_prompt',
  }),
  ConfigChange: () => ({ source: 'user_settings', file_path: 'config.toml' }),
  CwdChanged: () => ({ old_cwd: '/before', new_cwd: '/after' }),
  SessionEnd: () => ({ reason: 'other' }),
}

/** An input for an event, as a session might give it; fields that the session itself knows are left to it. */
export function sampleInput(event: string, tool = 'Bash'): Fields {
  return samples[event]?.(tool) ?? {}
}

/** A sample with fields of one's own: they replace those of the sample, each as a whole. */
export function inputWith(event: string, own: Fields, tool?: string): Fields {
  const named = typeof own['tool_name'] === 'string' ? own['tool_name'] : tool
  return { ...sampleInput(event, named), ...own }
}
