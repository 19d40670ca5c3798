import { isAbsolute, join, resolve } from 'node:path'
import type { CoreSettings, PermissionProfile, WorkspaceWriteSettings } from './core-settings.ts'
import { HooklineError } from './errors.ts'
import { isInside } from './kit/contain.ts'
import type { SandboxPolicy } from './points/turn.ts'
import { mergeValues } from './settings-layers.ts'

type SettingKeys =
  | 'sandbox_mode'
  | 'sandbox_workspace_write'
  | 'permissions'
  | 'default_permissions'

/** The settings that say what commands may reach. */
export type SandboxSettings = Pick<CoreSettings, SettingKeys | 'sandbox_backend'>

/** What the paths of a policy are taken from. */
export interface SandboxFacts {
  readonly cwd: string
  /** The user's home of the product. */
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
}

/**
 * What the commands of a session may reach; read-only where nothing is set. `sandbox_mode` wins over permission
 * profiles. Throws CONFIG_INVALID for profiles that do not exist, run in a circle or ask for what cannot be enforced.
 */
export function sandboxPolicy(settings: SandboxSettings, facts: SandboxFacts): SandboxPolicy {
  const isByMode = settings.sandbox_mode !== undefined
  const reach = isByMode ? reachOfMode(settings, facts) : reachOfProfile(settings, facts)
  const confined = facts.platform === 'darwin' ? 'seatbelt' : 'bwrap'
  const backend = reach.mode === 'danger-full-access' ? 'none' : confined
  return { ...reach, backend: settings.sandbox_backend ?? backend }
}

type Reach = Omit<SandboxPolicy, 'backend'>

const nowhere = { writableRoots: [], network: false, deniedReads: [], deniedReadGlobs: [] }
const readOnly: Reach = { ...nowhere, mode: 'read-only' }
const everything: Reach = { ...nowhere, mode: 'danger-full-access', network: true }

function reachOfMode(settings: SandboxSettings, facts: SandboxFacts): Reach {
  if (settings.sandbox_mode === 'danger-full-access') return everything
  if (settings.sandbox_mode !== 'workspace-write') return readOnly
  const details = settings.sandbox_workspace_write
  const network = details.network_access === true
  return writing({ ...readOnly, writableRoots: usualRoots(details, facts), network }, facts)
}

function usualRoots(details: WorkspaceWriteSettings, facts: SandboxFacts): readonly string[] {
  const { cwd, home, env } = facts
  const roots = [cwd, ...(details.writable_roots ?? []), join(resolve(home), 'memories')]
  if (details.exclude_slash_tmp !== true) roots.push('/tmp')
  const temporary = details.exclude_tmpdir_env_var === true ? undefined : env['TMPDIR']
  if (temporary !== undefined && isAbsolute(temporary)) roots.push(temporary)
  return [...new Set(roots.map((path) => resolve(cwd, path)))]
}

/** What configures us must not be written from inside, wherever a writable root may hold it. */
function writing(reach: Reach, { home }: SandboxFacts): Reach {
  if (reach.writableRoots.length === 0) return reach
  const readOnlyPaths = [...(reach.readOnlyPaths ?? []), resolve(home)]
  return { ...reach, mode: 'workspace-write', readOnlyPaths }
}

function reachOfProfile(settings: SandboxSettings, facts: SandboxFacts): Reach {
  const { permissions, default_permissions: name } = settings
  if (name === undefined) {
    if (Object.keys(permissions).length === 0) return readOnly
    throw invalid('[permissions] is set, but not which of them apply', 'set default_permissions')
  }
  const { base, profile } = resolveProfile(permissions, name)
  const entries = entriesOf(profile, facts)
  const pathsOf = (kind: string) => entries.flatMap(([is, path]) => (is === kind ? [path] : []))
  const [reads, denied, globs] = [pathsOf('read'), pathsOf('deny'), pathsOf('glob')]
  const isClosed = (path: string) => denied.some((above) => isInside(above, path))
  if (reads.some(isClosed)) throw invalid(`${name} allows reads inside of what it denies`)
  const network = networkOf(name, profile)
  if (base === ':danger-full-access') {
    const limits = reads.length + denied.length + globs.length
    if (limits === 0 && profile.network?.['enabled'] !== false) return everything
    throw invalid(`${name} has limits, which ${base} cannot enforce`, 'extend ":workspace"')
  }
  const details = { writable_roots: enabledRoots(profile) }
  const roots = base === ':workspace' ? usualRoots(details, facts) : []
  const kept = roots.filter((root) => !reads.includes(root) && !denied.includes(root))
  const reach = {
    ...readOnly,
    writableRoots: [...new Set([...kept, ...pathsOf('write')])],
    readOnlyPaths: reads,
    network,
    deniedReads: denied,
    deniedReadGlobs: globs,
  }
  return writing(reach, facts)
}

