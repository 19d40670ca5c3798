import { isAbsolute, join, resolve } from 'node:path'
import type { CoreSettings, PermissionProfile } from './core-settings.ts'
import { HooklineError } from './errors.ts'
import { isInside } from './kit/contain.ts'
import type { SandboxPolicy } from './points/turn.ts'
import { mergeValues } from './settings-layers.ts'

/** The settings that say what commands may reach. */
export type SandboxSettings = Pick<
  CoreSettings,
  'sandbox_mode' | 'sandbox_workspace_write' | 'permissions' | 'default_permissions' | 'sandbox_backend'
>

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
  const policy = settings.sandbox_mode === undefined ? profilePolicy(settings, facts) : modePolicy(settings, facts)
  const platformBackend = facts.platform === 'darwin' ? 'seatbelt' : 'bwrap'
  const isOpen = policy.mode === 'danger-full-access'
  return { ...policy, backend: settings.sandbox_backend ?? (isOpen ? 'none' : platformBackend) }
}

type Reach = Omit<SandboxPolicy, 'backend'>

const readOnly: Reach = { mode: 'read-only', writableRoots: [], network: false, deniedReads: [], deniedReadGlobs: [] }
const open: Reach = { ...readOnly, mode: 'danger-full-access', network: true }

function modePolicy(settings: SandboxSettings, facts: SandboxFacts): Reach {
  if (settings.sandbox_mode === 'danger-full-access') return open
  if (settings.sandbox_mode !== 'workspace-write') return readOnly
  const details = settings.sandbox_workspace_write
  const roots = writableRoots(facts, {
    extra: details.writable_roots ?? [],
    slashTmp: details.exclude_slash_tmp !== true,
    tmpdir: details.exclude_tmpdir_env_var !== true,
  })
  return writing({ ...readOnly, writableRoots: roots, network: details.network_access === true }, facts)
}

interface Wanted {
  readonly extra: readonly string[]
  readonly slashTmp: boolean
  readonly tmpdir: boolean
}

function writableRoots({ cwd, home, env }: SandboxFacts, { extra, slashTmp, tmpdir }: Wanted): readonly string[] {
  const temporary = tmpdir ? env['TMPDIR'] : undefined
  return [
    ...new Set([
      resolve(cwd),
      ...extra.map((path) => resolve(cwd, path)),
      ...(slashTmp ? ['/tmp'] : []),
      ...(temporary !== undefined && isAbsolute(temporary) ? [resolve(temporary)] : []),
      join(resolve(home), 'memories'),
    ]),
  ]
}

/** What configures us must not be written from inside, wherever a writable root may hold it. */
function writing(reach: Reach, { home }: SandboxFacts): Reach {
  if (reach.writableRoots.length === 0) return reach
  return { ...reach, mode: 'workspace-write', readOnlyPaths: [...(reach.readOnlyPaths ?? []), resolve(home)] }
}

function profilePolicy(settings: SandboxSettings, facts: SandboxFacts): Reach {
  const name = settings.default_permissions
  if (name === undefined) {
    if (Object.keys(settings.permissions).length === 0) return readOnly
    throw invalid('[permissions] is set, but not which profile applies', 'set default_permissions or sandbox_mode')
  }
  const { base, profile } = resolveProfile(settings.permissions, name)
  const entries = entriesOf(name, profile, facts)
  const denied = entries.filter((entry) => entry.access === 'deny')
  if (base === ':danger-full-access') {
    if (denied.length === 0) return open
    throw invalid(`permissions.${name} denies reads, which :danger-full-access cannot enforce`, 'extend ":workspace"')
  }
  const defaults = base === ':workspace' ? writableRoots(facts, { extra: enabledRoots(profile), slashTmp: true, tmpdir: true }) : []
  refuseReadsBelow(name, entries)
  const pathsOf = (access: string) => entries.filter((entry) => entry.access === access).map((entry) => entry.path)
  const kept = defaults.filter((root) => !pathsOf('read').includes(root) && !pathsOf('deny').includes(root))
  const reach = {
    ...readOnly,
    writableRoots: [...new Set([...kept, ...pathsOf('write')])],
    readOnlyPaths: pathsOf('read'),
    network: networkOf(name, profile),
    deniedReads: denied.filter((entry) => !entry.isGlob).map((entry) => entry.path),
    deniedReadGlobs: denied.filter((entry) => entry.isGlob).map((entry) => entry.path),
  }
  return writing(reach, facts)
}

