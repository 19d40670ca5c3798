import { dialects } from './dialect.ts'
import { events } from './events.ts'
import { lookAround, type Found } from './handler-surroundings.ts'
import type { Declared } from './hooks-file.ts'
import { idleWords, inDialect } from './in-dialect.ts'
import { compileMatcher, type Matcher } from './match.ts'
import type { Problem, ProblemCode } from './problems.ts'
import type { ScriptText } from './script-text.ts'
import { lastingPath, type HookSource, type Loaded } from './hook-source.ts'
import { hookKey, trustStatusOf, type TrustRecord, type TrustStatus } from './trust.ts'
import type { UrlTest } from './url-allow-list.ts'

/** Why a handler runs or does not. */
export type HookState = 'runnable' | 'untrusted' | 'disabled' | 'skipped' | 'blocked'

/** One handler of a session, with everything decided that can be decided before an event. */
export interface HookHandler extends Declared {
  readonly source: HookSource
  readonly key: string
  /** Its place among all handlers. */
  readonly order: number
  readonly matches: Matcher
  readonly enabled: boolean
  readonly trust: TrustStatus
  readonly state: HookState
  /** Why it is not runnable. */
  readonly reason?: string
  /** What a script handler runs. */
  readonly script?: ScriptText
  /** It is runnable, but every run of it fails for this reason, because it says `onFailure: "block"`. */
  readonly fault?: string
}

/** What the user allows. */
export interface Consent {
  readonly records: ReadonlyMap<string, TrustRecord>
  /** Everything that is enabled runs, trusted or not. */
  readonly bypass: boolean
  /** `[features] hooks = false`. */
  readonly off: boolean
  /** Which addresses hooks may send events to. */
  readonly isAllowedUrl: UrlTest
}

export interface Catalog {
  /** In the order in which results are merged. */
  readonly handlers: readonly HookHandler[]
  readonly problems: readonly Problem[]
}

const nothing: Matcher = () => false

interface Verdict {
  readonly state: HookState
  readonly reason?: string
}

function stateOf(
  handler: Pick<HookHandler, 'source' | 'enabled' | 'trust'>,
  consent: Consent,
): Verdict {
  if (handler.source.managed) return { state: 'runnable' }
  if (consent.off) return { state: 'disabled', reason: 'hooks are turned off by features.hooks' }
  if (!handler.enabled) return { state: 'disabled', reason: 'it is turned off under [hooks.state]' }
  if (handler.trust === 'trusted' || (consent.bypass && !handler.source.foreign))
    return { state: 'runnable' }
  const reason =
    handler.trust === 'modified' ? 'it changed since it was trusted' : 'it is not trusted yet'
  return { state: 'untrusted', reason }
}

/** Why nobody but an administrator may have such a hook. */
function reservedFor({ event }: Declared, { managed }: HookSource): string | undefined {
  return events[event].managed && !managed
    ? `hooks of ${event} run where an administrator has put them, and nowhere else`
    : undefined
}

/** Tells a problem at a place below an event. */
function problemAt(
  { event, group }: Declared,
  source: HookSource,
  problem: Pick<Problem, 'code' | 'severity' | 'message'> & { readonly below: string },
): Problem {
  const { below, ...told } = problem
  return { ...told, file: source.path, pointer: `/hooks/${event}/${group}/${below}` }
}

function matcherProblem(declared: Declared, source: HookSource): Problem {
  const message = `the matcher "${declared.matcher}" of ${declared.event} cannot be used, its hooks are left out`
  const code = 'HookMatcherInvalid'
  return problemAt(declared, source, { code, severity: 'error', message, below: 'matcher' })
}

function faultProblem(
  declared: Declared,
  source: HookSource,
  { fault, code }: { readonly fault: string; readonly code: ProblemCode },
): Problem {
  const { event, type, index, onFailure } = declared
  const end = onFailure === 'block' ? 'it refuses what it guards' : 'it is left out'
  const message = `a ${type} hook of ${event} ${fault}; ${end}`
  const below = `hooks/${index}`
  return problemAt(declared, source, { code, severity: 'warning', message, below })
}

