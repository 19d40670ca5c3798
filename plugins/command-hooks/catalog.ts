import { dialects } from './dialect.ts'
import { events } from './events.ts'
import type { Declared } from './hooks-file.ts'
import { compileMatcher, type Matcher } from './match.ts'
import type { Problem } from './problems.ts'
import type { HookSource, Loaded } from './sources.ts'
import { hookKey, trustStatusOf, type TrustRecord, type TrustStatus } from './trust.ts'

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
}

/** What the user allows. */
export interface Consent {
  readonly records: ReadonlyMap<string, TrustRecord>
  /** Everything that is enabled runs, trusted or not. */
  readonly bypass: boolean
  /** `[features] hooks = false`. */
  readonly off: boolean
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

/** Decides for every handler whether it may run, and compiles its matcher. */
export function makeCatalog(loaded: Loaded, consent: Consent): Catalog {
  const problems = [...loaded.problems]
  const handlers: HookHandler[] = []
  const add = (declared: Declared, source: HookSource) => {
    const ignored = events[declared.event].matches === 'nothing'
    const compiled = compileMatcher(ignored ? undefined : declared.matcher, source.dialect)
    const key = hookKey(source.path, declared)
    const record = consent.records.get(key)
    const trust = source.managed ? 'managed' : trustStatusOf(declared, record)
    const enabled = source.managed || record?.enabled !== false
    const fault =
      'fault' in compiled
        ? `its matcher "${declared.matcher}" cannot be used: ${compiled.fault}`
        : undefined
    const unusable = declared.unusable ?? fault
    if (fault !== undefined && declared.index === 0) {
      const pointer = `/hooks/${declared.event}/${declared.group}/matcher`
      const message = `the matcher "${declared.matcher}" of ${declared.event} cannot be used, its hooks are left out`
      problems.push({
        code: 'HookMatcherInvalid',
        severity: 'error',
        file: source.path,
        pointer,
        message,
      })
    }
    handlers.push({
      ...declared,
      source,
      key,
      order: handlers.length,
      matches: 'matches' in compiled ? compiled.matches : nothing,
      enabled,
      trust,
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
