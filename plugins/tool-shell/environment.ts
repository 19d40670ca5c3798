import type { ProviderSettings, SandboxPolicy } from 'hookline'
import type { EnvironmentPolicy } from './settings.ts'

type Variables = Readonly<Record<string, string>>

const coreNames = new Set([
  'HOME',
  'LOGNAME',
  'PATH',
  'SHELL',
  'USER',
  'USERNAME',
  'TMPDIR',
  'TEMP',
  'TMP',
])

/** Names that are likely to hold a credential. */
const defaultExcludes = ['*KEY*', '*SECRET*', '*TOKEN*', '*PASSWORD*']

/** Keeps programs from paging, colouring and translating what a model is to read. */
const plainOutput = {
  NO_COLOR: '1',
  TERM: 'dumb',
  COLORTERM: '',
  PAGER: 'cat',
  GIT_PAGER: 'cat',
  GH_PAGER: 'cat',
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  LC_CTYPE: 'C.UTF-8',
}

/** A first shell whose stdin is a socket takes itself for a remote one and would run ~/.bashrc. */
const notRemote = { SHLVL: '1' }

const profiles: Readonly<Record<SandboxPolicy['mode'], string>> = {
  'read-only': ':read-only',
  'workspace-write': ':workspace',
  'danger-full-access': ':danger-full-access',
}

/** Whether a name fits one of the globs; upper and lower case are the same. */
function matcher(globs: readonly string[]): (name: string) => boolean {
  const patterns = globs.map((glob) => {
    const source = glob.replace(/[\\^$.|+()[\]{}]/g, String.raw`\$&`)
    return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'is')
  })
  return (name) => patterns.some((pattern) => pattern.test(name))
}

/** What every command of a session sees, and the names that were kept from them as likely secrets. */
export interface BaseEnvironment {
  readonly variables: Variables
  readonly withheld: readonly string[]
}

/** The names of the parent that `inherit` lets through. */
function inheritedNames(inherit: EnvironmentPolicy['inherit'], names: readonly string[]) {
  if (inherit === 'none') return []
  return inherit === 'core' ? names.filter((name) => coreNames.has(name.toUpperCase())) : names
}

/**
 * Applies the policy: inherit, default excludes, exclude, set, include_only, in this order. `credentials` are names that
 * the default excludes hold beside those that look like one.
 */
export function baseEnvironment(
  policy: EnvironmentPolicy,
  parent: Readonly<Record<string, string | undefined>>,
  credentials: readonly string[] = [],
): BaseEnvironment {
  const { exclude = [], set = {}, include_only: only = [] } = policy
  const excludes = [...defaultExcludes, ...credentials]
  const isSecret = matcher(policy.ignore_default_excludes === true ? [] : excludes)
  const isExcluded = matcher(exclude)
  const isIncluded = only.length > 0 ? matcher(only) : () => true
  const inherited: Record<string, string> = {}
  const withheld: string[] = []
  for (const name of inheritedNames(policy.inherit, Object.keys(parent))) {
    const value = parent[name]
    if (value === undefined || isExcluded(name)) continue
    if (isSecret(name)) withheld.push(name)
    else if (isIncluded(name)) inherited[name] = value
  }
  const own = Object.entries(set).filter(([name]) => isIncluded(name))
  const variables = { ...notRemote, ...inherited, ...plainOutput, ...Object.fromEntries(own) }
  return { variables, withheld }
}

/** The variables that hold what model providers are asked with. */
export function credentialNames(
  providers: Readonly<Record<string, ProviderSettings>>,
): readonly string[] {
  return Object.values(providers).flatMap(({ env_key: key, env_http_headers: headers = {} }) => [
    ...(key === undefined ? [] : [key]),
    ...Object.values(headers),
  ])
}

/** What a command is told about the call it runs for. */
export interface CallFacts {
  readonly sessionId: string
  readonly callId: string
  readonly sandbox: SandboxPolicy
  /** It runs outside the sandbox. */
  readonly escalated: boolean
}

/** Variables of one call. Each has a second name, under which scripts for Codex look for it. */
export function callEnvironment(facts: CallFacts): Variables {
  const unconfined = facts.escalated || facts.sandbox.mode === 'danger-full-access'
  const told: Record<string, string> = {
    CI: '1',
    SESSION_ID: facts.sessionId,
    THREAD_ID: facts.sessionId,
    TOOL_CALL_ID: facts.callId,
    PERMISSION_PROFILE: profiles[unconfined ? 'danger-full-access' : facts.sandbox.mode],
    ...(unconfined || facts.sandbox.network ? {} : { SANDBOX_NETWORK_DISABLED: '1' }),
  }
  const names = Object.entries(told)
  return Object.fromEntries(
    ['HOOKLINE_', 'CODEX_'].flatMap((prefix) =>
      names.map(([name, value]) => [prefix + name, value]),
    ),
  )
}
