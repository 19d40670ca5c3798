import http from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import https from 'node:https'
import type { AgentOptions } from 'node:https'
import { getCACertificates } from 'node:tls'

type Fetch = typeof fetch

interface Agents {
  readonly http: http.Agent
  readonly https: https.Agent
}

const mostRedirects = 20
const withoutBody = [101, 204, 205, 304]

/** A `fetch` on agents of its own: the global one takes neither proxies nor authorities for itself alone. */
export function agentFetch(
  proxyEnv: AgentOptions['proxyEnv'],
  certificates: readonly string[],
): Fetch {
  const proxied = proxyEnv === undefined ? {} : { proxyEnv }
  const trusted =
    certificates.length === 0 ? {} : { ca: [...getCACertificates('default'), ...certificates] }
  const agents: Agents = {
    http: new http.Agent({ keepAlive: true, ...proxied }),
    https: new https.Agent({ keepAlive: true, ...proxied, ...trusted }),
  }
  return async (input, init) => {
    const request = new Request(input, init)
    const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer())
    return follow(agents, {
      request,
      url: new URL(request.url),
      method: request.method,
      headers: request.headers,
      body,
    })
  }
}

interface Hop {
  /** What was asked for, with its signal and its wish about redirects. */
  readonly request: Request
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly body: Uint8Array | undefined
}

async function follow(agents: Agents, first: Hop): Promise<Response> {
  let hop = first
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const incoming = await send(agents, hop)
    const location = isRedirect(incoming) ? incoming.headers.location : undefined
    if (location === undefined || hop.request.redirect === 'manual')
      return responseOf(incoming, hop, redirects > 0)
    incoming.resume()
    if (hop.request.redirect === 'error') break
    hop = redirected(hop, new URL(location, hop.url), incoming.statusCode ?? 0)
  }
  throw new TypeError('fetch failed', {
    cause: new Error(`${first.url.href} redirects, which is not wanted`),
  })
}

function isRedirect(incoming: IncomingMessage): boolean {
  return [301, 302, 303, 307, 308].includes(incoming.statusCode ?? 0)
}

function redirected(hop: Hop, url: URL, status: number): Hop {
  const headers = new Headers(hop.headers)
  if (url.origin !== hop.url.origin)
    for (const name of ['authorization', 'cookie']) headers.delete(name)
  const becomesGet = status === 303 ? hop.method !== 'HEAD' : status < 303 && hop.method === 'POST'
  if (!becomesGet) return { ...hop, url, headers }
  for (const name of ['content-type', 'content-encoding', 'content-language']) headers.delete(name)
  return { ...hop, url, headers, method: 'GET', body: undefined }
}

function send(
  agents: Agents,
  { request, url, method, headers, body }: Hop,
): Promise<IncomingMessage> {
  if (request.signal.aborted) return Promise.reject(request.signal.reason)
  return new Promise((resolve, reject) => {
    const options = { method, headers: Object.fromEntries(headers), signal: request.signal }
    const fail = (error: Error) => reject(failure(request, 'fetch failed', error))
    let outgoing: ClientRequest
    if (url.protocol === 'https:')
      outgoing = https.request(url, { ...options, agent: agents.https })
    else if (url.protocol === 'http:')
      outgoing = http.request(url, { ...options, agent: agents.http })
    else return fail(new Error(`${url.protocol} is not supported`))
    outgoing.once('response', resolve)
    outgoing.on('error', fail)
    outgoing.end(body)
  })
}

function failure(request: Request, message: string, cause: unknown): unknown {
  return request.signal.aborted ? request.signal.reason : new TypeError(message, { cause })
}

function responseOf(incoming: IncomingMessage, hop: Hop, isRedirected: boolean): Response {
  const headers = new Headers()
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index] ?? '', incoming.rawHeaders[index + 1] ?? '')
  }
  const status = incoming.statusCode ?? 0
  const hasBody = hop.method !== 'HEAD' && !withoutBody.includes(status)
  if (!hasBody) incoming.resume()
  const body = hasBody ? ReadableStream.from(bodyOf(incoming, hop.request)) : null
  const response = new Response(body, { status, statusText: incoming.statusMessage ?? '', headers })
  Object.defineProperty(response, 'url', { value: hop.url.href })
  Object.defineProperty(response, 'redirected', { value: isRedirected })
  return response
}

async function* bodyOf(incoming: IncomingMessage, request: Request): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of incoming) yield new Uint8Array(chunk)
  } catch (error) {
    throw failure(request, 'terminated', error)
  }
}
