import {
  noUsage,
  textOf,
  type Item,
  type ModelEvent,
  type ModelProvider,
  type ModelRequest,
} from 'hookline'

/**
 * Computes the answer to a request. It has nothing to go by but the request itself, so a session that is taken up
 * again goes on where it was.
 */
export type Script = (request: ModelRequest) => readonly Item[]

async function* play(items: readonly Item[]): AsyncGenerator<ModelEvent> {
  for (const item of items) {
    if (item.type === 'message') {
      yield { type: 'text_delta', itemId: item.id, delta: textOf(item.parts) }
    }
    yield { type: 'item', item }
  }
  yield { type: 'completed', usage: noUsage }
}

/** A model provider that answers from a script, which is loaded with the first request. */
export function scriptProvider(load: () => Promise<Script>): ModelProvider {
  return {
    name: 'offline script',
    requestMaxRetries: 0,
    streamMaxRetries: 0,
    async *stream(request, signal) {
      const script = await load()
      signal.throwIfAborted()
      yield* play(script(request))
    },
  }
}
