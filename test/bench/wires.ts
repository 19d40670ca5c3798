/** What the scripted model does next: run a command, or say that it is done. */
export interface Step {
  readonly number: number
  /** The command to ask for; absent for the last message. */
  readonly command?: string
}

/** One protocol the scripted model answers. */
export interface Wire {
  readonly path: string
  /** Whether a request is part of the work; agents also ask for titles and the like beside it. */
  isWork(body: Buffer): boolean
  answer(step: Step): string
}

type Event = Readonly<Record<string, unknown>> & { readonly type: string }

function named(events: readonly Event[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
}

const responses: Wire = {
  path: '/v1/responses',
  isWork: () => true,
  answer: ({ number, command }) => {
    const id = `resp_${number}`
    const usage = { input_tokens: 10, output_tokens: 1, total_tokens: 11 }
    const item =
      command === undefined
        ? {
            type: 'message',
            id: `msg_${number}`,
            role: 'assistant',
            content: [{ type: 'output_text', text: 'done' }],
          }
        : {
            type: 'function_call',
            id: `fc_${number}`,
            call_id: `call_${number}`,
            name: 'exec_command',
            arguments: JSON.stringify({ cmd: command, login: false }),
          }
    return named([
      { type: 'response.created', response: { id } },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: { id, status: 'completed', output: [], usage } },
    ])
  },
}

const bashTool = Buffer.from('"name":"Bash"')

const messages: Wire = {
  path: '/v1/messages',
  isWork: (body) => body.includes(bashTool),
  answer: ({ number, command }) => {
    const called = command !== undefined
    const message = {
      id: `msg_${number}`,
      type: 'message',
      role: 'assistant',
      model: 'bench',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 10, output_tokens: 1 },
    }
    const block = called
      ? { type: 'tool_use', id: `toolu_${number}`, name: 'Bash', input: {} }
      : { type: 'text', text: '' }
    const delta = called
      ? { type: 'input_json_delta', partial_json: JSON.stringify({ command }) }
      : { type: 'text_delta', text: 'done' }
    const end = { stop_reason: called ? 'tool_use' : 'end_turn', stop_sequence: null }
    return named([
      { type: 'message_start', message },
      { type: 'content_block_start', index: 0, content_block: block },
      { type: 'content_block_delta', index: 0, delta },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: end, usage: { output_tokens: 1 } },
      { type: 'message_stop' },
    ])
  },
}

const chat: Wire = {
  path: '/v1/chat/completions',
  isWork: () => true,
  answer: ({ number, command }) => {
    const called = command !== undefined
    const call = {
      index: 0,
      id: `call_${number}`,
      type: 'function',
      function: { name: 'bash', arguments: JSON.stringify({ command }) },
    }
    const said = called ? { tool_calls: [call] } : { content: 'done' }
    const head = { id: `chat_${number}`, object: 'chat.completion.chunk', created: 1, model: 'b' }
    const end = { index: 0, delta: {}, finish_reason: called ? 'tool_calls' : 'stop' }
    const chunks = [
      {
        ...head,
        choices: [{ index: 0, delta: { role: 'assistant', ...said }, finish_reason: null }],
      },
      {
        ...head,
        choices: [end],
        usage: { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 },
      },
    ]
    const lines = [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]']
    return lines.map((line) => `data: ${line}\n\n`).join('')
  },
}

/** The protocols of all agents that can be measured. */
export const wires: readonly Wire[] = [responses, messages, chat]
