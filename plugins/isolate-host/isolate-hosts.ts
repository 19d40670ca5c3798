import {
  messageOf,
  type Availability,
  type IsolateOutcome,
  type IsolateRequest,
  type IsolateService,
} from 'hookline'
import { HostClient, type ClientOutcome, type Evaluate } from './host-client.ts'
import { findHostCommand, type HostCommandFound } from './host-command.ts'
import { defaultMemoryMiB, defaultTimeoutMs, mostRequestChars } from './protocol.ts'

type Unavailable = Extract<Availability, { ok: false }>
type Failure = Extract<IsolateOutcome, { ok: false }>

/** After so many hosts in a row that did not start, none is tried for a while. */
const mostFailedStarts = 2
const pauseMs = 30_000

/** Keeps one warm host for all scripts, and puts a new one in the place of one that crashed, hangs or is stuck. */
export class IsolateHosts implements IsolateService, AsyncDisposable {
  readonly #find: () => HostCommandFound
  readonly #hosts = new Set<HostClient>()
  #found: HostCommandFound | undefined
  #current: HostClient | undefined
  /** The last of the runs that are done again. */
  #alone: Promise<unknown> = Promise.resolve()
  #failedStarts = 0
  #closed: Unavailable | undefined
  #refusal: { readonly why: Unavailable; readonly until: number } | undefined

  /** `find` is another way to the host, for tests. */
  constructor(find: () => HostCommandFound = findHostCommand) {
    this.#find = find
  }

  async available(): Promise<Availability> {
    const host = this.#host()
    return host instanceof HostClient ? host.ready : host
  }

  async run(request: IsolateRequest): Promise<IsolateOutcome> {
    const evaluate = evaluateOf(request)
    if ('ok' in evaluate) return evaluate
    if (request.signal?.aborted) return failure('aborted', `${evaluate.name} was aborted`)
    const outcome = await this.#evaluate(this.#host(), evaluate, request.signal)
    if (outcome.kind !== 'crash') return outcomeOf(outcome, evaluate.name)
    // A script can do nothing but answer, so it may be run again: by itself, to tell who crashes from who was there.
    const again = this.#alone.then(() => this.#evaluateAlone(evaluate, request.signal))
    this.#alone = again
    return outcomeOf(await again, evaluate.name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = { ok: false, reason: 'the session has ended', remedy: 'start another one' }
    await Promise.all([...this.#hosts].map((host) => host.close()))
  }

  async #evaluateAlone(
    evaluate: Evaluate,
    signal: AbortSignal | undefined,
  ): Promise<ClientOutcome> {
    if (signal?.aborted) return { kind: 'aborted', message: `${evaluate.name} was aborted` }
    const host = this.#newHost()
    const outcome = this.#evaluate(host, evaluate, signal)
    if (host instanceof HostClient) host.retire()
    return outcome
  }

  async #evaluate(
    host: HostClient | Unavailable,
    evaluate: Evaluate,
    signal: AbortSignal | undefined,
  ): Promise<ClientOutcome> {
    if (host instanceof HostClient) return host.evaluate(evaluate, signal)
    return { kind: 'unavailable', message: `scripts cannot run: ${host.reason}` }
  }

  #host(): HostClient | Unavailable {
    if (this.#current?.isUsable) return this.#current
    const host = this.#newHost()
    if (host instanceof HostClient) this.#current = host
    return host
  }

  #newHost(): HostClient | Unavailable {
    if (this.#closed) return this.#closed
    if (this.#refusal && performance.now() < this.#refusal.until) return this.#refusal.why
    this.#found ??= this.#find()
    if (!this.#found.ok) return this.#found
    try {
      return this.#start(new HostClient(this.#found.command))
    } catch (error) {
      // The system has no process or file left to give; it may have one the next time.
      return { ok: false, reason: messageOf(error), remedy: 'end other programs' }
    }
  }

  #start(host: HostClient): HostClient {
    this.#hosts.add(host)
    void this.#follow(host)
    return host
  }

  async #follow(host: HostClient): Promise<void> {
    const availability = await host.ready
    this.#failedStarts = availability.ok ? 0 : this.#failedStarts + 1
    if (!availability.ok && this.#failedStarts >= mostFailedStarts) {
      this.#refusal = { why: availability, until: performance.now() + pauseMs }
    }
    await host.ended
    this.#hosts.delete(host)
  }
}

/** Checks a request and brings it to what the host takes. */
function evaluateOf(request: IsolateRequest): Evaluate | Failure {
  const name = request.name?.replaceAll(/\p{Cc}/gu, ' ').slice(0, 200) || 'script'
  let input: string
  try {
    // Of a function or a symbol JSON makes nothing at all.
    input = JSON.stringify(request.input) ?? ''
  } catch (error) {
    return failure('error', `the input of ${name} cannot be written as JSON: ${messageOf(error)}`)
  }
  const chars = input.length + request.source.length
  if (chars > mostRequestChars) {
    return failure(
      'error',
      `${name} and its input have ${chars} characters, more than the ${mostRequestChars} that are allowed`,
    )
  }
  const { memoryMiB, timeoutMs } = request.limits ?? {}
  return {
    source: request.source,
    input,
    name,
    memoryMiB: within(memoryMiB, { least: 8, most: 4_096, otherwise: defaultMemoryMiB }),
    timeoutMs: within(timeoutMs, { least: 1, most: 3_600_000, otherwise: defaultTimeoutMs }),
  }
}

function within(
  value: number | undefined,
  range: { readonly least: number; readonly most: number; readonly otherwise: number },
): number {
  if (value === undefined || Number.isNaN(value)) return range.otherwise
  return Math.min(range.most, Math.max(range.least, Math.ceil(value)))
}

function outcomeOf(outcome: ClientOutcome, name: string): IsolateOutcome {
  if (outcome.kind !== 'value') return failure(outcome.kind, outcome.message)
  if (outcome.json === '') return { ok: true, value: undefined }
  try {
    return { ok: true, value: JSON.parse(outcome.json) }
  } catch (error) {
    return failure('error', `the answer of ${name} is no JSON: ${messageOf(error)}`)
  }
}

function failure(kind: Failure['kind'], message: string): Failure {
  return { ok: false, kind, message }
}
