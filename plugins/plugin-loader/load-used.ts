import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { findPackageJSON, registerHooks } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { HooklineError, messageOf, wrapError } from 'hookline'
import type { AnyPlugin, PluginEntry, PluginSourceContext, Power } from 'hookline'

/** What a third-party plugin says of itself without being run. */
interface Manifest {
  readonly name: string
  readonly power: Power
  readonly needs: readonly string[]
  readonly settings: readonly string[]
}

interface Wanted {
  readonly specifier: string
  /** The folder that relative names start from. */
  readonly from: string
}

const powers: ReadonlySet<unknown> = new Set(['observe', 'shape', 'decide'])

/**
 * Loads the plugins that the layers name in `use`, in the order of the layers, each once. One that cannot be loaded
 * stops the session, unless its manifest says that it decides nothing.
 */
export async function loadUsed(context: PluginSourceContext): Promise<readonly PluginEntry[]> {
  const entries: PluginEntry[] = []
  for (const wanted of wantedBy(context)) {
    const manifest = readManifest(wanted)
    try {
      entries.push(...(await admit(context, wanted, manifest)))
    } catch (error) {
      const fault = wrapError(error, 'PLUGIN_NOT_FOUND')
      // What may decide and is kept out would be a missing guard; without a true manifest nobody knows.
      const isHarmless = manifest !== undefined && manifest.power !== 'decide'
      if (!isHarmless || fault.code === 'PLUGIN_MANIFEST_MISMATCH') throw fault
      context.report(fault)
    }
  }
  return entries
}

async function admit(
  context: PluginSourceContext,
  wanted: Wanted,
  manifest: Manifest | undefined,
): Promise<readonly PluginEntry[]> {
  const { specifier } = wanted
  const asked = manifest ?? { name: specifier, power: 'decide' as const }
  const refusal = await context.refusal({ ...asked, specifier })
  if (refusal) throw refusal
  const plugins = await load(wanted)
  if (manifest) for (const plugin of plugins) compare(wanted, manifest, plugin)
  return plugins.map((plugin) => ({ plugin, builtin: false, specifier }))
}

function wantedBy(context: PluginSourceContext): readonly Wanted[] {
  const byTarget = new Map<string, Wanted>()
  for (const layer of context.layers.active()) {
    const use = layer.values['use']
    const from = layer.file === undefined ? context.session.cwd : dirname(layer.file)
    for (const specifier of Array.isArray(use) ? use : []) {
      if (typeof specifier !== 'string') continue
      const wanted: Wanted = { specifier, from }
      const target = isFile(specifier) ? fileOf(wanted) : `${packageFile(wanted)} ${specifier}`
      if (!byTarget.has(target)) byTarget.set(target, wanted)
    }
  }
  return [...byTarget.values()]
}

function isFile(specifier: string): boolean {
  return /^(\.{0,2}\/|~\/)/.test(specifier)
}

function fileOf({ specifier, from }: Wanted): string {
  return specifier.startsWith('~/') ? join(homedir(), specifier.slice(2)) : resolve(from, specifier)
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new HooklineError(
      'PLUGIN_INVALID',
      `the manifest ${file} cannot be read: ${messageOf(error)}`,
      { cause: error },
    )
  }
}

/** Reads `<file>.plugin.json`, or the field `hookline` of a package. */
function readManifest(wanted: Wanted): Manifest | undefined {
  if (isFile(wanted.specifier)) {
    const file = fileOf(wanted)
    return checkManifest(readJson(`${file}.plugin.json`), `${file}.plugin.json`)
  }
  const file = packageFile(wanted)
  const found = file === undefined ? undefined : readJson(file)
  return typeof found === 'object' && found !== null && 'hookline' in found
    ? checkManifest(found.hookline, `${file} (hookline)`)
    : undefined
}

function packageFile({ specifier, from }: Wanted): string | undefined {
  try {
    return findPackageJSON(specifier, pathToFileURL(join(from, 'hookline-use.js')))
  } catch {
    return undefined
  }
}

function texts(value: unknown): readonly string[] | undefined {
  if (value === undefined) return []
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
    ? value
    : undefined
}

function checkManifest(value: unknown, place: string): Manifest | undefined {
  if (value === undefined) return undefined
  const fault = (what: string) =>
    new HooklineError('PLUGIN_INVALID', `${place}: ${what}`, {
      hint: 'see "The static manifest" in docs/plugins.md',
    })
  if (typeof value !== 'object' || value === null) throw fault('not an object')
  const { name, power = 'observe', needs, settings } = value as Record<string, unknown> // any object may be read by key
  const [needed, keys] = [texts(needs), texts(settings)]
  if (typeof name !== 'string' || name === '') throw fault('name must be a text')
  if (!powers.has(power)) throw fault('power must be observe, shape or decide')
  if (!needed || !keys) throw fault('needs and settings must be lists of texts')
  // Checked against the list of powers above.
  return { name, power: power as Power, needs: needed, settings: keys }
}

