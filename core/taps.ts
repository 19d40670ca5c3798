import {
  AsyncParallelHook,
  AsyncSeriesBailHook,
  AsyncSeriesHook,
  AsyncSeriesWaterfallHook,
  SyncHook,
} from 'tapable'
import { HooklineError, messageOf, wrapError } from './errors.ts'
import { isGate } from './gates/gate.ts'
import {
  hookPoints,
  type HookAnswer,
  type HookKind,
  type HookName,
  type HookValue,
  type NamesOf,
} from './hooks.ts'
import type { Log, Power, TapCall, TapOptions, TapPoint, Taps } from './plugin.ts'
import { isOpenStage, stages } from './stages.ts'

const powers = { observe: 0, shape: 1, decide: 2 } as const satisfies Record<Power, number>
const limitMs = 60_000

/** Whose taps they are. */
export interface Owner {
  readonly name: string
  readonly power: Power
  readonly builtin: boolean
  readonly log: Log
  /** Aborted once the plugin is disposed: tapable cannot remove taps, so they fall silent instead. */
  readonly signal: AbortSignal
}

/** What a call of a hook point carries to every tap. */
export interface CallFacts {
  readonly signal: AbortSignal
  readonly turn: TapCall['turn']
  readonly show: TapCall['show']
  /** The second round after a rewrite: only the stages policy and guard are asked. */
  readonly rejudge?: boolean
}

/** Time spent in the taps of one plugin at one hook point. */
export interface TapTiming {
  readonly plugin: string
  readonly hook: HookName
  readonly tap: string
  calls: number
  totalMs: number
}

type Value = unknown
type TapFunction = (value: Value, call: TapCall) => unknown
type Done = (error: Error | null, result?: Value) => void
/** The asynchronous kinds differ only in how they combine results, not in how they are tapped and called. */
interface AsyncTapable {
  tapAsync(
    options: { readonly name: string; readonly stage: number },
    fn: (value: Value, call: CallFacts, done: Done) => void,
  ): void
  promise(value: Value, call: CallFacts): Promise<Value>
}

interface Tap {
  readonly hook: HookName
  readonly owner: Owner
  readonly options: TapOptions
  readonly stage: number
  readonly fn: TapFunction
  readonly timing: TapTiming
}

const makers: Readonly<Record<Exclude<HookKind, 'observe'>, () => unknown>> = {
  follow: () => new AsyncSeriesHook<[Value, CallFacts]>(['value', 'call']),
  fanOut: () => new AsyncParallelHook<[Value, CallFacts]>(['value', 'call']),
  refine: () => new AsyncSeriesWaterfallHook<[Value, CallFacts]>(['value', 'call']),
  answer: () => new AsyncSeriesBailHook<[Value, CallFacts], Value>(['value', 'call']),
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}

/**
 * The hook points of one session. A hook point that nobody taps is not even made, so it costs one look-up.
 * Every tap passes through `#guard`, which says whose it is, awaits it, limits its time and applies the failure policy.
 */
export class HookRow {
  readonly #observed = new Map<HookName, SyncHook<[Value, CallFacts]>>()
  readonly #hooks = new Map<HookName, AsyncTapable>()
  readonly #timings: TapTiming[] = []

  isUsed(name: HookName): boolean {
    return this.#hooks.has(name) || this.#observed.has(name)
  }

  timings(): readonly TapTiming[] {
    return this.#timings
  }

  observe<Name extends NamesOf<'observe'>>(
    name: Name,
    value: HookValue<Name>,
    call: CallFacts,
  ): void {
    this.#observed.get(name)?.call(value, call)
  }

  async follow<Name extends NamesOf<'follow' | 'fanOut'>>(
    name: Name,
    value: HookValue<Name>,
    call: CallFacts,
  ): Promise<void> {
    await this.#hooks.get(name)?.promise(value, call)
  }

