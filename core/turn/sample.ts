import { HooklineError, wrapError } from '../errors.ts'
import type { Item } from '../items.ts'
import { noUsage, type ThreadItemBody } from '../points/events.ts'
import type { FailureAnswer, ModelEvent, ModelRequest, ModelResponse } from '../points/model.ts'
import { modelKey } from '../service-keys.ts'
import { specFor, toolsOf } from './tools.ts'
import type { TurnState } from './turn.ts'

const firstDelayMs = 200
const longestDelayMs = 10_000
const longestWaitMs = 300_000
const mostFallbacks = 8

/** The two counters of a turn: attempts to open a stream, and streams that broke. They never multiply. */
export class Attempts {
  readonly #used = { open: 0, stream: 0 }
  #pending: HooklineError | undefined
  #fallbacks = 0

  /** After a complete response. */
  reset(): void {
    this.#used.open = 0
    this.#used.stream = 0
  }

  /** Keeps the failure of a stream whose items still count, until they have been dealt with. */
  keep(error: HooklineError): void {
    this.#pending = error
  }

  /** Tells of the kept failure and waits, or throws it when no further attempt is due. */
  async waitForNext(turn: TurnState): Promise<void> {
    const error = this.#pending
    this.#pending = undefined
    if (error) await this.after(error, turn)
  }

  /** Tells of a failure and waits for the next attempt, or throws it. */
  async after(error: HooklineError, turn: TurnState): Promise<void> {
    const phase = error.retry?.phase ?? 'open'
    this.#used[phase] += 1
    const count = this.#used[phase]
    const { row } = turn.session.kernel
    const answer = await row.answer('modelFailure', { error, attempt: count }, turn.call)
    if (answer?.action === 'fall_back') {
      this.#fallBack(answer, error, turn)
      return
    }
    const wish = answer?.action === 'retry' ? answer.afterMs : undefined
    const { requestMaxRetries, streamMaxRetries } = turn.route.provider
    const limit = phase === 'open' ? requestMaxRetries : streamMaxRetries
    const delay = answer ? wish : delayFor(error, count, limit)
    if (delay === undefined) throw error
    const max = Math.max(limit, count)
    const message = `Reconnecting... ${count}/${max} (${error.message})`
    turn.session.emit({ type: 'retrying', turnId: turn.facts.id, message })
    await sleep(delay, turn.signal)
  }

  /** Goes on with another model; an endless round of fallbacks ends with the failure. */
  #fallBack(
    to: Extract<FailureAnswer, { readonly action: 'fall_back' }>,
    error: HooklineError,
    turn: TurnState,
  ): void {
    this.#fallbacks += 1
    if (this.#fallbacks > mostFallbacks) throw error
    const { services } = turn.session.kernel
    const provider =
      to.provider === undefined ? turn.route.provider : services.get(modelKey, to.provider)
    turn.route = { provider, model: to.model }
    this.reset()
    turn.session.warn(`${error.message}; going on with ${to.model}`)
  }
}

/** The wait that the rules of the loop allow before an attempt; undefined: it is one too many. */
function delayFor({ retry }: HooklineError, attempt: number, limit: number): number | undefined {
  if (!retry?.retryable || attempt > limit) return undefined
  const delay = retry.afterMs ?? backoff(attempt)
  return delay > longestWaitMs ? undefined : delay
}

function backoff(attempt: number): number {
  const delay = Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs)
  return delay * (1 + (Math.random() - 0.5) / 2)
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

async function requestFor(turn: TurnState): Promise<ModelRequest> {
  const { session, facts } = turn
  const { model, outputSchema } = session.parts
  const tools = (await toolsOf(turn)).filter((tool) => tool.offered?.(facts) ?? true)
  const { settings } = session.kernel
  const effort = facts.effort ?? model.effort
  const summary = settings.model_reasoning_summary ?? model.summary
  const verbosity = settings.model_verbosity ?? model.verbosity
  return {
    model: turn.route.model,
    items: session.items,
    tools: tools.map(specFor),
    parallelToolCalls: model.parallelToolCalls,
    ...(effort === undefined ? {} : { effort }),
    ...(summary === undefined ? {} : { summary }),
    ...(verbosity === undefined ? {} : { verbosity }),
    ...(settings.service_tier === undefined ? {} : { serviceTier: settings.service_tier }),
    ...(outputSchema ? { outputSchema } : {}),
    headers: {},
    sessionId: session.facts.id,
    turnId: facts.id,
    kind: 'turn',
    turnState: turn.carried,
  }
}

/** Makes requests until one is answered. A broken stream that brought items is an answer that is not complete. */
export async function sample(turn: TurnState): Promise<ModelResponse> {
  const { row } = turn.session.kernel
  for (;;) {
    let request = await requestFor(turn)
    if (row.isUsed('modelRequest')) request = await row.refine('modelRequest', request, turn.call)
    const { response, error } = await attemptRequest(turn, request)
    turn.signal.throwIfAborted()
    if (error && response.items.length === 0) {
      await turn.attempts.after(error, turn)
      continue
    }
    if (error) turn.attempts.keep(error)
    return row.isUsed('modelResponse') ? row.refine('modelResponse', response, turn.call) : response
  }
}

interface Attempt {
  readonly response: ModelResponse
  readonly error: HooklineError | undefined
}

async function attemptRequest(turn: TurnState, request: ModelRequest): Promise<Attempt> {
  const items: Item[] = []
  const shown = new Map<Item, ThreadItemBody>()
  let end: Extract<ModelEvent, { readonly type: 'completed' }> | undefined
  let error: HooklineError | undefined
  const take = (event: ModelEvent): void => {
    turn.session.kernel.row.observe('modelEvent', event, turn.call)
    if (event.type === 'item') {
      items.push(event.item)
      if (event.shown) shown.set(event.item, event.shown)
    } else if (event.type === 'notice') turn.session.warn(event.message)
    else if (event.type === 'completed') end = event
  }
  try {
    for await (const event of turn.route.provider.stream(request, turn.signal)) take(event)
    if (!end) error = brokenStream()
  } catch (fault) {
    error = wrapError(fault, 'MODEL_REQUEST_FAILED')
  }
  const { usage = noUsage, endTurn = true } = end ?? {}
  return {
    response: { items, shown, usage, endTurn, complete: end !== undefined },
    error: end ? undefined : error,
  }
}

function brokenStream(): HooklineError {
  return new HooklineError(
    'MODEL_STREAM_BROKEN',
    'the stream ended before the response was complete',
    {
      retry: { phase: 'stream', retryable: true },
    },
  )
}
