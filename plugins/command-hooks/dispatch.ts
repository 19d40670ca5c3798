import { dirname } from 'node:path'
import type { Secrets, SessionFacts, TapCall } from 'hookline'
import { headAndTail } from 'hookline/kit'
import type { Background } from './background.ts'
import { toolNames, type HookHandler } from './catalog.ts'
import type { ClaudeTranscript } from './claude-transcript.ts'
import { dialects } from './dialect.ts'
import { events, spell, type HookEvent } from './events.ts'
import type { HookRun } from './fold.ts'
import { EventInputs } from './event-inputs.ts'
import type { HandlerEnvironment } from './handler-environment.ts'
import type { DetachedRun, EventInput } from './handler-run.ts'
import type { Handlers } from './handlers.ts'
import { lastingPath } from './hook-source.ts'
import { folderOf, type InputFacts, type Occasion } from './input.ts'
import { failClosed, outcomeOf, type ProcessResult } from './outcome.ts'
import { compileFilter, type Filter } from './permission-filter.ts'
import { spillEffects } from './spill.ts'
import type { Answerer, Outcome } from './verdict.ts'

/** What runs need beside the handlers themselves. */
export interface DispatchFacts {
  readonly session: SessionFacts
  readonly secrets: Secrets
  /** Runs them, each by its kind. */
  readonly handlers: Pick<Handlers, 'run'>
  readonly environment: HandlerEnvironment
  /** What handlers of the claude dialect read in place of the session's record. */
  readonly transcript?: ClaudeTranscript
  /** Takes runs that nobody waits for. */
  readonly background: Background
}

interface Firing {
  readonly occasion: Occasion
  readonly call: TapCall
  readonly facts: InputFacts
  readonly input: EventInputs
}

/** One run, as it is put to its handler. */
interface Asked {
  readonly input: EventInput
  readonly call: TapCall
  readonly signal: AbortSignal | undefined
  readonly detach?: (rest: DetachedRun) => void
}

/** Sets of names that are remembered for one event; a server could make up any number. */
const mostRemembered = 512

/** Runs the handlers of a session, event by event. */
export class Dispatch {
  readonly #facts: DispatchFacts
  readonly #byEvent = new Map<HookEvent, HookHandler[]>()
  /** By event and names, so that handlers that do not match cost nothing from the second time on. */
  readonly #matching = new Map<HookEvent, Map<string, readonly HookHandler[]>>()
  readonly #filters = new Map<HookHandler, Filter | undefined>()
  readonly #spent = new Set<HookHandler>()
  #finished = 0

