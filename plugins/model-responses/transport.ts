import type { ClientRequest, IncomingMessage } from 'node:http'

/** One request. */
export interface Post {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** In pieces, sent one after the other. */
  readonly body: readonly Uint8Array[]
  /** Ends the request and the reading of its answer. */
  readonly signal: AbortSignal
}

/** An answer whose body has not been read. */
export interface Answer {
  readonly status: number
  readonly statusText: string
  header(name: string): string | undefined
  next(): Promise<IteratorResult<Uint8Array, unknown>>
  /** Ends the reading; `reuse` keeps the connection for the next request. */
  end(reuse: boolean): void
}

export interface Transport {
  post(post: Post): Promise<Answer>
  close(): void
}

/** How long the rest of an answer that nobody reads may hold its connection. */
const drainMs = 1000

/** True where node:http cannot do what the environment asks for: go through a proxy, or trust further certificates. This machine is never behind a proxy. */
export function needsFetch(url: URL, env: Readonly<Record<string, string | undefined>>): boolean {
  const isSet = (name: string) => Boolean(env[name]?.trim() || env[name.toLowerCase()]?.trim())
  const isSecure = url.protocol === 'https:'
  if (isSecure && (isSet('SSL_CERT_FILE') || isSet('HOOKLINE_CA_CERTIFICATE'))) return true
  if (/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) return false
  return isSet('ALL_PROXY') || isSet(isSecure ? 'HTTPS_PROXY' : 'HTTP_PROXY')
}

/** Plain connections, kept alive between the requests of a session. */
export function httpTransport(protocol: string): Transport {
  // Not an import: the module form of node:http also evaluates its lazy WebSocket export, 15 ms of every start.
  const http = process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http')
  const agent = new http.Agent({ keepAlive: true })
  return {
    async post(post) {
      const length = post.body.reduce((sum, piece) => sum + piece.length, 0)
      for (;;) {
        post.signal.throwIfAborted()
        const request = http.request(post.url, {
          method: 'POST',
          agent,
          headers: { ...post.headers, 'content-length': String(length) },
        })
        try {
          return await exchange(request, post.body, post.signal)
        } catch (error) {
          // The server closed an idle connection just as it was used again: nothing was answered, so ask on another one.
          if (!request.reusedSocket || !wasClosed(error)) throw error
        }
      }
    },
    close: () => agent.destroy(),
  }
}

function wasClosed(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ECONNRESET' || error.code === 'EPIPE')
  )
}

async function exchange(
  request: ClientRequest,
  body: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const onAbort = () => request.destroy(new Error('aborted'))
  signal.addEventListener('abort', onAbort, { once: true })
  request.once('response', resolve)
  request.on('error', reject)
  for (const piece of body) request.write(piece)
  request.end()
  try {
    const incoming = await promise
    return answerOf(incoming, () => signal.removeEventListener('abort', onAbort))
  } catch (error) {
    signal.removeEventListener('abort', onAbort)
    throw error
  }
}

function answerOf(incoming: IncomingMessage, release: () => void): Answer {
  const chunks = incoming.iterator({ destroyOnReturn: false })
  return {
    status: incoming.statusCode ?? 0,
    statusText: incoming.statusMessage ?? '',
    header: (name) => {
      const value = incoming.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
    next: () => chunks.next(),
    end(reuse) {
      release()
      if (!reuse) {
        incoming.destroy()
        return
      }
      if (isReturned(incoming)) return
      const timer = setTimeout(() => incoming.destroy(), drainMs).unref()
      incoming.once('close', () => clearTimeout(timer))
      incoming.on('error', () => {})
      // What is left must not keep the process alive; the agent refs the connection when it is used again.
      incoming.socket.unref()
      void chunks.return?.().then(() => incoming.resume())
    },
  }
}

/** True once the agent has taken the connection back. */
function isReturned({ socket }: { readonly socket: unknown }): boolean {
  // Null from then on, whatever its type says.
  return socket === null
}

/** The transport for environments with proxies or certificates of their own. */
export async function fetchTransport(): Promise<Transport> {
  const { createFetch } = await import('hookline/kit')
  const send = createFetch()
  return {
    async post({ url, headers, body, signal }) {
      const response = await send(url, {
        method: 'POST',
        headers: { ...headers },
        body: Buffer.concat(body),
        signal,
        redirect: 'manual',
      })
      const reader = response.body?.getReader()
      return {
        status: response.status,
        statusText: response.statusText,
        header: (name) => response.headers.get(name) ?? undefined,
        next: async () => {
          const part = await reader?.read()
          return part?.value ? { done: false, value: part.value } : { done: true, value: undefined }
        },
        end: () => void reader?.cancel().catch(() => {}),
      }
    },
    close: () => {},
  }
}
