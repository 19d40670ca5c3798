import type { Log, Secrets, SessionFacts, TapCall } from 'hookline'
import { toolNames, type HookHandler } from './catalog.ts'
import { events, spell, type HookEvent } from './events.ts'
import type { HookRun } from './fold.ts'
import { folderOf, inputOf, type Occasion } from './input.ts'
import { failClosed, outcomeOf } from './outcome.ts'
import { runCommand } from './run.ts'
import { spillEffects } from './spill.ts'
import type { Outcome } from './verdict.ts'

/** What runs need beside the handlers themselves. */
export interface DispatchFacts {
  readonly session: SessionFacts
  readonly secrets: Secrets
  readonly log: Log
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
   * Runs every handler that matches, all at once but for sequential groups.
   * The list is in the order of configuration; empty: none matched.
   */
  async run(occasion: Occasion, call: TapCall): Promise<readonly HookRun[]> {
    const matching = (this.#byEvent.get(occasion.event) ?? []).filter((handler) => isFor(handler, occasion))
    if (matching.length === 0) return []
    const input = inputOf(occasion, { session: this.#facts.session, turn: call.turn })
    const firing: Firing = { occasion, call, input, json: JSON.stringify(input) }
    const runs = await Promise.all(unitsOf(matching).map((unit) => this.#runUnit(unit, firing)))
    return runs.flat()
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
    const { session, secrets } = this.#facts
    const began = performance.now()
    const result = await runCommand({
      command: handler.command ?? '',
      cwd: folderOf({ session, turn: call.turn }),
      env: this.#environmentFor(handler),
      input: json,
      timeoutSec: handler.timeoutSec,
      ...(!events[occasion.event].detached && { signal: call.signal }),
    })
    const finished = this.#finished++
    const read = outcomeOf(result, handler.event, handler.source.dialect)
    const outcome = handler.onFailure === 'block' && result.kind !== 'interrupted' ? failClosed(read, handler.event) : read
    show(handler, outcome, { call, durationMs: Math.round(performance.now() - began) })
    const place = { sessionId: session.id, redact: (text: string) => secrets.redact(text) }
    const effects = await spillEffects(outcome.effects, place, handler.contextLimit)
    return { id: runId(handler, occasion), outcome: { ...outcome, effects }, finished }
  }

  #environmentFor({ source }: HookHandler): Readonly<Record<string, string>> {
    this.#environment ??= Object.fromEntries(
      Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    )
    return { ...this.#environment, CLAUDE_PROJECT_DIR: source.projectDir, HOOKLINE_PROJECT_DIR: source.projectDir }
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
    const isNext = handler.sequential && before?.source === handler.source && before.group === handler.group
    if (isNext) last?.push(handler)
    else units.push([handler])
  }
  return units
}

function runId(handler: HookHandler, { callId }: Occasion): string {
  const id = `${spell(handler.event, '-')}:${handler.order}:${handler.source.path}`
  return callId === undefined ? id : `${id}:${callId}`
}

function show(handler: HookHandler, outcome: Outcome, of: { readonly call: TapCall; readonly durationMs: number }): void {
  of.call.show({
    type: 'hook_run',
    event: handler.event,
    source: handler.source.kind,
    status: outcome.status,
    durationMs: of.durationMs,
    entries: outcome.entries,
    ...(handler.statusMessage !== undefined && { statusMessage: handler.statusMessage }),
  })
}
