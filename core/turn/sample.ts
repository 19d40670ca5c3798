import { HooklineError, messageOf, wrapError } from '../errors.ts'
import type { Item } from '../items.ts'
import { noUsage, type ThreadItemBody, type Usage } from '../points/events.ts'
import type { ModelRequest, ModelResponse, ToolSpec } from '../points/model.ts'
import type { Tool } from '../points/tool.ts'
import { toolKey, type ModelProvider } from '../service-keys.ts'
import type { TurnState } from './turn.ts'

const firstDelayMs = 200
const longestDelayMs = 10_000
const longestWaitMs = 300_000

/** The two counters of a turn: attempts to open a stream, and streams that broke. They never multiply. */
export class Attempts {
  readonly #limits: Readonly<Record<'open' | 'stream', number>>
  readonly #used = { open: 0, stream: 0 }
  #pending: HooklineError | undefined

  constructor(provider: ModelProvider) {
    this.#limits = { open: provider.requestMaxRetries, stream: provider.streamMaxRetries }
  }

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
    const attempt = this.#used[phase]
    const { row } = turn.session.kernel
    const answer = row.isUsed('modelFailure') ? await row.answer('modelFailure', { error, attempt }, turn.call) : undefined
    if (answer?.action === 'fail') throw error
    if (answer?.action !== 'retry' && (!error.retry?.retryable || attempt > this.#limits[phase])) throw error
    const wish = answer?.action === 'retry' ? answer.afterMs : error.retry?.afterMs
    if (wish !== undefined && wish > longestWaitMs) throw error
    const max = Math.max(this.#limits[phase], attempt)
    turn.session.emit({ type: 'retrying', turnId: turn.facts.id, message: `Reconnecting... ${attempt}/${max} (${error.message})` })
    await sleep(wish ?? backoff(attempt), turn.signal)
  }
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

/** All tools that can be called now, offered or not. */
export async function toolsOf(turn: TurnState): Promise<readonly Tool[]> {
  const { services, row } = turn.session.kernel
  const tools = services.ids(toolKey).map((id) => services.get(toolKey, id))
  return row.isUsed('toolSet') ? row.refine('toolSet', tools, turn.call) : tools
}

function specOf(tool: Tool): ToolSpec {
  const { name, namespace, description, input } = tool
  const spec = { name, description, input: input.kind === 'json' ? { kind: input.kind, schema: input.schema } : input }
  return namespace === undefined ? spec : { ...spec, namespace }
}

const specLists = new WeakMap<Tool, ToolSpec>()

/** The same object for the same tool, so that a wire can keep its encoded form. */
function specFor(tool: Tool): ToolSpec {
  const spec = specLists.get(tool) ?? specOf(tool)
  specLists.set(tool, spec)
  return spec
}

async function requestFor(turn: TurnState): Promise<ModelRequest> {
  const { session, facts } = turn
  const { model, outputSchema } = session.parts
  const tools = (await toolsOf(turn)).filter((tool) => tool.offered?.(facts) ?? true)
  const effort = facts.effort ?? model.effort
  return {
    model: facts.model,
    items: session.items,
    tools: tools.map(specFor),
    parallelToolCalls: model.parallelToolCalls,
    ...(effort === undefined ? {} : { effort }),
    ...(model.summary === undefined ? {} : { summary: model.summary }),
    ...(model.verbosity === undefined ? {} : { verbosity: model.verbosity }),
    ...(session.kernel.settings.service_tier === undefined ? {} : { serviceTier: session.kernel.settings.service_tier }),
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
    const { response, error } = await attempt(turn, request)
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

async function attempt(turn: TurnState, request: ModelRequest): Promise<Attempt> {
  const { row } = turn.session.kernel
  const items: Item[] = []
  const shown = new Map<Item, ThreadItemBody>()
  let end: { readonly usage: Usage; readonly endTurn: boolean } | undefined
  let error: HooklineError | undefined
  try {
    for await (const event of turn.session.parts.provider.stream(request, turn.signal)) {
      if (row.isUsed('modelEvent')) row.observe('modelEvent', event, turn.call)
      if (event.type === 'item') {
        items.push(event.item)
        if (event.shown) shown.set(event.item, event.shown)
      } else if (event.type === 'notice') {
        turn.session.warn(event.message)
      } else if (event.type === 'completed') {
        end = { usage: event.usage, endTurn: event.endTurn ?? true }
      }
    }
  } catch (fault) {
    error = wrapError(fault, 'MODEL_REQUEST_FAILED')
    if (fault !== error) error = new HooklineError('MODEL_REQUEST_FAILED', messageOf(fault), { cause: fault })
  }
  if (!end && !error) {
    error = new HooklineError('MODEL_STREAM_BROKEN', 'the stream ended before the response was complete', {
      retry: { phase: 'stream', retryable: true },
    })
  }
  const response = { items, shown, usage: end?.usage ?? noUsage, endTurn: end?.endTurn ?? true, complete: end !== undefined }
  return { response, error: end ? undefined : error }
}
