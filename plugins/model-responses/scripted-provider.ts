import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type {
  AuthProvider,
  ModelEvent,
  ModelProvider,
  ModelRequest,
  ProviderSettings,
} from 'hookline'
import { modelServer, type ServerTurn } from 'hookline/testing'
import { endpointOf } from './endpoint.ts'
import { responsesProvider, type ProviderParts } from './provider.ts'
import { httpTransport } from './transport.ts'

/** The last event of a response. */
export const done = `data: {"type":"response.completed","response":{"id":"r"}}\n\n`

const secrets = { add: () => {}, redact: (text: string) => text }
const noKey: AuthProvider = {
  credentials: async () => ({ headers: {}, refreshable: false }),
  refresh: async () => ({ headers: {}, refreshable: false }),
  forget: async () => {},
}

const cleanups: (() => unknown)[] = []

/** Ends the servers and connections of a test. */
export async function closeAll(): Promise<void> {
  for (const cleanup of cleanups.splice(0)) await cleanup()
}

/** A provider with an endpoint but no session around it. */
export function providerFor(
  settings: ProviderSettings,
  parts: Partial<ProviderParts> = {},
): ModelProvider {
  const transport = httpTransport('http:')
  cleanups.push(() => transport.close())
  return responsesProvider({
    endpoint: endpointOf('mock', settings, secrets),
    client: {},
    transport: async () => transport,
    auth: () => noKey,
    reasons: () => true,
    ...parts,
  })
}

/** A provider with a scripted server. */
export async function scripted(
  turns: readonly ServerTurn[],
  settings: ProviderSettings = {},
  parts: Partial<ProviderParts> = {},
) {
  const server = await modelServer(turns)
  cleanups.push(() => server.close())
  return { server, provider: providerFor({ base_url: server.url, ...settings }, parts) }
}

/** A server of its own, for what a script cannot say. */
export async function listen(
  onRequest: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
) {
  const server = createServer(onRequest)
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  // A listening TCP server has an address of this kind.
  const { port } = server.address() as AddressInfo
  return { server, url: `http://127.0.0.1:${port}/v1` }
}

/** The smallest request there is. */
export function request(change: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: 'gpt-5.5',
    items: [],
    tools: [],
    parallelToolCalls: true,
    headers: {},
    sessionId: 's',
    turnId: 't',
    kind: 'turn',
    turnState: new Map(),
    ...change,
  }
}

/** Makes a request; its events are taken one by one. */
export function begin(
  provider: ModelProvider,
  signal = new AbortController().signal,
): AsyncIterator<ModelEvent> {
  return provider.stream(request(), signal)[Symbol.asyncIterator]()
}

/** Makes a request and reads the answer to its end. */
export async function collect(
  provider: ModelProvider,
  change: Partial<ModelRequest> = {},
  signal = new AbortController().signal,
): Promise<readonly ModelEvent[]> {
  const events: ModelEvent[] = []
  for await (const event of provider.stream(request(change), signal)) events.push(event)
  return events
}

/** What a request fails with. */
export async function failureOf(provider: ModelProvider, signal?: AbortSignal): Promise<unknown> {
  try {
    await collect(provider, {}, signal)
  } catch (error) {
    return error
  }
  throw new Error('the request did not fail')
}