  async refine<Name extends NamesOf<'refine'>>(
    name: Name,
    value: HookValue<Name>,
    call: CallFacts,
  ): Promise<HookValue<Name>> {
    const hook = this.#hooks.get(name)
    if (!hook) return value
    // Every tap of a refining hook point hands on what it was declared to take, or nothing.
    return (await hook.promise(value, call)) as HookValue<Name>
  }

  async answer<Name extends NamesOf<'answer'>>(
    name: Name,
    value: HookValue<Name>,
    call: CallFacts,
  ): Promise<HookAnswer<Name> | undefined> {
    // The type of an answer is checked where the tap is registered.
    return (await this.#hooks.get(name)?.promise(value, call)) as HookAnswer<Name> | undefined
  }

  /** What a plugin gets: every hook point, made when it is first looked at. */
  view(owner: Owner): Taps {
    const points = new Map<string, TapPoint<HookName>>()
    const handler: ProxyHandler<object> = {
      get: (_target, name) => {
        if (typeof name !== 'string' || !Object.hasOwn(hookPoints, name)) return undefined
        const known = points.get(name)
        if (known) return known
        // Checked against the table one line above.
        const made = this.#point(name as HookName, owner)
        points.set(name, made)
        return made
      },
    }
    // The proxy answers exactly the names of the table.
    return new Proxy(Object.freeze({}), handler) as Taps
  }

  #point(hook: HookName, owner: Owner): TapPoint<HookName> {
    const point = {
      tap: (nameOrOptions: string | TapOptions, fn: TapFunction) => {
        const options = typeof nameOrOptions === 'string' ? { name: nameOrOptions } : nameOrOptions
        this.#register(hook, owner, { options, fn })
      },
      isUsed: () => this.isUsed(hook),
    }
    // Taps of all hook points are kept alike; `Taps` gives each its own types.
    return Object.freeze(point) as TapPoint<HookName>
  }

