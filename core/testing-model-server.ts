import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** Text is an assistant's message; anything else is an item in the words of the wire. */
export type ScriptedItem = string | Readonly<Record<string, unknown>>

/** What the server does with one request. */
export interface ServerTurn {
  readonly items?: readonly ScriptedItem[]
  /** Token counts, in the words of the wire; `null` leaves them out. */
  readonly usage?: Readonly<Record<string, unknown>> | null
  /** Further fields of the finished response, such as `{ end_turn: false }`. */
  readonly response?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  /** Refuses with this status and `body`. */
  readonly status?: number
  /** Text as it is, anything else as JSON; with it nothing is streamed. */
  readonly body?: unknown
  /** Ends with `response.failed`. */
  readonly failed?: { readonly code: string; readonly message: string }
  /** Ends with `response.incomplete` and this reason. */
  readonly incomplete?: string
  /** After the items: closes the stream, cuts the connection, or falls silent. `drop` answers nothing at all. */
  readonly cut?: 'end' | 'reset' | 'hang' | 'drop'
  /** Sent exactly so, piece by piece, in place of events. */
  readonly raw?: readonly (string | Uint8Array)[]
}

/** A request as it arrived. */
export interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Decoded JSON, else the text. */
  readonly body: unknown
}

export interface ModelServer extends AsyncDisposable {
  /** The address for `base_url`. */
  readonly url: string
  /** In order of arrival. */
  readonly requests: readonly RecordedRequest[]
  close(): Promise<void>
}

/**
 * Starts a scripted Responses endpoint on 127.0.0.1: each request takes the next turn, a list of items or a `ServerTurn`.
 * A request too many is refused with status 400, so that a script that is too short does not look like a passing fault.
 */
export async function modelServer(
  turns: readonly (readonly ScriptedItem[] | ServerTurn)[],
): Promise<ModelServer> {
  const requests: RecordedRequest[] = []
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const request = await receive(incoming)
    const turn = turns[requests.length] ?? { status: 400, body: tooMany }
    requests.push(request)
    await answer(isTurn(turn) ? turn : { items: turn }, requests.length, outgoing)
  }
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy())
  })
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject)
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const close = async () => {
    const closed = Promise.withResolvers<void>()
    server.close(() => closed.resolve())
    server.closeAllConnections()
    await closed.promise
  }
  return { url: `http://127.0.0.1:${port}/v1`, requests, close, [Symbol.asyncDispose]: close }
}

const tooMany = { error: { message: 'the script has no turn left', type: 'script_error' } }

function isTurn(turn: readonly ScriptedItem[] | ServerTurn): turn is ServerTurn {
  return !Array.isArray(turn)
}

async function receive(incoming: IncomingMessage): Promise<RecordedRequest> {
  const { method = '', url = '/', headers } = incoming
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString('utf8')
  const { pathname, search } = new URL(url, 'http://localhost')
  return { method, path: pathname, query: search, headers, body: decode(text) }
}

function decode(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

async function answer(turn: ServerTurn, number: number, outgoing: ServerResponse): Promise<void> {
  if (turn.cut === 'drop') {
    outgoing.destroy()
    return
  }
  if (turn.status !== undefined || turn.body !== undefined) {
    const isText = typeof turn.body === 'string'
    outgoing.writeHead(turn.status ?? 200, {
      'content-type': isText ? 'text/plain' : 'application/json',
      ...turn.headers,
    })
    outgoing.end(isText ? turn.body : JSON.stringify(turn.body ?? {}))
    return
  }
  outgoing.writeHead(200, { 'content-type': 'text/event-stream', ...turn.headers })
  await sendPieces(
    outgoing,
    turn.raw ??
      eventsOf(turn, number).map(
        (event) => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`,
      ),
  )
  if (turn.cut === 'hang') return
  if (turn.cut === 'reset') outgoing.destroy()
  else outgoing.end()
}

async function sendPieces(
  outgoing: ServerResponse,
  pieces: readonly (string | Uint8Array)[],
): Promise<void> {
  for (const piece of pieces) {
    const sent = Promise.withResolvers<void>()
    // Settles also when the other side has gone.
    outgoing.write(piece, () => sent.resolve())
    await sent.promise
  }
}

const idPrefixes: Readonly<Record<string, string>> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  custom_tool_call: 'ctc',
}

function wireItem(item: ScriptedItem, id: string): Readonly<Record<string, unknown>> {
  if (typeof item === 'string') {
    return {
      type: 'message',
      id: `msg_${id}`,
      role: 'assistant',
      content: [{ type: 'output_text', text: item }],
    }
  }
  return { id: `${idPrefixes[String(item['type'])] ?? 'item'}_${id}`, ...item }
}

function eventsOf(turn: ServerTurn, number: number): readonly Readonly<Record<string, unknown>>[] {
  const id = `resp_${number}`
  const output = (turn.items ?? []).map((item, at) => wireItem(item, `${number}_${at}`))
  const events: Readonly<Record<string, unknown>>[] = [
    { type: 'response.created', response: { id, status: 'in_progress' } },
  ]
  for (const [at, item] of output.entries()) {
    events.push({
      type: 'response.output_item.added',
      output_index: at,
      item: { ...item, status: 'in_progress' },
    })
    const scripted = turn.items?.[at]
    if (typeof scripted === 'string')
      events.push({
        type: 'response.output_text.delta',
        item_id: item['id'],
        output_index: at,
        delta: scripted,
      })
    events.push({ type: 'response.output_item.done', output_index: at, item })
  }
  const end = endOf(turn, { id, output })
  return end ? [...events, end] : events
}

interface Ending {
  readonly id: string
  readonly output: readonly unknown[]
}

function endOf(
  turn: ServerTurn,
  { id, output }: Ending,
): Readonly<Record<string, unknown>> | undefined {
  if (turn.cut !== undefined) return undefined
  if (turn.failed)
    return { type: 'response.failed', response: { id, status: 'failed', error: turn.failed } }
  const usage = turn.usage === null ? {} : { usage: turn.usage ?? scriptedUsage }
  if (turn.incomplete !== undefined) {
    return {
      type: 'response.incomplete',
      response: {
        id,
        status: 'incomplete',
        incomplete_details: { reason: turn.incomplete },
        ...usage,
      },
    }
  }
  return {
    type: 'response.completed',
    response: { id, status: 'completed', output, ...usage, ...turn.response },
  }
}

const scriptedUsage = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 10 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 5 },
  total_tokens: 120,
}