function refuseReadsBelow(name: string, entries: readonly Entry[]): void {
  for (const { path } of entries.filter((entry) => entry.access === 'read')) {
    const above = entries.find((entry) => entry.access === 'deny' && !entry.isGlob && isInside(entry.path, path))
    if (above === undefined) continue
    throw invalid(`permissions.${name} cannot allow reading "${path}" inside "${above.path}", which it denies`, 'deny less')
  }
}

const builtinProfiles = [':read-only', ':workspace', ':danger-full-access']

/** Folds a profile with all that it extends; the nearer one wins, key by key. */
function resolveProfile(
  profiles: SandboxSettings['permissions'],
  name: string,
): { readonly base: string; readonly profile: PermissionProfile } {
  let profile: PermissionProfile = {}
  const seen: string[] = []
  for (let at: string | undefined = name; at !== undefined; ) {
    if (builtinProfiles.includes(at)) return { base: at, profile }
    if (seen.includes(at)) throw invalid(`permission profiles extend each other: ${[...seen, at].join(', ')}`, 'break the circle')
    seen.push(at)
    const known = Object.hasOwn(profiles, at) ? profiles[at] : undefined
    if (known === undefined) throw unknownProfile(at, profiles)
    // Tables merged with tables give a table.
    profile = mergeValues(known, profile) as PermissionProfile
    at = known.extends
  }
  return { base: ':read-only', profile }
}

function unknownProfile(name: string, profiles: SandboxSettings['permissions']): HooklineError {
  const what = name.startsWith(':') ? 'unknown built-in profile' : 'unknown permission profile'
  return invalid(`${what} "${name}"`, `known: ${[...builtinProfiles, ...Object.keys(profiles)].join(', ')}`)
}

interface Entry {
  readonly path: string
  readonly access: 'read' | 'write' | 'deny'
  readonly isGlob: boolean
}

function entriesOf(name: string, profile: PermissionProfile, facts: SandboxFacts): readonly Entry[] {
  return Object.entries(profile.filesystem ?? {}).flatMap(([key, value]) => {
    const bases = key === ':workspace_roots' ? [resolve(facts.cwd), ...enabledRoots(profile).map((path) => resolve(facts.cwd, path))] : [basePath(name, key, facts)]
    const rows = typeof value === 'object' && value !== null ? Object.entries(value) : [['.', value] as const]
    return rows.flatMap(([below, access]) => bases.map((base) => entryOf(`permissions.${name}.filesystem."${key}"`, access, { base, below })))
  })
}

function entryOf(where: string, access: unknown, { base, below }: { base: string; below: string }): Entry {
  if (access !== 'read' && access !== 'write' && access !== 'deny') {
    throw invalid(`${where} is neither "read", "write" nor "deny"`, 'use one of the three')
  }
  const isGlob = /[*?[{]/.test(below) || (below === '.' && /[*?[{]/.test(base) && access === 'deny')
  if (isGlob && access !== 'deny') throw invalid(`${where} gives "${access}" to a pattern`, 'only "deny" takes patterns')
  if (!isGlob || below === '.') return { path: resolve(base, below), access, isGlob }
  // The base is a folder as it is called, even where its name looks like a pattern.
  return { path: join(base.replace(/[\\*?[\]{}]/g, String.raw`\$&`), below), access, isGlob }
}

function basePath(name: string, key: string, { env }: SandboxFacts): string {
  if (key === ':slash_tmp') return '/tmp'
  const path = key === ':tmpdir' ? env['TMPDIR'] : key.replace(/^~(?=\/|$)/, env['HOME'] ?? '~')
  if (path !== undefined && isAbsolute(path)) return path
  throw invalid(`permissions.${name}.filesystem."${key}" names no path`, 'use an absolute path, "~/…" or ":workspace_roots"')
}

function enabledRoots(profile: PermissionProfile): readonly string[] {
  return Object.entries(profile.workspace_roots ?? {}).flatMap(([path, isOn]) => (isOn ? [path] : []))
}

function networkOf(name: string, { network = {} }: PermissionProfile): boolean {
  const domains = network['domains']
  if (typeof domains === 'object' && domains !== null && Object.keys(domains).length > 0) {
    throw invalid(`permissions.${name}.network.domains cannot be enforced yet`, 'use network.enabled alone')
  }
  return network['enabled'] === true
}

function invalid(message: string, hint: string): HooklineError {
  return new HooklineError('CONFIG_INVALID', message, { hint })
}
