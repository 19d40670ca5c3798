/** A JSON Schema, or a part of one. */
export type Schema = Readonly<Record<string, unknown>>

const text: Schema = { type: 'string' }
const flag: Schema = { type: 'boolean' }
const textOrNull: Schema = { type: ['string', 'null'] }
const choice = (...values: readonly string[]): Schema => ({ enum: values })
const listOf = (items: Schema): Schema => ({ type: 'array', items })

function table(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', properties, required: Object.keys(properties) }
}

/** On stdin of every event. */
export const sessionFields: Readonly<Record<string, Schema>> = {
  session_id: text,
  transcript_path: textOrNull,
  cwd: text,
  agent_id: { ...text, description: 'Only in subagents.' },
  agent_type: { ...text, description: 'Only in subagents.' },
  effort: { ...table({ level: text }), description: 'In a turn, where an effort is set.' },
}

/** Beside `turn_id`, with the same value. */
export const turnFields: Readonly<Record<string, Schema>> = { prompt_id: text }

const tool: Readonly<Record<string, Schema>> = {
  tool_name: text,
  tool_input: {
    description: '{ "command": … } for Bash and apply_patch; else as the model gave it.',
  },
  tool_use_id: text,
}

/** What each field on stdin holds, by its name, or by event and name where events differ. */
export const inputFields: Readonly<Record<string, Schema>> = {
  turn_id: text,
  model: text,
  permission_mode: choice('default', 'bypassPermissions'),
  source: choice('startup', 'resume', 'clear', 'compact', 'fork'),
  prompt: text,
  file_path: text,
  memory_type: choice('User', 'Project'),
  load_reason: choice('session_start', 'nested_traversal'),
  request: table({ model: text, kind: text, input: listOf({}), tools: listOf(text) }),
  response: table({ output: listOf({}), complete: flag }),
  ...tool,
  tool_response: {
    description: 'Text for Bash, in the dialect claude an object; else as the tool gave it.',
  },
  tool_calls: listOf(table({ ...tool, tool_response: text })),
  duration_ms: { type: 'number' },
  reason: text,
  'SessionEnd.reason': choice('clear', 'logout', 'prompt_input_exit', 'resume', 'other'),
  denied_by: choice('hook', 'rule', 'policy', 'reviewer', 'user', 'sandbox'),
  error: text,
  'StopFailure.error': choice(
    'rate_limit',
    'authentication_failed',
    'billing_error',
    'invalid_request',
    'server_error',
    'max_output_tokens',
    'unknown',
  ),
  error_details: textOrNull,
  is_interrupt: flag,
  trigger: choice('manual', 'auto'),
  custom_instructions: textOrNull,
  compact_summary: text,
  agent_id: text,
  agent_type: text,
  agent_transcript_path: textOrNull,
  stop_hook_active: flag,
  last_assistant_message: textOrNull,
  background_tasks: listOf(
    table({ id: text, type: text, status: text, description: text, command: text }),
  ),
  session_crons: listOf({}),
  message: text,
  title: text,
  notification_type: text,
}
