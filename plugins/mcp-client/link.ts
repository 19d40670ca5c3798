import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type {
  JsonSchemaValidatorResult,
  jsonSchemaValidator,
} from '@modelcontextprotocol/sdk/validation'
import { messageOf, type Log } from 'hookline'
import { headAndTail } from 'hookline/kit'
import manifest from 'hookline/package.json' with { type: 'json' }
import { readTools, type ListedTools } from './listed-tool.ts'
import { PipeTransport } from './pipe-transport.ts'
import type { ServerProcess } from './server-process.ts'
import type { Launch } from './server-spec.ts'

const mostPages = 50
const longestReason = 2000
/** Every request carries them, with the tools. */
const mostInstructions = 16 * 1024

/** One question to a server. */
export interface Asked {
  readonly method: 'tools/call' | 'resources/list' | 'resources/templates/list' | 'resources/read'
  readonly params: Readonly<Record<string, unknown>>
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Told what the server says of its progress. */
  readonly onProgress?: ((text: string) => void) | undefined
}

/** The answer as it came, or why there is none. */
export type Answered =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly message: string }

/** An initialized connection to a server. */
export interface Link {
  readonly instructions: string | undefined
  readonly hasResources: boolean
  /** Settles with why the connection is over. */
  readonly ended: Promise<string>
  listTools(): Promise<ListedTools>
  /** Never rejects. */
  ask(asked: Asked): Promise<Answered>
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

/** Results are shown to a model, not computed with: no validator is compiled for them. */
const unchecked: jsonSchemaValidator = {
  getValidator:
    <T>() =>
    // The SDK has no form for data that is handed on as it came.
    (data: unknown): JsonSchemaValidatorResult<T> => ({
      valid: true,
      data: data as T,
      errorMessage: undefined,
    }),
}

function newClient(sdk: Sdk, events: LinkEvents): Client {
  const client = new sdk.Client(
    { name: 'hookline', title: 'hookline', version: manifest.version },
    {
      // Without the capability a server may go on without asking; with it, it is refused.
      capabilities: { elicitation: { form: {}, url: {} } },
      jsonSchemaValidator: unchecked,
    },
  )
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the client has no other way
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
    const reason = reasonOf(sdk, error, transport)
    await client.close()
    throw new Error(reason ?? `it did not answer within ${timeout / 1000} s`, { cause: error })
  }
  const instructions = client.getInstructions()
  return {
    instructions:
      instructions === undefined ? undefined : headAndTail(instructions, mostInstructions),
    hasResources: client.getServerCapabilities()?.resources !== undefined,
    ended: transport.ended,
    listTools: async () => {
      try {
        return readTools(await listedBy(client, sdk, listOptions))
      } catch (error) {
        const reason = reasonOf(sdk, error, transport)
        throw new Error(reason ?? `it did not list its tools within ${timeout / 1000} s`, {
          cause: error,
        })
      }
    },
    ask: async (asked) => {
      try {
        return { ok: true, value: await answerTo(client, sdk, asked) }
      } catch (error) {
        if (asked.signal?.aborted) return { ok: false, message: 'the call was interrupted' }
        const late = `timed out awaiting ${asked.method} after ${asked.timeoutMs}ms`
        return { ok: false, message: reasonOf(sdk, error, transport) ?? late }
      }
    },
    close: () => client.close(),
  }
}

/** The codes of errors are numbers of any kind; those of the SDK are the ones it knows. */
function hasCode(error: { readonly code: number }, code: number): boolean {
  return error.code === code
}

/** Why a request failed; undefined: nothing came in time. */
function reasonOf(sdk: Sdk, error: unknown, transport: PipeTransport): string | undefined {
  if (transport.fault !== undefined) return transport.fault
  if (error instanceof sdk.McpError && hasCode(error, sdk.ErrorCode.RequestTimeout))
    return undefined
  return messageOf(error).replace(/\s+/g, ' ').slice(0, longestReason)
}

async function listedBy(
  client: Client,
  sdk: Sdk,
  options: { readonly timeout: number },
): Promise<readonly unknown[]> {
  let entries: readonly unknown[] = []
  let cursor: unknown
  for (let page = 0; page < mostPages; page += 1) {
    const params = typeof cursor === 'string' ? { cursor } : {}
    let answer: Readonly<Record<string, unknown>>
    try {
      answer = await client.request({ method: 'tools/list', params }, sdk.ResultSchema, options)
    } catch (error) {
      // A server without tools need not know the question.
      if (error instanceof sdk.McpError && hasCode(error, sdk.ErrorCode.MethodNotFound))
        return entries
      throw error
    }
    const { tools, nextCursor } = answer
    if (Array.isArray(tools)) entries = entries.concat(tools)
    cursor = nextCursor
    if (typeof cursor !== 'string') return entries
  }
  return entries
}

async function answerTo(
  client: Client,
  sdk: Sdk,
  asked: Asked,
): Promise<Readonly<Record<string, unknown>>> {
  const { method, params, timeoutMs, signal, onProgress } = asked
  // The SDK never lets go of a signal, and the one of a session lasts.
  using own = ownSignal(signal)
  // The SDK has a type for the parameters of each method; what callers put together fits the one they name.
  const request = { method, params } as Parameters<Client['request']>[0]
  return await client.request(request, sdk.ResultSchema, {
    timeout: timeoutMs,
    signal: own.signal,
    onprogress: ({ message }) => {
      if (message !== undefined) onProgress?.(message)
    },
  })
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
