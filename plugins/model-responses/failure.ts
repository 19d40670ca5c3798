import { HooklineError } from 'hookline'
import type { ErrorCode, RetryAdvice } from 'hookline'
import { oneLine } from './one-line.ts'
import { longestWaitMs, sayWhen, waitFromHeaders, waitFromText } from './retry-after.ts'
import { usageLimit } from './usage-limit.ts'
import { isJson, jsonField, parseJson, textField, type Json } from './wire.ts'

/** An answer that is not a stream. */
export interface Refusal {
  readonly provider: string
  readonly url: string
  readonly status: number
  readonly statusText: string
  readonly body: string
  readonly header: (name: string) => string | undefined
}

type Phase = RetryAdvice['phase']

const final = (phase: Phase): RetryAdvice => ({ phase, retryable: false })
const retryable = (phase: Phase): RetryAdvice => ({ phase, retryable: true })

interface KnownCode {
  readonly code: ErrorCode
  readonly what: string
  readonly hint?: string
  readonly retryable?: boolean
}

const overloaded: KnownCode = {
  code: 'MODEL_OVERLOADED',
  what: 'the model is at capacity',
  hint: 'try again later, or choose another model with -m',
  retryable: true,
}

/** Codes that mean the same in a refusal and in a stream. */
const knownCodes: ReadonlyMap<string, KnownCode> = new Map<string, KnownCode>([
  [
    'context_length_exceeded',
    {
      code: 'MODEL_CONTEXT_EXCEEDED',
      what: 'the conversation no longer fits into the context window of the model',
      hint: 'start a new session, or ask for less at once',
    },
  ],
  [
    'insufficient_quota',
    {
      code: 'MODEL_QUOTA_EXCEEDED',
      what: 'the account has no quota left',
      hint: 'check its plan and billing',
    },
  ],
  [
    'usage_not_included',
    {
      code: 'USAGE_NOT_INCLUDED',
      what: 'the plan of the account does not include this',
      hint: 'change the plan, or use an API key',
    },
  ],
  [
    'invalid_prompt',
    { code: 'MODEL_REQUEST_FAILED', what: 'the model endpoint refuses the prompt' },
  ],
  ['server_is_overloaded', overloaded],
  ['slow_down', overloaded],
])

function codesOf(error: Json): readonly string[] {
  return [textField(error, 'code'), textField(error, 'type')].filter((code) => code !== undefined)
}

function knownFailure(error: Json, phase: Phase): HooklineError | undefined {
  const known = codesOf(error)
    .map((code) => knownCodes.get(code))
    .find((entry) => entry !== undefined)
  if (!known) return undefined
  const why = textField(error, 'message')
  return new HooklineError(
    known.code,
    why === undefined ? known.what : `${known.what}: ${oneLine(why)}`,
    {
      ...(known.hint === undefined ? {} : { hint: known.hint }),
      retry: known.retryable ? retryable(phase) : final(phase),
    },
  )
}

const hints: Readonly<Record<number, string>> = {
  401: 'check the key of this provider: its env_key, or `hookline login status`',
  403: 'check that the account may use this model from here',
  404: 'check base_url of the provider and the name of the model',
  405: 'check base_url of the provider: it must lead to a Responses API',
}

/** What a refused request means for the turn. */
export function failureOfRefusal(refusal: Refusal, now = Date.now()): HooklineError {
  const error = errorObject(refusal.body)
  const limit = refusal.status === 429 ? usageLimit(error, refusal.header, now) : undefined
  if (limit) return limit
  const known = knownFailure(error, 'open')
  if (known && !known.retry?.retryable) return known
  const why = whyOf(error, refusal)
  const afterMs = wishedWait(refusal, why, now)
  if (afterMs !== undefined && afterMs > longestWaitMs) {
    return tooLong(refusal.provider, now + afterMs, now)
  }
  const retry: RetryAdvice = { phase: 'open', retryable: mayPass(refusal.status) }
  return refused(
    refusal,
    known ?? { code: codeOf(refusal.status), message: refusalText(refusal, why) },
    {
      ...retry,
      ...(afterMs === undefined ? {} : { afterMs }),
    },
  )
}

type Told = Pick<HooklineError, 'code' | 'message'> & Partial<Pick<HooklineError, 'hint'>>

