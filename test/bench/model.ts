import { createServer } from 'node:http'

export interface BenchModel extends AsyncDisposable {
  readonly url: string
  /** Starts a new run: as many calls of `true` as given, then a message. */
  begin(calls: number): void
  /** When the first and the last request of the run arrived, in ms of `performance.now()`. */
  readonly arrivals: readonly number[]
  readonly bytes: readonly number[]
}

const usage = { input_tokens: 10, output_tokens: 1, total_tokens: 11 }

function events(item: Readonly<Record<string, unknown>>, id: string): string {
  const list = [
    { type: 'response.created', response: { id } },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { id, status: 'completed', output: [], usage } },
  ]
  return list.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
}

/** A Responses endpoint that asks for a number of calls and then is done; it answers as fast as it can. */
export async function benchModel(): Promise<BenchModel> {
  let left = 0
  let arrivals: number[] = []
  let bytes: number[] = []
  let made = 0
  const server = createServer((request, response) => {
    if (request.method !== 'POST') {
      response.writeHead(404).end('{}')
      return
    }
    arrivals.push(performance.now())
    let size = 0
    request.on('data', (piece: Buffer) => (size += piece.length))
    request.on('end', () => {
      bytes.push(size)
      made += 1
      const call = left > 0
      left -= 1
      const item = call
        ? {
            type: 'function_call',
            id: `fc_${made}`,
            call_id: `call_${made}`,
            name: 'exec_command',
            arguments: JSON.stringify({ cmd: `true ${made}`, login: false }),
          }
        : {
            type: 'message',
            id: `msg_${made}`,
            role: 'assistant',
            content: [{ type: 'output_text', text: 'done' }],
          }
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(events(item, `resp_${made}`))
    })
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return {
    url: `http://127.0.0.1:${port}/v1`,
    begin: (calls) => {
      left = calls
      arrivals = []
      bytes = []
    },
    get arrivals() {
      return arrivals
    },
    get bytes() {
      return bytes
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