  #register(
    hook: HookName,
    owner: Owner,
    given: { readonly options: TapOptions; readonly fn: TapFunction },
  ): void {
    const point = hookPoints[hook]
    const at = { plugin: owner.name, hook }
    if (powers[owner.power] < powers[point.power]) {
      throw new HooklineError(
        'PLUGIN_POWER_EXCEEDED',
        `${hook} takes the power "${point.power}", "${owner.name}" declares "${owner.power}"`,
        {
          ...at,
          hint: `declare power: '${point.power}'`,
        },
      )
    }
    const stage = given.options.stage ?? 'default'
    if (
      'before' in given.options ||
      !Object.hasOwn(stages, stage) ||
      (!owner.builtin && !isOpenStage(stage))
    ) {
      throw new HooklineError(
        'TAP_OPTION_INVALID',
        `stage "${stage}" or option is not open to "${owner.name}"`,
        {
          ...at,
          hint: `use one of the stages early, default and late`,
        },
      )
    }
    const timing = { plugin: owner.name, hook, tap: given.options.name, calls: 0, totalMs: 0 }
    this.#timings.push(timing)
    const tap: Tap = {
      hook,
      owner,
      options: given.options,
      stage: stages[stage],
      fn: given.fn,
      timing,
    }
    const named = { name: `${owner.name}:${given.options.name}`, stage: tap.stage }
    if (point.kind === 'observe') {
      const made = this.#observed.get(hook) ?? new SyncHook<[Value, CallFacts]>(['value', 'call'])
      this.#observed.set(hook, made)
      made.tap(named, (value, call) => this.#observeGuard(tap, value, call))
      return
    }
    // Made by one of the makers, all of which have these two methods.
    const made = this.#hooks.get(hook) ?? (makers[point.kind]() as AsyncTapable)
    this.#hooks.set(hook, made)
    made.tapAsync(named, (value, call, done) => this.#guard(tap, { value, call }, done))
  }

  #observeGuard(tap: Tap, value: Value, call: CallFacts): void {
    if (tap.owner.signal.aborted) return
    const began = performance.now()
    try {
      const result: unknown = tap.fn(value, this.#callOf(tap, call))
      // A promise is not awaited, but its failure must not take the process down.
      if (isThenable(result))
        result.then(undefined, (error: unknown) => this.#fail(tap, error, call))
    } catch (error) {
      this.#fail(tap, error, call)
    }
    tap.timing.calls += 1
    tap.timing.totalMs += performance.now() - began
  }

  #guard(tap: Tap, given: { readonly value: Value; readonly call: CallFacts }, done: Done): void {
    const { value, call } = given
    if (tap.owner.signal.aborted || (call.rejudge && tap.stage > stages.guard)) {
      done(null)
      return
    }
    const began = performance.now()
    const finish = (outcome: { readonly result: unknown } | { readonly error: unknown }): void => {
      tap.timing.calls += 1
      tap.timing.totalMs += performance.now() - began
      const fault = 'error' in outcome ? outcome.error : this.#looseness(tap, value, outcome.result)
      if (fault === undefined) {
        // tapable takes null for an answer.
        done(null, 'result' in outcome ? (outcome.result ?? undefined) : undefined)
        return
      }
      const error = this.#fail(tap, fault, call)
      const closed = hookPoints[tap.hook].fails === 'closed' || tap.options.onFailure === 'closed'
      done(closed ? error : null)
    }
    let result: unknown
    try {
      result = tap.fn(value, this.#callOf(tap, call))
    } catch (error) {
      finish({ error })
      return
    }
    if (isThenable(result))
      void this.#limited(tap, result, call).then(
        (settled) => finish({ result: settled }),
        (error: unknown) => finish({ error }),
      )
    else finish({ result })
  }

  #callOf(tap: Tap, call: CallFacts): TapCall {
    const limited = tap.options.limit !== 'own' && hookPoints[tap.hook].kind !== 'observe'
    return {
      signal: call.signal,
      turn: call.turn,
      show: call.show,
      log: tap.owner.log,
      deadline: limited ? Date.now() + limitMs : undefined,
    }
  }

  #looseness(tap: Tap, before: Value, next: unknown): unknown {
    if (
      hookPoints[tap.hook].kind !== 'refine' ||
      next === undefined ||
      next === null ||
      !isGate(before)
    )
      return undefined
    try {
      if (isGate(next) && next.follows(before)) return undefined
    } catch (error) {
      // What only looks like a gate cannot be compared with one.
      return error
    }
    return new HooklineError(
      'TAP_LOOSENED',
      `tap "${tap.options.name}" handed on a gate that is looser than the one it was given`,
    )
  }

  async #limited(tap: Tap, result: PromiseLike<unknown>, call: CallFacts): Promise<unknown> {
    if (tap.options.limit === 'own') return result
    const { promise: cut, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => reject(new HooklineError('TAP_TIMED_OUT', `no answer within ${limitMs / 1000} s`)),
      limitMs,
    )
    const onAbort = () => reject(new HooklineError('TURN_INTERRUPTED', 'interrupted'))
    call.signal.addEventListener('abort', onAbort, { once: true })
    if (call.signal.aborted) onAbort()
    try {
      return await Promise.race([result, cut])
    } finally {
      clearTimeout(timer)
      call.signal.removeEventListener('abort', onAbort)
    }
  }

  #fail(tap: Tap, error: unknown, call: CallFacts): HooklineError {
    const at = { plugin: tap.owner.name, hook: tap.hook }
    const known = wrapError(error, 'TAP_FAILED')
    const hint = known.hint === undefined ? {} : { hint: known.hint }
    // What a built-in refuses on purpose, such as a wrong setting, is no failure of that plugin.
    const isMeant = tap.owner.builtin && !known.code.startsWith('TAP_')
    const text = isMeant
      ? known.message
      : `plugin "${at.plugin}" failed in ${at.hook}: ${messageOf(error)}`
    const fault =
      known.plugin === tap.owner.name
        ? known
        : new HooklineError(known.code, text, { ...at, cause: error, ...hint })
    if (tap.hook !== 'pluginFailure') this.observe('pluginFailure', fault, call)
    return fault
  }
}
