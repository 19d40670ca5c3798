import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { messageOf, type Log } from 'hookline'
import manifest from 'hookline/package.json' with { type: 'json' }
import { readResult, type CallOutcome } from './call-result.ts'
import { readTools, type ListedTools } from './listed-tool.ts'
import { PipeTransport } from './pipe-transport.ts'
import type { ServerProcess } from './server-process.ts'
import type { Launch } from './server-spec.ts'

const mostPages = 50

/** One call of a tool. */
export interface ToolRequest {
  readonly tool: string
  readonly input: Readonly<Record<string, unknown>>
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Sent along for the server. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined
  /** Told what the server says of its progress. */
  readonly onProgress?: ((text: string) => void) | undefined
}

/** An initialized connection to a server. */
export interface Link {
  readonly instructions: string | undefined
  /** Settles with why the connection is over. */
  readonly ended: Promise<string>
  listTools(): Promise<ListedTools>
  /** Never rejects. */
  call(request: ToolRequest): Promise<CallOutcome>
  close(): Promise<void>
}

/** What a link tells while it lasts. */
export interface LinkEvents {
  readonly log: Log
  toolsChanged(): void
}

/** The SDK takes its time to load, so it is loaded when there is a server to talk to. */
async function loadSdk() {
  const [client, protocol] = await Promise.all([
    import('@modelcontextprotocol/sdk/client/index.js'),
    import('@modelcontextprotocol/sdk/types.js'),
  ])
  return { ...client, ...protocol }
}

type Sdk = Awaited<ReturnType<typeof loadSdk>>

function newClient(sdk: Sdk, events: LinkEvents): Client {
  const client = new sdk.Client(
    { name: 'hookline', title: 'hookline', version: manifest.version },
    {
      // Without the capability a server may go on without asking; with it, it is refused.
      capabilities: { elicitation: { form: {}, url: {} } },
      // Results are shown to a model, not computed with: none is compiled a validator for.
      jsonSchemaValidator: {
        // The SDK's own type has no form for data that is handed on unchecked.
        getValidator:
          <T>() =>
          (data: unknown) => ({ valid: true, data: data as T, errorMessage: undefined }),
      },
    },
  )
  client.onerror = (error) => events.log.debug(messageOf(error))
  client.setRequestHandler(sdk.ElicitRequestSchema, () => ({ action: 'decline' }))
  client.setNotificationHandler(sdk.ToolListChangedNotificationSchema, () => events.toolsChanged())
  return client
}

/**
 * Shakes hands with a started server. Throws an Error that says why it cannot be used; its process is ended then.
 */
export async function openLink(
  process: ServerProcess,
  launch: Launch,
  events: LinkEvents,
): Promise<Link> {
  const sdk = await loadSdk()
  const transport = new PipeTransport(process, events.log)
  const client = newClient(sdk, events)
  const timeout = launch.startupTimeoutMs
  const listOptions = { timeout }
  try {
    await client.connect(transport, { timeout })
  } catch (error) {
    const reason = await reasonOf(sdk, error, transport)
    await client.close()
    throw new Error(reason ?? `it did not answer within ${timeout / 1000} s`, { cause: error })
  }
  return {
    instructions: client.getInstructions(),
    ended: transport.ended,
    listTools: async () => {
      try {
        return readTools(await listedBy(client, sdk, listOptions))
      } catch (error) {
        const reason = await reasonOf(sdk, error, transport)
        throw new Error(reason ?? `it did not list its tools within ${timeout / 1000} s`, {
          cause: error,
        })
      }
    },
    call: async (request) => {
      try {
        return await requestCall(client, sdk, request)
      } catch (error) {
        const reason = await reasonOf(sdk, error, transport)
        return {
          ok: false,
          message: reason ?? `timed out awaiting tools/call after ${request.timeoutMs}ms`,
        }
      }
    },
    close: () => client.close(),
  }
}

/** Why a request failed; undefined: nothing came in time. */
async function reasonOf(
  sdk: Sdk,
  error: unknown,
  transport: PipeTransport,
): Promise<string | undefined> {
  if (!(error instanceof sdk.McpError)) return messageOf(error)
  if (error.code === Number(sdk.ErrorCode.ConnectionClosed)) return transport.ended
  return error.code === Number(sdk.ErrorCode.RequestTimeout) ? undefined : error.message
}

async function listedBy(
  client: Client,
  sdk: Sdk,
  options: { readonly timeout: number },
): Promise<unknown[]> {
  const entries: unknown[] = []
  let cursor: unknown
  for (let page = 0; page < mostPages; page += 1) {
    const params = typeof cursor === 'string' ? { cursor } : {}
    let answer: Readonly<Record<string, unknown>>
    try {
      answer = await client.request({ method: 'tools/list', params }, sdk.ResultSchema, options)
    } catch (error) {
      // A server without tools need not know the question.
      if (error instanceof sdk.McpError && error.code === Number(sdk.ErrorCode.MethodNotFound))
        return entries
      throw error
    }
    const { tools, nextCursor } = answer
    if (Array.isArray(tools)) entries.push(...tools)
    cursor = nextCursor
    if (typeof cursor !== 'string') return entries
  }
  return entries
}

async function requestCall(client: Client, sdk: Sdk, request: ToolRequest): Promise<CallOutcome> {
  const { tool, input, timeoutMs, signal, meta, onProgress } = request
  // The SDK never lets go of a signal, and the one of a session lasts.
  using own = ownSignal(signal)
  const answer = await client.request(
    {
      method: 'tools/call',
      params: { name: tool, arguments: { ...input }, ...(meta ? { _meta: meta } : {}) },
    },
    sdk.ResultSchema,
    {
      timeout: timeoutMs,
      signal: own.signal,
      onprogress: ({ message }) => {
        if (message !== undefined) onProgress?.(message)
      },
    },
  )
  const result = readResult(answer)
  return result
    ? { ok: true, result }
    : { ok: false, message: 'the answer is not the result of a tool' }
}

function ownSignal(outer: AbortSignal | undefined): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController()
  const onAbort = () => controller.abort(outer?.reason)
  if (outer?.aborted) onAbort()
  outer?.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => outer?.removeEventListener('abort', onAbort),
  }
}