function idleProblem(declared: Declared, source: HookSource): Problem | undefined {
  const words = idleWords(declared, source.dialect)
  if (words.length === 0) return undefined
  const named = words.map((word) => `"${word}"`).join(' and ')
  const message = `${named} of a hook of ${declared.event} counts in the dialect "claude" alone and is ignored; say "dialect": "claude" in the file`
  const told = { code: 'HookHandlerInvalid', severity: 'warning', message } as const
  return {
    ...problemAt(declared, source, { ...told, below: `hooks/${declared.index}` }),
    quiet: true,
  }
}

/** A handler where it is to run, before anybody is asked whether it may. */
interface Placed {
  readonly declared: Declared
  readonly source: HookSource
  readonly matches: Matcher
  readonly found: Found
  /** Why it never runs. */
  readonly unusable: string | undefined
}

function place(written: Declared, source: HookSource, isAllowed: UrlTest): Placed {
  const declared = inDialect(written, source.dialect)
  const ignored = events[declared.event].matches === 'nothing'
  const compiled = compileMatcher(ignored ? undefined : declared.matcher, source.dialect)
  const mismatch =
    'fault' in compiled
      ? `its matcher "${declared.matcher}" cannot be used: ${compiled.fault}`
      : undefined
  const matches = 'matches' in compiled ? compiled.matches : nothing
  const unusable = declared.unusable ?? mismatch ?? reservedFor(declared, source)
  return { declared, source, matches, found: lookAround(declared, source, isAllowed), unusable }
}

function problemsOf(written: Declared, { declared, source, matches, found }: Placed): Problem[] {
  const { fault, code } = found
  const isFirst = matches === nothing && declared.index === 0
  return [
    idleProblem(written, source),
    isFirst ? matcherProblem(declared, source) : undefined,
    fault !== undefined && code ? faultProblem(declared, source, { fault, code }) : undefined,
  ].filter((problem) => problem !== undefined)
}

/** Where a required handler cannot run, every run of it fails; any other is left out. */
function faultsOf({ declared, found, unusable }: Placed): {
  readonly closed?: string
  readonly left?: string
} {
  if (unusable !== undefined) return { left: unusable }
  if (found.fault === undefined) return {}
  const why = `it ${found.fault}`
  return declared.onFailure === 'block' ? { closed: why } : { left: why }
}

function handlerOf(placed: Placed, order: number, consent: Consent): HookHandler {
  const { declared, source, matches, found } = placed
  const { script } = found
  const key = hookKey(lastingPath(source), declared)
  const record = consent.records.get(key)
  const trust = source.managed ? 'managed' : trustStatusOf(declared, record, script?.digest)
  const enabled = source.managed || record?.enabled !== false
  const { closed, left } = faultsOf(placed)
  return {
    ...declared,
    source,
    key,
    order,
    matches,
    enabled,
    trust,
    ...(script && { script }),
    ...(closed !== undefined && { fault: closed }),
    ...(left === undefined
      ? stateOf({ source, enabled, trust }, consent)
      : { state: 'skipped', reason: left }),
  }
}

/** Decides for every handler whether it may run, and compiles its matcher. */
export function makeCatalog(loaded: Loaded, consent: Consent): Catalog {
  const problems = [...loaded.problems]
  const handlers: HookHandler[] = []
  for (const { source, file } of loaded.sources)
    for (const written of file.handlers) {
      const placed = place(written, source, consent.isAllowedUrl)
      problems.push(...problemsOf(written, placed))
      handlers.push(handlerOf(placed, handlers.length, consent))
    }
  return { handlers, problems }
}

/** The names a matcher of this handler is compared with for a tool: its own name, then the others. */
export function toolNames(
  names: readonly string[],
  { source }: Pick<HookHandler, 'source'>,
): readonly string[] {
  const own = names[0]
  const others = own === undefined ? undefined : dialects[source.dialect].aliases[own]
  return own !== undefined && others ? [own, ...others] : names
}
