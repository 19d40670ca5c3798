import { describe, expect, it } from 'vitest'
import { unreachable } from './connection-failure.ts'
import { failureOfEvent, failureOfRefusal, type Refusal } from './failure.ts'

const now = Date.parse('2026-01-02T12:00:00Z')

function refusal(
  status: number,
  body: unknown = '',
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  return {
    provider: 'mock',
    url: 'http://127.0.0.1:1/v1/responses',
    status,
    statusText: 'Status Text',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    header: (name) => headers[name],
  }
}

const failure = (...parts: Parameters<typeof refusal>) => failureOfRefusal(refusal(...parts), now)

describe('a refused request', () => {
  it.each([
    [400, 'MODEL_REQUEST_FAILED', false],
    [401, 'AUTH_UNAUTHORIZED', false],
    [402, 'MODEL_REQUEST_FAILED', false],
    [403, 'MODEL_REQUEST_FAILED', false],
    [404, 'MODEL_REQUEST_FAILED', false],
    [408, 'MODEL_REQUEST_FAILED', true],
    [422, 'MODEL_REQUEST_FAILED', false],
    [429, 'MODEL_RATE_LIMITED', true],
    [500, 'MODEL_REQUEST_FAILED', true],
    [502, 'MODEL_REQUEST_FAILED', true],
    [503, 'MODEL_REQUEST_FAILED', true],
    [529, 'MODEL_REQUEST_FAILED', true],
  ] as const)('with status %i is %s, retryable: %s', (status, code, retryable) => {
    const error = failure(status, { error: { message: 'because' } }, { 'x-request-id': 'req_1' })
    expect(error).toMatchObject({
      code,
      retry: { phase: 'open', retryable },
      details: { status, requestId: 'req_1' },
    })
    expect(error.message).toContain(`${status} Status Text: because`)
  })

  it.each([
    [{ error: { message: 'plain' } }, 'plain'],
    [{ error: 'as text' }, 'as text'],
    [{ message: 'on top' }, 'on top'],
    [{ detail: 'a detail' }, 'a detail'],
    [[{ error: { message: 'in a list' } }], 'in a list'],
    ['nope', 'nope'],
    ['<html><head><title>502 Bad Gateway</title></head><body>…</body></html>', '502 Bad Gateway'],
    ['two\n\u001b[31mlines\u0007', 'two [31mlines'],
  ])('says why: %j', (body, why) => {
    expect(failure(500, body).message).toBe(`provider "mock" answers 500 Status Text: ${why}`)
  })

  it('shortens a long reason and leaves markup out', () => {
    expect(failure(500, 'x'.repeat(100_000)).message.length).toBeLessThan(700)
    expect(failure(500, '<p>hello').message).toBe('provider "mock" answers 500 Status Text')
  })

  it('names the address where that may be what is wrong', () => {
    for (const status of [401, 403, 404])
      expect(failure(status).message).toContain('http://127.0.0.1:1/v1/responses')
    expect(failure(307, '', { location: 'https://new.test/v1' }).message).toContain(
      'redirect to https://new.test/v1',
    )
  })

  it.each([
    ['context_length_exceeded', 400, 'MODEL_CONTEXT_EXCEEDED'],
    ['insufficient_quota', 429, 'MODEL_QUOTA_EXCEEDED'],
    ['usage_not_included', 429, 'USAGE_NOT_INCLUDED'],
    ['invalid_prompt', 400, 'MODEL_REQUEST_FAILED'],
  ] as const)('for %s is final at any status', (code, status, expected) => {
    expect(failure(status, { error: { code, message: 'why' } })).toMatchObject({
      code: expected,
      retry: { retryable: false },
    })
    expect(failure(status, { error: { type: code, message: 'why' } })).toMatchObject({
      code: expected,
      retry: { retryable: false },
    })
  })

  it('for lack of capacity may be tried again', () => {
    const error = failure(
      503,
      { error: { code: 'server_is_overloaded', message: 'over' } },
      { 'retry-after': '2' },
    )
    expect(error).toMatchObject({
      code: 'MODEL_OVERLOADED',
      retry: { phase: 'open', retryable: true, afterMs: 2000 },
    })
  })
})

describe('a request to wait', () => {
  it.each([
    [{ 'retry-after': '1' }, 1000],
    [{ 'retry-after': '1.5' }, 1500],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '300' }, 300_000],
    [{ 'retry-after-ms': '40', 'retry-after': '1' }, 40],
    [{ 'retry-after': 'Fri, 02 Jan 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Fri, 02 Jan 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('is honoured: %j', (headers, afterMs) => {
    for (const status of [408, 429, 503]) {
      const { retry } = failure(status, '', headers)
      expect(retry).toEqual({
        phase: 'open',
        retryable: true,
        ...(afterMs === undefined ? {} : { afterMs }),
      })
    }
  })

  it.each([
    [{ 'retry-after': '301' }, '2026-01-02T12:05:01.000Z'],
    [{ 'retry-after': 'Sat, 03 Jan 2026 12:00:00 GMT' }, '2026-01-03T12:00:00.000Z'],
  ])('of more than five minutes ends the turn and says when to come back: %j', (headers, until) => {
    const error = failure(429, '', headers)
    expect(error).toMatchObject({
      code: 'MODEL_RATE_LIMITED',
      retry: { phase: 'open', retryable: false },
      details: { until },
    })
    expect(error.message).toContain(
      new Date(until).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }),
    )
  })

  it('may stand in the text', () => {
    expect(failure(429, { error: { message: 'Please try again in 1.5s.' } }).retry?.afterMs).toBe(
      1500,
    )
  })

  it.each([
    ['try again in 1.5s', 1500],
    ['Please try again in 20ms. Visit us', 20],
    ['try again in 1m30s', 90_000],
    ['try again in 35 seconds', 35_000],
    ['try again in 2 minutes', 120_000],
    ['try again in 250 milliseconds', 250],
    ['slow down', undefined],
  ])('in a stream: %s', (text, afterMs) => {
    const error = failureOfEvent({ code: 'rate_limit_exceeded', message: text }, now)
    expect(error.code).toBe('MODEL_RATE_LIMITED')
    expect(error.retry).toEqual({
      phase: 'stream',
      retryable: true,
      ...(afterMs === undefined ? {} : { afterMs }),
    })
  })

  it('in a stream that is too long ends the turn', () => {
    const error = failureOfEvent({ code: 'rate_limit_exceeded', message: 'try again in 6h1m' }, now)
    expect(error).toMatchObject({ code: 'MODEL_RATE_LIMITED', retry: { retryable: false } })
  })
})

