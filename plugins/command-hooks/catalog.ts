import { dialects } from './dialect.ts'
import { events } from './events.ts'
import { lookAround } from './handler-surroundings.ts'
import type { Declared } from './hooks-file.ts'
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

/** A handler without what its dialect does not know. */
function inDialect(declared: Declared, { dialect }: HookSource): Declared {
  const { rewake, once, condition, continueOnBlock, ...plain } = declared
  if (dialects[dialect].handlerOptions) return rewake ? { ...declared, async: true } : declared
  if (plain.work?.type !== 'command') return plain
  const { args, shell, ...work } = plain.work
  return { ...plain, work }
}

/** The words that would count in the other dialect. */
function idleWords({ rewake, once, condition, continueOnBlock, work }: Declared): readonly string[] {
  const { args, shell } = work?.type === 'command' ? work : {}
  const words = { asyncRewake: rewake, once, if: condition, continueOnBlock, args, shell }
  return Object.entries(words).flatMap(([name, value]) => (value === undefined ? [] : [name]))
}

function idleProblem(declared: Declared, source: HookSource): Problem | undefined {
  const words = dialects[source.dialect].handlerOptions ? [] : idleWords(declared)
  if (words.length === 0) return undefined
  const message = `${words.map((word) => `"${word}"`).join(' and ')} of a hook of ${declared.event} counts in the dialect "claude" alone and is ignored; say "dialect": "claude" in the file`
  const told = { code: 'HookHandlerInvalid', severity: 'warning', message } as const
  return { ...problemAt(declared, source, { ...told, below: `hooks/${declared.index}` }), quiet: true }
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

/** Decides for every handler whether it may run, and compiles its matcher. */
export function makeCatalog(loaded: Loaded, consent: Consent): Catalog {
  const problems = [...loaded.problems]
  const handlers: HookHandler[] = []
  const add = (written: Declared, source: HookSource) => {
    const declared = inDialect(written, source)
    const idle = idleProblem(written, source)
    if (idle) problems.push(idle)
    const ignored = events[declared.event].matches === 'nothing'
    const compiled = compileMatcher(ignored ? undefined : declared.matcher, source.dialect)
    if ('fault' in compiled && declared.index === 0) problems.push(matcherProblem(declared, source))
    const mismatch =
      'fault' in compiled
        ? `its matcher "${declared.matcher}" cannot be used: ${compiled.fault}`
        : undefined
    const { script, fault, code } = lookAround(declared, source, consent.isAllowedUrl)
    if (fault !== undefined && code) problems.push(faultProblem(declared, source, { fault, code }))
    const key = hookKey(lastingPath(source), declared)
    const record = consent.records.get(key)
    const trust = source.managed ? 'managed' : trustStatusOf(declared, record, script?.digest)
    const enabled = source.managed || record?.enabled !== false
    const missing = fault === undefined ? undefined : `it ${fault}`
    const closed = declared.onFailure === 'block' ? missing : undefined
    const unusable =
      declared.unusable ??
      mismatch ??
      reservedFor(declared, source) ??
      (closed === undefined ? missing : undefined)
    handlers.push({
      ...declared,
      source,
      key,
      order: handlers.length,
      matches: 'matches' in compiled ? compiled.matches : nothing,
      enabled,
      trust,
      ...(script && { script }),
      ...(closed !== undefined && { fault: closed }),
      ...(unusable === undefined
        ? stateOf({ source, enabled, trust }, consent)
        : { state: 'skipped', reason: unusable }),
    })
  }
  for (const { source, file } of loaded.sources)
    for (const declared of file.handlers) add(declared, source)
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
