import type { ModelEvent } from 'hookline'
import { readResponse } from './stream.ts'

export const encoder = new TextEncoder()

/** Reads a stream that arrives in these pieces. */
export async function read(
  pieces: readonly (string | Uint8Array)[],
): Promise<{ events: ModelEvent[]; error: unknown }> {
  const left = pieces
    .map((piece) => (typeof piece === 'string' ? encoder.encode(piece) : piece))
    .values()
  const events: ModelEvent[] = []
  try {
    for await (const event of readResponse(async () => left.next())) events.push(event)
    return { events, error: undefined }
  } catch (error) {
    return { events, error }
  }
}

/** Events as a server sends them. */
export function sse(...events: readonly Readonly<Record<string, unknown>>[]): string {
  return events
    .map((event) => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('')
}

export const message = {
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  content: [{ type: 'output_text', text: 'grüße 🦊' }],
}
export const usage = {
  input_tokens: 7,
  input_tokens_details: { cached_tokens: 3, cache_write_tokens: 2 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 4 },
}
export const completed = { type: 'response.completed', response: { id: 'resp_1', usage } }
/** A whole stream, and what is read from it. */
export const whole = sse(
  { type: 'response.created', response: { id: 'resp_1' } },
  { type: 'response.output_text.delta', item_id: 'msg_1', delta: 'grüße ' },
  { type: 'response.output_text.delta', item_id: 'msg_1', delta: '🦊' },
  { type: 'response.output_item.done', item: message },
  completed,
)
export const expected: readonly ModelEvent[] = [
  { type: 'text_delta', itemId: 'msg_1', delta: 'grüße ' },
  { type: 'text_delta', itemId: 'msg_1', delta: '🦊' },
  {
    type: 'item',
    item: {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      parts: [{ type: 'text', text: 'grüße 🦊' }],
    },
  },
  {
    type: 'completed',
    usage: {
      inputTokens: 7,
      cachedInputTokens: 3,
      cacheWriteInputTokens: 2,
      outputTokens: 5,
      reasoningOutputTokens: 4,
    },
    responseId: 'resp_1',
  },
]
