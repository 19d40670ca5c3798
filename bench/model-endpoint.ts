import { createServer } from 'node:http'

/** A model endpoint that answers every request with one word and knows when each arrived. */
export interface ModelEndpoint extends AsyncDisposable {
  readonly url: string
  /** The time of the first request since the last call, in milliseconds of `performance.now()`. */
  takeArrival(): number | undefined
}

const item = {
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'done', annotations: [] }],
}
const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 }
const events = [
  { type: 'response.created', response: { id: 'resp_1' } },
  { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
  {
    type: 'response.output_text.delta',
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    delta: 'done',
  },
  { type: 'response.output_item.done', output_index: 0, item },
  {
    type: 'response.completed',
    response: { id: 'resp_1', status: 'completed', output: [item], usage },
  },
]
const answer = events
  .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join('')

/** Starts the endpoint on a free port of 127.0.0.1. */
export async function modelEndpoint(): Promise<ModelEndpoint> {
  let arrival: number | undefined
  const server = createServer((incoming, outgoing) => {
    arrival ??= performance.now()
    incoming.resume().once('end', () => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(answer)
    })
  })
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port}/v1`,
    takeArrival() {
      const taken = arrival
      arrival = undefined
      return taken
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}