  constructor(handlers: readonly HookHandler[], facts: DispatchFacts) {
    this.#facts = facts
    for (const handler of handlers) {
      if (handler.state !== 'runnable') continue
      const list = this.#byEvent.get(handler.event)
      if (list) list.push(handler)
      else this.#byEvent.set(handler.event, [handler])
      const { condition } = handler
      if (condition !== undefined) this.#filters.set(handler, compileFilter(condition))
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
    const matching = this.#matches(occasion)
    if (matching.length === 0) return []
    const { session, transcript } = this.#facts
    const facts = { session, transcript, turn: call.turn }
    const firing: Firing = { occasion, call, facts, input: new EventInputs(occasion, facts) }
    // What is in a sequential group is not asked before its turn: its input may be another by then.
    const due = matching.filter((handler) => isInLine(handler) || this.#isDue(handler, firing))
    for (const handler of due) if (handler.async) this.#startOne(handler, firing)
    const waited = unitsOf(due.filter((handler) => !handler.async))
    return (await Promise.all(waited.map((unit) => this.#runUnit(unit, firing)))).flat()
  }

  #matches(occasion: Occasion): readonly HookHandler[] {
    const { event, subjects } = occasion
    const all = this.#byEvent.get(event)
    if (!all) return []
    const known = this.#matching.get(event) ?? new Map<string, readonly HookHandler[]>()
    this.#matching.set(event, known)
    const names = subjects.join('\0')
    const remembered = known.get(names)
    if (remembered) return remembered
    const found = withoutRepeats(all.filter((handler) => isFor(handler, occasion)))
    if (known.size >= mostRemembered) known.clear()
    known.set(names, found)
    return found
  }

  /** Of what matches, what its own words do not keep from running. Whatever says `once` is spent by this. */
  #isDue(handler: HookHandler, { occasion, facts }: Firing): boolean {
    const { subjects, fields, only } = occasion
    if (this.#spent.has(handler)) return false
    if (only !== undefined && handler.source.dialect !== only) return false
    const isWanted = this.#filters.get(handler)
    if (isWanted) {
      const names = toolNames(subjects, handler)
      const call = { names, input: fields['tool_input'], cwd: folderOf(facts) }
      if (!isWanted(call)) return false
    }
    if (handler.once) this.#spent.add(handler)
    return true
  }

  /** Of a sequential group each handler is given the input as the one before it left it. */
  async #runUnit(unit: readonly HookHandler[], firing: Firing): Promise<readonly HookRun[]> {
    const runs: HookRun[] = []
    let current = firing
    for (const handler of unit) {
      if (isInLine(handler) && !this.#isDue(handler, current)) continue
      const run = await this.#runOne(handler, current)
      runs.push(run)
      const { rewrite } = run.outcome.effects
      if (rewrite) current = rewritten(current, rewrite.input)
    }
    return runs
  }

  async #runOne(handler: HookHandler, firing: Firing): Promise<HookRun> {
    const { occasion, call, input } = firing
    const began = performance.now()
    const signal = events[occasion.event].detached ? undefined : call.signal
    const answerer = answererOf(handler, occasion)
    const detach = (rest: DetachedRun) => this.#follow(handler, answerer, rest)
    const mayDetach = dialects[handler.source.dialect].handlerOptions && handler.type === 'command'
    const result = await this.#execute(handler, {
      input: input.of(handler.source.dialect),
      call,
      signal,
      ...(mayDetach && { detach }),
    })
    const finished = this.#finished++
    const read = outcomeOf(result, handler.event, answerer)
    const outcome =
      handler.onFailure === 'block' && result.kind !== 'interrupted'
        ? failClosed(read, handler.event, answerer)
        : read
    show(handler, outcome, { call, durationMs: Math.round(performance.now() - began) })
    return {
      id: runId(handler, occasion),
      outcome: await this.#spilled(outcome, handler),
      finished,
    }
  }

  #startOne(handler: HookHandler, { input, call, occasion }: Firing): void {
    const answerer = answererOf(handler, occasion)
    this.#facts.background.start(async (signal) => {
      const own = input.of(handler.source.dialect)
      const result = await this.#execute(handler, { input: own, call, signal })
      return this.#later(handler, answerer, result)
    })
  }

  /** Takes over a run that goes on by itself. */
  #follow(handler: HookHandler, answerer: Answerer, { ended, abort }: DetachedRun): void {
    const isTaken = this.#facts.background.start(async (signal) => {
      if (signal.aborted) abort()
      signal.addEventListener('abort', abort, { once: true })
      return this.#later(handler, answerer, await ended)
    })
    if (!isTaken) abort()
  }

  /** A run that failed, or that wants to block, counts for nothing: the operation is under way. */
  async #later(
    handler: HookHandler,
    answerer: Answerer,
    result: ProcessResult,
  ): Promise<Outcome | undefined> {
    if (result.kind !== 'exited') return undefined
    if (result.code === 2 && handler.rewake) return this.#spilled(wakeUp(handler, result), handler)
    if (result.code !== 0) return undefined
    return this.#spilled(outcomeOf(result, handler.event, answerer), handler)
  }

  #execute(handler: HookHandler, { input, call, signal, detach }: Asked): Promise<ProcessResult> {
    return this.#facts.handlers.run({
      handler,
      input,
      cwd: folderOf({ session: this.#facts.session, turn: call.turn }),
      signal,
      environment: () => this.#facts.environment.of(handler, call.turn),
      ...(detach && { detach }),
    })
  }

  async #spilled(outcome: Outcome, handler: HookHandler): Promise<Outcome> {
    const { session, secrets } = this.#facts
    const place = { sessionId: session.id, redact: (text: string) => secrets.redact(text) }
    return { ...outcome, effects: await spillEffects(outcome.effects, place, handler.contextLimit) }
  }
}

function answererOf(
  { source, command, continueOnBlock }: HookHandler,
  { subjects }: Occasion,
): Answerer {
  const subject = subjects[0]
  return {
    dialect: source.dialect,
    ...(command !== undefined && { command }),
    ...(subject !== undefined && { subject }),
    ...(continueOnBlock && { continueOnBlock }),
  }
}

/** What an asynchronous run that found something tells the model. */
function wakeUp(
  { rewake }: HookHandler,
  { stdout, stderr }: Extract<ProcessResult, { readonly kind: 'exited' }>,
): Outcome {
  const said =
    stderr.trim() ||
    stdout.trim() ||
    'A hook in the background found something, without saying what.'
  const context = rewake?.message === undefined ? said : `${rewake.message}\n${said}`
  return { status: 'completed', entries: [], effects: { context } }
}

/** Where the dialect wants it, the same work is done once for one event, by the first that is configured. */
function withoutRepeats(handlers: readonly HookHandler[]): readonly HookHandler[] {
  const seen = new Set<string>()
  return handlers.filter((handler) => {
    const { source, work, condition, async, script } = handler
    if (dialects[source.dialect].repeats) return true
    const does = JSON.stringify([work, condition, async])
    const folder = does.includes('HOOKLINE_HOOKS_DIR') ? dirname(source.path) : undefined
    // The same words are other work where they mean other files.
    const places = [source.bundle?.root, source.projectDir, folder, script?.name]
    const name = JSON.stringify([does, ...places])
    const isNew = !seen.has(name)
    seen.add(name)
    return isNew
  })
}

function isFor(handler: HookHandler, { event, subjects }: Occasion): boolean {
  return handler.matches(events[event].matches === 'tool' ? toolNames(subjects, handler) : subjects)
}

/** True for a handler that waits for those before it in its group. */
function isInLine({ sequential, async }: HookHandler): boolean {
  return sequential && !async
}

/** The same firing with another input for the tool. */
function rewritten({ occasion, facts, call }: Firing, input: unknown): Firing {
  const other = { ...occasion, fields: { ...occasion.fields, tool_input: input } }
  return { occasion: other, facts, call, input: new EventInputs(other, facts) }
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
  const id = `${spell(handler.event, '-')}:${handler.order}:${lastingPath(handler.source)}`
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
