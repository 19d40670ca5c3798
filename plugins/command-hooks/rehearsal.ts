import { ToolGate, type Log, type TapCall, type ToolCall, type TurnFacts } from 'hookline'
import { Background } from './background.ts'
import { toolNames, type Catalog, type HookHandler } from './catalog.ts'
import type { Dialect } from './dialect.ts'
import { Dispatch, type DispatchFacts } from './dispatch.ts'
import { events, type HookEvent } from './events.ts'
import type { HookRun } from './fold.ts'
import type { HandlerRun } from './handler-run.ts'
import type { Occasion } from './input.ts'
import { occasions } from './occasions.ts'
import type { ProcessResult } from './outcome.ts'
import { sumUp, type EventVerdict } from './sum-up.ts'
import { openResponse } from './tool-response.ts'
import type { Outcome } from './verdict.ts'

type Fields = Readonly<Record<string, unknown>>

/** One run of a handler, with everything that went in and came out. */
export interface RehearsedRun {
  readonly handler: HookHandler
  /** JSON, as the handler was given it. */
  readonly stdin: string
  readonly result: ProcessResult
  readonly outcome: Outcome
  readonly durationMs: number
}

/** What came of one firing. */
export interface Rehearsed {
  /** In the order of configuration. */
  readonly runs: readonly RehearsedRun[]
  /** Handlers that match and do not run. */
  readonly idle: readonly HookHandler[]
  readonly verdict: EventVerdict
}

/** One firing of an event that nothing has caused. */
export interface Firing {
  readonly event: HookEvent
  /** What handlers read from stdin; what is left out is what the session knows. */
  readonly input: Fields
  /** Further names of the tool that it is about. */
  readonly aliases?: readonly string[]
  /** Only handlers of this dialect are run. */
  readonly only?: Dialect
  readonly signal?: AbortSignal
}

/** What a rehearsal needs of the session around it. */
export interface RehearsalFacts extends Omit<DispatchFacts, 'background'> {
  readonly log: Log
  /** Where hooks work, in place of the session's folder. */
  readonly cwd: string
  /** Variables beside those that handlers are given anyway. */
  readonly env: Readonly<Record<string, string>>
  /** Ends what is kept between runs. */
  close(): Promise<void>
}

/** What matchers of an event are compared with, as far as stdin tells it. */
function subjectsOf(
  event: HookEvent,
  input: Fields,
  aliases: readonly string[],
): readonly string[] {
  const { matches } = events[event]
  if (matches === 'nothing') return []
  const subject = input[matches === 'tool' ? 'tool_name' : matches]
  return typeof subject === 'string' ? [subject, ...aliases] : []
}

function callOf(input: Fields, aliases: readonly string[]): ToolCall {
  const id = typeof input['tool_use_id'] === 'string' ? input['tool_use_id'] : 'call_rehearsed'
  const name = typeof input['tool_name'] === 'string' ? input['tool_name'] : ''
  const payload = { kind: 'json', text: JSON.stringify(input['tool_input'] ?? {}) } as const
  return {
    id,
    toolName: name,
    aliases,
    input: input['tool_input'],
    item: { type: 'tool_call', id, callId: id, name, payload },
    replay: false,
  }
}

/** The firing as the session would tell it: where the dialects clash, each reads its own words. */
function occasionOf({ event, input, aliases = [], only }: Firing): Occasion {
  const subjects = subjectsOf(event, input, aliases)
  const plain: Occasion = { event, subjects, fields: input, ...(only && { only }) }
  if (events[event].matches !== 'tool') return plain
  const call = callOf(input, aliases)
  const before = occasions.PreToolUse(ToolGate.of(call))
  const response = { call, response: input['tool_response'] }
  return {
    ...plain,
    callId: call.id,
    call,
    claude: (facts, toolInput) => ({
      ...before.claude?.(facts, toolInput),
      ...('tool_response' in input && { tool_response: openResponse(response) }),
    }),
  }
}

const orderIn = /^[a-z-]+:(\d+):/

/** Runs hooks on firings that nothing has caused, and keeps what each run was given and gave. */
export class Rehearsal implements AsyncDisposable {
  readonly catalog: Catalog
  readonly #facts: RehearsalFacts
  readonly #dispatch: Dispatch
  readonly #background: Background
  #seen: {
    readonly run: HandlerRun
    readonly result: ProcessResult
    readonly durationMs: number
  }[] = []

  constructor(catalog: Catalog, facts: RehearsalFacts) {
    this.catalog = catalog
    this.#facts = facts
    this.#background = new Background({ log: facts.log, tell: () => {} })
    // What nobody would wait for is waited for here, because it is what is to be seen.
    const handlers = catalog.handlers.map((handler) => ({ ...handler, async: false }))
    this.#dispatch = new Dispatch(handlers, {
      ...facts,
      background: this.#background,
      handlers: { run: (run) => this.#watched(run) },
    })
  }

  /** Fires an event. One firing after the other: they would get into each other's way. */
  async run(firing: Firing): Promise<Rehearsed> {
    this.#seen = []
    const occasion = occasionOf(firing)
    const runs = await this.#dispatch.run(occasion, this.#callFor(firing))
    const told = runs.flatMap((run) => this.#told(run))
    const summed = told.map(({ rehearsed: { handler, outcome }, finished }) => ({
      outcome,
      finished,
      async: handler.async,
    }))
    return {
      runs: told.map(({ rehearsed }) => rehearsed),
      idle: this.#idleAt(occasion),
      verdict: sumUp(firing.event, summed),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#background.close()
    await this.#facts.close()
  }

  async #watched(run: HandlerRun): Promise<ProcessResult> {
    const began = performance.now()
    const environment = () => ({ ...run.environment(), ...this.#facts.env })
    const result = await this.#facts.handlers.run({ ...run, environment })
    this.#seen.push({ run, result, durationMs: performance.now() - began })
    return result
  }

  #told({ id, outcome, finished }: HookRun) {
    const order = Number(orderIn.exec(id)?.[1])
    const handler = this.catalog.handlers[order]
    const seen = this.#seen.find(({ run }) => run.handler.order === order)
    if (!handler || !seen) return []
    const { run, result, durationMs } = seen
    const rehearsed: RehearsedRun = { handler, stdin: run.input.json, result, outcome, durationMs }
    return [{ rehearsed, finished }]
  }

  #idleAt({ event, subjects, only }: Occasion): readonly HookHandler[] {
    const names = (handler: HookHandler) =>
      events[event].matches === 'tool' ? toolNames(subjects, handler) : subjects
    return this.catalog.handlers.filter(
      (handler) =>
        handler.event === event &&
        handler.state !== 'runnable' &&
        (only === undefined || handler.source.dialect === only) &&
        handler.matches(names(handler)),
    )
  }

  #callFor({ input, signal }: Firing): TapCall {
    const text = (name: string, fallback: string) =>
      typeof input[name] === 'string' ? input[name] : fallback
    const turn: TurnFacts = {
      id: text('turn_id', 'turn_rehearsed'),
      model: text('model', 'none'),
      provider: 'none',
      approvalPolicy: 'never',
      reviewer: 'user',
      sandbox: {
        mode: 'danger-full-access',
        writableRoots: [],
        network: true,
        deniedReads: [],
        deniedReadGlobs: [],
        backend: 'none',
      },
      cwd: this.#facts.cwd,
    }
    return {
      signal: signal ?? new AbortController().signal,
      turn,
      log: this.#facts.log,
      deadline: undefined,
      show: () => ({ id: 'shown', update: () => {}, end: () => {} }),
    }
  }
}