function listed(names: readonly string[]): string {
  return names.toSorted().join('\n')
}

function compare(wanted: Wanted, manifest: Manifest, plugin: AnyPlugin): void {
  const { name, power = 'observe', needs = [], settings = {} } = plugin
  const said: Readonly<Record<keyof Manifest, unknown>> = {
    ...manifest,
    needs: listed(manifest.needs),
    settings: listed(manifest.settings),
  }
  const found: Readonly<Record<keyof Manifest, unknown>> = {
    name,
    power,
    needs: listed(needs),
    settings: listed(Object.keys(settings)),
  }
  const differs = (['name', 'power', 'needs', 'settings'] as const).find(
    (key) => said[key] !== found[key],
  )
  if (differs === undefined) return
  throw new HooklineError(
    'PLUGIN_MANIFEST_MISMATCH',
    `plugin "${plugin.name}" (${wanted.specifier}) differs from its manifest in "${differs}"`,
    {
      plugin: plugin.name,
      hint: 'make the manifest and the plugin say the same',
    },
  )
}

async function load(wanted: Wanted): Promise<readonly AnyPlugin[]> {
  const { specifier } = wanted
  checkThere(wanted)
  shareRunningCopy()
  let module: Readonly<Record<string, unknown>>
  try {
    const target = isFile(specifier)
      ? pathToFileURL(fileOf(wanted)).href
      : `${usePrefix}${JSON.stringify(wanted)}`
    module = await import(target)
  } catch (error) {
    const why = `plugin "${specifier}" cannot be loaded: ${messageOf(error)}`
    throw new HooklineError('PLUGIN_NOT_FOUND', why, {
      plugin: specifier,
      hint: 'correct it, or take it out of `use`',
      cause: error,
    })
  }
  const found = module['default'] === undefined ? Object.values(module) : [module['default']]
  const plugins = found.filter(isPlugin)
  if (plugins.length > 0) return plugins
  throw new HooklineError('PLUGIN_INVALID', `${specifier} exports no plugin`, {
    plugin: specifier,
    hint: "export one: export default definePlugin({ name: 'my-plugin', setup(api) {} })",
  })
}

/** Before the loader is asked, whose own words name files of ours. */
function checkThere(wanted: Wanted): void {
  const { specifier, from } = wanted
  const missing = (what: string, hint: string) =>
    new HooklineError('PLUGIN_NOT_FOUND', what, { plugin: specifier, hint })
  if (isFile(specifier)) {
    if (existsSync(fileOf(wanted))) return
    throw missing(
      `plugin file ${fileOf(wanted)} does not exist`,
      'check `use` in the settings, and --use',
    )
  }
  if (isOurs(specifier) || packageFile(wanted) !== undefined) return
  const isNearby = existsSync(resolve(from, specifier))
  throw missing(
    `plugin package "${specifier}" is not installed in ${from} or above`,
    isNearby ? `write "./${specifier}" for the file` : 'install it, or check its name',
  )
}

function isOurs(specifier: string): boolean {
  return /^hookline(\/|$)/.test(specifier)
}

function isPlugin(value: unknown): value is AnyPlugin {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'setup' in value &&
    typeof value.setup === 'function'
  )
}

const usePrefix = 'hookline-use:'
// Module hooks belong to the process, and so does the knowledge that they are there.
let sharesRunningCopy = false

/**
 * Lets a plugin anywhere on disk import hookline and zod, and gives it the running copy of both.
 * Node keeps module hooks for the life of the process, so they are registered once.
 */
function shareRunningCopy(): void {
  if (sharesRunningCopy) return
  sharesRunningCopy = true
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier.startsWith(usePrefix)) {
        // Written by `load`, a few lines above.
        const wanted = JSON.parse(specifier.slice(usePrefix.length)) as Wanted
        const from = pathToFileURL(join(wanted.from, 'hookline-use.js')).href
        const parentURL = isOurs(wanted.specifier) ? import.meta.url : from
        return nextResolve(wanted.specifier, { ...context, parentURL })
      }
      if (specifier === 'zod')
        return nextResolve('#zod', { ...context, parentURL: import.meta.url })
      if (isOurs(specifier))
        return nextResolve(specifier, { ...context, parentURL: import.meta.url })
      return nextResolve(specifier, context)
    },
  })
}
