import http from 'node:http'
import type { IncomingMessage } from 'node:http'
import https from 'node:https'
import type { AgentOptions } from 'node:https'
import { getCACertificates } from 'node:tls'

const mostRedirects = 20
const withoutBody = new Set([101, 204, 205, 304])

type Send = (request: Request, body: Uint8Array | undefined) => Promise<IncomingMessage>

/** A `fetch` on agents of its own: the global one takes neither proxies nor authorities for itself alone. */
export function agentFetch(
  proxyEnv: AgentOptions['proxyEnv'],
  certificates: readonly string[],
): typeof fetch {
  const shared = { keepAlive: true, ...(proxyEnv === undefined ? {} : { proxyEnv }) }
  const ca = [...getCACertificates('default'), ...certificates]
  const plain = new http.Agent(shared)
  const secure = new https.Agent(certificates.length === 0 ? shared : { ...shared, ca })
  const send: Send = (request, body) => {
    const isSecure = new URL(request.url).protocol === 'https:'
    const outgoing = (isSecure ? https : http).request(request.url, {
      method: request.method,
      headers: Object.fromEntries(request.headers),
      agent: isSecure ? secure : plain,
      signal: request.signal,
    })
    return new Promise((resolve, reject) => {
      outgoing.once('response', resolve)
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }
  return async (input, init) => {
    const request = new Request(input, init)
    request.signal.throwIfAborted()
    try {
      return await follow(send, request)
    } catch (error) {
      throw failure(request, 'fetch failed', error)
    }
  }
}

async function follow(send: Send, first: Request): Promise<Response> {
  let request = first
  let body = first.body === null ? undefined : new Uint8Array(await first.arrayBuffer())
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const incoming = await send(request, body)
    const isRedirect = [301, 302, 303, 307, 308].includes(incoming.statusCode ?? 0)
    const location = isRedirect ? incoming.headers.location : undefined
    if (location === undefined || first.redirect === 'manual') {
      return responseOf(incoming, { request, isRedirected: redirects > 0 })
    }
    incoming.resume()
    if (first.redirect === 'error') throw new Error(`${request.url} redirects, which is not wanted`)
    const next = redirected(request, new URL(location, request.url), incoming.statusCode ?? 0)
    if (next.method !== request.method) body = undefined
    request = next
  }
  throw new Error(`${first.url} redirects too often`)
}

function redirected(request: Request, url: URL, status: number): Request {
  const headers = new Headers(request.headers)
  const isPost = request.method === 'POST'
  const becomesGet = status === 303 ? request.method !== 'HEAD' : status < 303 && isPost
  const dropped = [
    ...(url.origin === new URL(request.url).origin ? [] : ['authorization', 'cookie']),
    ...(becomesGet ? ['content-type', 'content-encoding', 'content-language'] : []),
  ]
  for (const name of dropped) headers.delete(name)
  return new Request(url, {
    method: becomesGet ? 'GET' : request.method,
    headers,
    signal: request.signal,
  })
}

function failure(request: Request, message: string, cause: unknown): unknown {
  return request.signal.aborted ? request.signal.reason : new TypeError(message, { cause })
}

interface Answered {
  readonly request: Request
  readonly isRedirected: boolean
}

function responseOf(incoming: IncomingMessage, { request, isRedirected }: Answered): Response {
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(incoming.headersDistinct)) {
    for (const value of values) headers.append(name, value)
  }
  const { statusCode: status = 0, statusMessage: statusText = '' } = incoming
  const hasBody = request.method !== 'HEAD' && !withoutBody.has(status)
  if (!hasBody) incoming.resume()
  const body = hasBody ? ReadableStream.from(bodyOf(incoming, request)) : null
  const response = new Response(body, { status, statusText, headers })
  const facts = { url: { value: request.url }, redirected: { value: isRedirected } }
  return Object.defineProperties(response, facts)
}

async function* bodyOf(incoming: IncomingMessage, request: Request): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of incoming) yield new Uint8Array(chunk)
  } catch (error) {
    throw failure(request, 'terminated', error)
  }
}