const bases = [':read-only', ':workspace', ':danger-full-access']

interface Resolved {
  readonly base: string
  readonly profile: PermissionProfile
}

/** Folds a profile with all that it extends; the nearer one wins, key by key. */
function resolveProfile(profiles: SandboxSettings['permissions'], name: string): Resolved {
  let profile: PermissionProfile = {}
  let at = name
  for (const seen = new Set<string>(); !bases.includes(at);) {
    const known = Object.hasOwn(profiles, at) ? profiles[at] : undefined
    if (known === undefined) {
      const what = at.startsWith(':') ? 'unknown built-in profile' : 'unknown profile'
      throw invalid(`${what} "${at}"`, `known: ${[...bases, ...Object.keys(profiles)].join(', ')}`)
    }
    if (seen.has(at)) throw invalid(`${[...seen, at].join(', ')} extend each other`)
    seen.add(at)
    // Tables merged with tables give a table.
    profile = mergeValues(known, profile) as PermissionProfile
    at = known.extends ?? ':read-only'
  }
  return { base: at, profile }
}

type Entry = readonly [kind: 'read' | 'write' | 'deny' | 'glob', path: string]

function entriesOf(profile: PermissionProfile, facts: SandboxFacts): readonly Entry[] {
  const workspace = [facts.cwd, ...enabledRoots(profile)].map((path) => resolve(facts.cwd, path))
  return Object.entries(profile.filesystem ?? {}).flatMap(([key, value]) => {
    const folders = key === ':workspace_roots' ? workspace : [folderOf(key, facts)]
    const isTable = typeof value === 'object' && value !== null
    const rows: readonly (readonly [string, unknown])[] = isTable
      ? Object.entries(value)
      : [['', value]]
    return rows.flatMap(([below, access]) =>
      folders.map((folder) => entryOf(access, folder, below)),
    )
  })
}

const special = /[*?[{]/

function entryOf(access: unknown, folder: string, below: string): Entry {
  if (access !== 'read' && access !== 'write' && access !== 'deny') {
    throw invalid(`access to "${join(folder, below)}" is neither "read", "write" nor "deny"`)
  }
  const isGlob = special.test(below === '' ? folder : below)
  if (!isGlob) return [access, resolve(folder, below)]
  if (access !== 'deny') throw invalid(`only "deny" takes patterns, not "${join(folder, below)}"`)
  // A folder is meant as it is called, even where its name looks like a pattern.
  return ['glob', below === '' ? folder : join(folder.replace(/[\\*?[\]{}]/g, '\\$&'), below)]
}

function folderOf(key: string, { env }: SandboxFacts): string {
  if (key === ':slash_tmp') return '/tmp'
  const temporary = key === ':tmpdir' ? env['TMPDIR'] : undefined
  const path = temporary ?? key.replace(/^~(?=\/|$)/, () => env['HOME'] ?? '~')
  if (isAbsolute(path)) return path
  throw invalid(`"${key}" names no path`, 'use an absolute path, "~/…" or ":workspace_roots"')
}

function enabledRoots({ workspace_roots: roots = {} }: PermissionProfile): readonly string[] {
  return Object.keys(roots).filter((path) => roots[path] === true)
}

function networkOf(name: string, { network = {} }: PermissionProfile): boolean {
  const { domains, enabled } = network
  if (typeof domains === 'object' && domains !== null && Object.keys(domains).length > 0) {
    throw invalid(`${name} has network.domains, which cannot be enforced`, 'use network.enabled')
  }
  return enabled === true
}

function invalid(message: string, hint = 'correct [permissions]'): HooklineError {
  return new HooklineError('CONFIG_INVALID', `permissions: ${message}`, { hint })
}
