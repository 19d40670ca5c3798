import type { Secrets, SessionFacts, TapCall } from 'hookline'
import { headAndTail } from 'hookline/kit'
import type { Background } from './background.ts'
import { toolNames, type HookHandler } from './catalog.ts'
import { events, spell, type HookEvent } from './events.ts'
import type { HookRun } from './fold.ts'
import { folderOf, inputOf, type Occasion } from './input.ts'
import { failClosed, outcomeOf, type ProcessResult } from './outcome.ts'
import { runCommand } from './run.ts'
import { spillEffects } from './spill.ts'
import type { Outcome } from './verdict.ts'

/** What runs need beside the handlers themselves. */
export interface DispatchFacts {
  readonly session: SessionFacts
  readonly secrets: Secrets
  /** Takes runs that nobody waits for. */
  readonly background: Background
}

interface Firing {
  readonly occasion: Occasion
  readonly call: TapCall
  /** The object for stdin. */
  readonly input: Readonly<Record<string, unknown>>
  /** The same as JSON, written once however many handlers read it. */
  readonly json: string
}

/** Runs the handlers of a session, event by event. */
export class Dispatch {
  readonly #facts: DispatchFacts
  readonly #byEvent = new Map<HookEvent, HookHandler[]>()
  #environment: Readonly<Record<string, string>> | undefined
  #finished = 0

  constructor(handlers: readonly HookHandler[], facts: DispatchFacts) {
    this.#facts = facts
    for (const handler of handlers) {
      if (handler.state !== 'runnable') continue
      const list = this.#byEvent.get(handler.event)
      if (list) list.push(handler)
      else this.#byEvent.set(handler.event, [handler])
    }
  }

  /** The events that have a handler. */
  events(): readonly HookEvent[] {
    return [...this.#byEvent.keys()]
  }

  /**
   * Runs every handler that matches, all at once but for sequential groups; asynchronous ones are only started.
   * The list is in the order of configuration; empty: there was none to wait for.
   */
  async run(occasion: Occasion, call: TapCall): Promise<readonly HookRun[]> {
    const matching = (this.#byEvent.get(occasion.event) ?? []).filter((handler) =>
      isFor(handler, occasion),
    )
    if (matching.length === 0) return []
    const input = inputOf(occasion, { session: this.#facts.session, turn: call.turn })
    const firing: Firing = { occasion, call, input, json: JSON.stringify(input) }
    for (const handler of matching) if (handler.async) this.#startOne(handler, firing)
    const waited = unitsOf(matching.filter((handler) => !handler.async))
    return (await Promise.all(waited.map((unit) => this.#runUnit(unit, firing)))).flat()
  }

  /** Of a sequential group each handler is given the input as the one before it left it. */
  async #runUnit(unit: readonly HookHandler[], firing: Firing): Promise<readonly HookRun[]> {
    const runs: HookRun[] = []
    let { json } = firing
    for (const handler of unit) {
      const run = await this.#runOne(handler, firing, json)
      runs.push(run)
      const { rewrite } = run.outcome.effects
      if (rewrite) json = JSON.stringify({ ...firing.input, tool_input: rewrite.input })
    }
    return runs
  }

  async #runOne(handler: HookHandler, firing: Firing, json: string): Promise<HookRun> {
    const { occasion, call } = firing
    const began = performance.now()
    const signal = events[occasion.event].detached ? undefined : call.signal
    const result = await this.#execute(handler, { json, call, signal })
    const finished = this.#finished++
    const read = outcomeOf(result, handler.event, handler.source.dialect)
    const outcome =
      handler.onFailure === 'block' && result.kind !== 'interrupted'
        ? failClosed(read, handler.event)
        : read
    show(handler, outcome, { call, durationMs: Math.round(performance.now() - began) })
    return {
      id: runId(handler, occasion),
      outcome: await this.#spilled(outcome, handler),
      finished,
    }
  }

  /** A run that failed, or that wants to block, counts for nothing: the operation is under way. */
  #startOne(handler: HookHandler, { json, call }: Firing): void {
    this.#facts.background.start(async (signal) => {
      const result = await this.#execute(handler, { json, call, signal })
      if (result.kind !== 'exited' || result.code !== 0) return undefined
      return this.#spilled(outcomeOf(result, handler.event, handler.source.dialect), handler)
    })
  }

  #execute(
    handler: HookHandler,
    run: {
      readonly json: string
      readonly call: TapCall
      readonly signal: AbortSignal | undefined
    },
  ): Promise<ProcessResult> {
    return runCommand({
      command: handler.command ?? '',
      cwd: folderOf({ session: this.#facts.session, turn: run.call.turn }),
      env: this.#environmentFor(handler),
      input: run.json,
      timeoutSec: handler.timeoutSec,
      ...(run.signal && { signal: run.signal }),
    })
  }

  async #spilled(outcome: Outcome, handler: HookHandler): Promise<Outcome> {
    const { session, secrets } = this.#facts
    const place = { sessionId: session.id, redact: (text: string) => secrets.redact(text) }
    return { ...outcome, effects: await spillEffects(outcome.effects, place, handler.contextLimit) }
  }

  #environmentFor({ source }: HookHandler): Readonly<Record<string, string>> {
    this.#environment ??= Object.fromEntries(
      Object.entries(process.env).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      ),
    )
    return {
      ...this.#environment,
      CLAUDE_PROJECT_DIR: source.projectDir,
      HOOKLINE_PROJECT_DIR: source.projectDir,
    }
  }
}

function isFor(handler: HookHandler, { event, subjects }: Occasion): boolean {
  return handler.matches(events[event].matches === 'tool' ? toolNames(subjects, handler) : subjects)
}

/** What runs on its own: a handler, or all that match of a sequential group. */
function unitsOf(handlers: readonly HookHandler[]): readonly (readonly HookHandler[])[] {
  const units: HookHandler[][] = []
  for (const handler of handlers) {
    const last = units.at(-1)
    const before = last?.[0]
    const isNext =
      handler.sequential && before?.source === handler.source && before.group === handler.group
    if (isNext) last?.push(handler)
    else units.push([handler])
  }
  return units
}

function runId(handler: HookHandler, { callId }: Occasion): string {
  const id = `${spell(handler.event, '-')}:${handler.order}:${handler.source.path}`
  return callId === undefined ? id : `${id}:${callId}`
}

/** Bytes of an entry that are shown: the model is told more than people want to read. */
const longestEntry = 10_000

function show(
  handler: HookHandler,
  outcome: Outcome,
  of: { readonly call: TapCall; readonly durationMs: number },
): void {
  of.call.show({
    type: 'hook_run',
    event: handler.event,
    source: handler.source.kind,
    status: outcome.status,
    durationMs: of.durationMs,
    entries: outcome.entries.map(({ kind, text }) => ({
      kind,
      text: headAndTail(text, longestEntry),
    })),
    ...(handler.statusMessage !== undefined && { statusMessage: handler.statusMessage }),
  })
}