describe('an exhausted plan', () => {
  it.each([
    ['free', 'upgrade_plus'],
    ['plus', 'upgrade_pro_or_credits'],
    ['pro', 'buy_credits'],
    ['team', 'ask_admin'],
    ['business', 'ask_admin'],
    ['self_serve_business_usage_based', 'ask_admin'],
    ['enterprise', 'wait'],
    ['made_up', 'wait'],
    [undefined, 'wait'],
  ])('of kind %s gets the advice %s', (plan, advice) => {
    const at = now / 1000 + 3600
    const error = failure(
      429,
      { error: { type: 'usage_limit_reached', plan_type: plan, resets_at: at } },
      { 'retry-after': '1' },
    )
    expect(error).toMatchObject({
      code: 'USAGE_LIMIT_REACHED',
      retry: { retryable: false },
      details: { advice, resetsAt: '2026-01-02T13:00:00.000Z' },
    })
    expect(error.message).toContain('try again at ')
  })

  it('that limits one model only advises another one', () => {
    const headers = { 'x-codex-active-limit': 'spark', 'x-spark-limit-name': 'gpt-spark' }
    const error = failure(
      429,
      { error: { type: 'usage_limit_reached', plan_type: 'plus' } },
      headers,
    )
    expect(error.details).toMatchObject({ advice: 'switch_model' })
    expect(error.message).toContain('gpt-spark')
    const account = { ...headers, 'x-spark-limit-name': 'codex' }
    expect(
      failure(429, { error: { type: 'usage_limit_reached', plan_type: 'plus' } }, account)
        .details?.['advice'],
    ).toBe('upgrade_pro_or_credits')
  })

  it('without a readable time says later', () => {
    expect(
      failure(429, { error: { type: 'usage_limit_reached', resets_at: 1e300 } }).message,
    ).toContain('try again later')
  })
})

describe('a failed response', () => {
  it.each([
    [
      { code: 'context_length_exceeded', message: 'too long' },
      'MODEL_CONTEXT_EXCEEDED',
      /context/i,
    ],
    [{ code: 'insufficient_quota', message: 'no quota' }, 'MODEL_QUOTA_EXCEEDED', /quota/i],
    [{ code: 'invalid_prompt', message: 'bad prompt' }, 'MODEL_REQUEST_FAILED', /bad prompt/],
  ] as const)('is final: %j', (fault, code, message) => {
    expect(failureOfEvent(fault, now)).toMatchObject({
      code,
      message: expect.stringMatching(message),
      retry: { phase: 'stream', retryable: false },
    })
  })

  it.each([
    [{ code: 'server_is_overloaded', message: 'over' }, 'MODEL_OVERLOADED', /capacity/],
    [{ code: 'server_error', message: 'oops' }, 'MODEL_REQUEST_FAILED', /server_error.*oops/],
  ] as const)('may be tried again: %j', (fault, code, message) => {
    expect(failureOfEvent(fault, now)).toMatchObject({
      code,
      message: expect.stringMatching(message),
      retry: { phase: 'stream', retryable: true },
    })
  })

  it('without anything said is retried', () => {
    expect(failureOfEvent(undefined, now)).toMatchObject({
      code: 'MODEL_REQUEST_FAILED',
      retry: { phase: 'stream', retryable: true },
    })
  })
})

function fetchFault(code: string): Error {
  return new TypeError('fetch failed', {
    cause: Object.assign(new Error(`deep ${code}`), { code }),
  })
}

describe('an endpoint that cannot be reached', () => {
  it('is tried again, unless its certificate is what is wrong', () => {
    const refused = unreachable('mock', 'https://x.test/v1/responses', fetchFault('ECONNREFUSED'))
    expect(refused).toMatchObject({
      code: 'MODEL_UNREACHABLE',
      retry: { phase: 'open', retryable: true },
    })
    expect(refused.message).toContain('deep ECONNREFUSED')
    const untrusted = unreachable(
      'mock',
      'https://x.test/v1/responses',
      fetchFault('SELF_SIGNED_CERT_IN_CHAIN'),
    )
    expect(untrusted.retry?.retryable).toBe(false)
    expect(untrusted.hint).toContain('NODE_EXTRA_CA_CERTS')
  })
})
