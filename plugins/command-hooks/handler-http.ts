import { messageOf } from 'hookline'
import { createFetch } from 'hookline/kit'
import {
  answered,
  broken,
  type HandlerKind,
  type HandlerRun,
  type KindFacts,
} from './handler-run.ts'
import type { HttpWork } from './handler-work.ts'
import type { ProcessResult } from './outcome.ts'
import { withinLimits } from './time-limit.ts'
import type { UrlTest } from './url-allow-list.ts'

const mostBytes = 1024 * 1024
const mostRedirects = 3
const mostCauses = 5

/** One request with everything that is decided before it is sent. */
interface Errand {
  readonly url: string
  readonly headers: Headers
  readonly body: string
  readonly signal: AbortSignal
}

/** Variables that are not listed stand for nothing. */
function expand(value: string, work: HttpWork, { secrets }: KindFacts): string {
  return value.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_whole, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? ''
    const found = work.allowedEnvVars?.includes(name) ? process.env[name] : undefined
    if (found === undefined) return ''
    secrets.add(found)
    return found
  })
}

/** A fault names the header alone: its value may be a secret. */
function headersOf(work: HttpWork, facts: KindFacts): Headers | { readonly fault: string } {
  const headers = new Headers({ 'content-type': 'application/json' })
  for (const [name, value] of Object.entries(work.headers ?? {})) {
    try {
      headers.set(name, expand(value, work, facts))
    } catch {
      return { fault: `hook cannot send its header "${name}"` }
    }
  }
  return headers
}

/** What went wrong with a connection stands in the causes of what was thrown: certificates, names, refusals. */
function describe(error: unknown): string {
  const texts: string[] = []
  let at = error
  for (let depth = 0; depth < mostCauses && at instanceof Error; depth += 1) {
    const { code } = at as { code?: unknown } // A system error has one.
    const text = at.message === '' && typeof code === 'string' ? code : at.message
    if (text !== '' && !texts.includes(text)) texts.push(text)
    at = at.cause
  }
  return texts.join(': ') || messageOf(error)
}

/** Where a request goes, without what may be a secret in it. */
function placeOf(address: string): string {
  const url = new URL(address)
  return `${url.origin}${url.pathname}`
}

/** Where a redirect may be followed to: the same host, with the request as it is. */
function nextUrl(response: Response, url: string): string | undefined {
  const location = response.headers.get('location')
  const isKept = response.status === 307 || response.status === 308
  const next = location === null || !isKept ? null : URL.parse(location, url)
  return next !== null && next.origin === new URL(url).origin ? next.href : undefined
}

async function readBody(response: Response): Promise<ProcessResult> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > mostBytes) return broken(`hook answered with more than ${mostBytes} bytes`)
    chunks.push(chunk)
  }
  return answered(new TextDecoder().decode(Buffer.concat(chunks)))
}

async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => {})
}

async function send(
  errand: Errand,
  { fetch, isAllowed }: { readonly fetch: typeof globalThis.fetch; readonly isAllowed: UrlTest },
): Promise<ProcessResult> {
  const { body, headers, signal } = errand
  let { url } = errand
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
    if (response.ok) return readBody(response)
    await discard(response)
    const { status } = response
    if (status < 300 || status > 399) return broken(`hook was answered with HTTP ${status}`)
    const next = nextUrl(response, url)
    if (next === undefined)
      return broken(`hook was answered with HTTP ${status}, a redirect that is not followed`)
    if (!isAllowed(next))
      return broken(`hook was redirected to ${placeOf(next)}, which is not allowed`)
    url = next
  }
  return broken(`hook was redirected more than ${mostRedirects} times`)
}

/** Sends the event to an address of the list; what it is answered with counts as what a command writes. */
export function httpKind(facts: KindFacts): HandlerKind {
  const fetch = createFetch()
  const { isAllowedUrl: isAllowed } = facts
  async function run(asked: HandlerRun): Promise<ProcessResult> {
    const { work } = asked.handler
    if (work?.type !== 'http') return broken('hook has no address')
    const headers = headersOf(work, facts)
    if ('fault' in headers) return broken(headers.fault)
    const { url } = work
    return withinLimits(asked, async (signal) => {
      try {
        const errand = { url, headers, body: asked.input.json, signal }
        return await send(errand, { fetch, isAllowed })
      } catch (error) {
        return broken(`hook could not reach ${placeOf(url)}: ${describe(error)}`)
      }
    })
  }
  return { run }
}