function refused({ status, header }: Refusal, told: Told, retry: RetryAdvice): HooklineError {
  const hint = told.hint ?? hints[status]
  const requestId = header('x-request-id')
  return new HooklineError(told.code, told.message, {
    ...(hint === undefined ? {} : { hint }),
    retry,
    details: requestId === undefined ? { status } : { status, requestId },
  })
}

function mayPass(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}

function wishedWait({ status, header }: Refusal, why: string, now: number): number | undefined {
  if (!mayPass(status)) return undefined
  return waitFromHeaders(header, now) ?? (status === 429 ? waitFromText(why) : undefined)
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'AUTH_UNAUTHORIZED'
  return status === 429 ? 'MODEL_RATE_LIMITED' : 'MODEL_REQUEST_FAILED'
}

function refusalText({ provider, url, status, statusText }: Refusal, why: string): string {
  const what = `provider "${provider}" answers ${status}${statusText === '' ? '' : ` ${oneLine(statusText)}`}`
  const where = status === 401 || (status >= 403 && status <= 405) ? ` (${url})` : ''
  return `${what}${why === '' ? '' : `: ${why}`}${where}`
}

function tooLong(provider: string, at: number, now: number): HooklineError {
  return new HooklineError(
    'MODEL_RATE_LIMITED',
    `provider "${provider}" asks to wait until ${sayWhen(at, now)}`,
    {
      hint: 'come back then, or choose another model or provider',
      retry: final('open'),
      details: { until: new Date(at).toISOString() },
    },
  )
}

/** The object that describes the fault, in any of the forms servers use. */
function errorObject(body: string): Json {
  const json = parseJson(body) ?? firstOf(body)
  if (!json) return {}
  const inner = json['error']
  if (isJson(inner)) return inner
  return typeof inner === 'string' ? { message: inner, ...json } : json
}

function firstOf(body: string): Json | undefined {
  // Some gateways wrap their error object in an array.
  const text = body.trim()
  return text.startsWith('[') && text.endsWith(']') ? parseJson(text.slice(1, -1)) : undefined
}

function whyOf(error: Json, { body, header }: Refusal): string {
  const told = textField(error, 'message') ?? textField(error, 'detail')
  if (told !== undefined) return oneLine(told)
  const location = header('location')
  if (location !== undefined) return `redirect to ${oneLine(location)}`
  const title = /<title[^>]*>([^<]*)/i.exec(body)?.[1]
  return oneLine(title ?? (/^\s*</.test(body) ? '' : body))
}

/** What `response.failed` or an `error` event means for the turn. */
export function failureOfEvent(error: Json | undefined, now = Date.now()): HooklineError {
  const fault = error ?? {}
  const limit = usageLimit(fault, () => undefined, now)
  if (limit) return limit
  const known = knownFailure(fault, 'stream')
  if (known) return known
  const why = oneLine(textField(fault, 'message') ?? 'no reason is given')
  const codes = codesOf(fault)
  if (codes.includes('rate_limit_exceeded')) return rateLimited(why, now)
  const code = codes[0] === undefined ? '' : ` (${oneLine(codes[0])})`
  return new HooklineError('MODEL_REQUEST_FAILED', `the response failed${code}: ${why}`, {
    retry: retryable('stream'),
  })
}

function rateLimited(why: string, now: number): HooklineError {
  const wait = waitFromText(why)
  const message = `the model endpoint asks to wait: ${why}`
  if (wait !== undefined && wait > longestWaitMs) {
    return new HooklineError(
      'MODEL_RATE_LIMITED',
      `${message} (until ${sayWhen(now + wait, now)})`,
      {
        hint: 'come back then, or choose another model or provider',
        retry: final('stream'),
      },
    )
  }
  return new HooklineError('MODEL_RATE_LIMITED', message, {
    retry: { ...retryable('stream'), ...(wait === undefined ? {} : { afterMs: wait }) },
  })
}

/** The response ended before it was whole, by decision of the server. */
export function incomplete(response: Json | undefined): HooklineError {
  const reason = oneLine(
    textField(jsonField(response, 'incomplete_details'), 'reason') ?? 'unknown',
  )
  return new HooklineError(
    'MODEL_INCOMPLETE',
    `the model stopped before its answer was complete, reason: ${reason}`,
    {
      hint: reason === 'max_output_tokens' ? 'ask for less at once' : 'change the prompt',
      retry: final('stream'),
      details: { reason },
    },
  )
}
