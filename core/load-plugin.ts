import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { findPackageJSON, registerHooks } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { HooklineError, messageOf, wrapError } from './errors.ts'
import type { Kernel, PluginEntry } from './kernel.ts'
import type { AnyPlugin, Power } from './plugin.ts'

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

/** Loads the plugins that the layers name in `use`, in the order of the layers. A plugin that decides and cannot be loaded stops the session. */
export async function loadUsed(kernel: Kernel): Promise<readonly PluginEntry[]> {
  const entries: PluginEntry[] = []
  const seen = new Set<string>()
  for (const wanted of wantedBy(kernel)) {
    // Two layers may name the same plugin.
    const target = isFile(wanted.specifier) ? fileOf(wanted) : (packageFile(wanted) ?? wanted.specifier)
    if (seen.has(target)) continue
    seen.add(target)
    const manifest = readManifest(wanted)
    const { specifier } = wanted
    const refusal = await kernel.refusal({
      ...(manifest ?? { name: specifier, power: 'decide' }),
      specifier,
    })
    if (refusal) {
      // What may decide and is kept out would be a missing guard; without a manifest nobody knows.
      if (manifest === undefined || manifest.power === 'decide') throw refusal
      kernel.report(refusal)
      continue
    }
    for (const plugin of await load(wanted)) {
      if (manifest) compare(wanted, manifest, plugin)
      entries.push({ plugin, builtin: false, specifier: wanted.specifier })
    }
  }
  return entries
}

function wantedBy(kernel: Kernel): readonly Wanted[] {
  return kernel.layers.active().flatMap((layer) => {
    const use = layer.values['use']
    const from = layer.file === undefined ? kernel.session.cwd : dirname(layer.file)
    if (!Array.isArray(use)) return []
    return use
      .filter((entry) => typeof entry === 'string')
      .map((specifier): Wanted => ({ specifier, from }))
  })
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
  shareRunningCopy()
  let module: Readonly<Record<string, unknown>>
  try {
    const target = isFile(specifier)
      ? pathToFileURL(fileOf(wanted)).href
      : `${usePrefix}${JSON.stringify(wanted)}`
    module = await import(target)
  } catch (error) {
    throw wrapError(error, 'PLUGIN_NOT_FOUND', {
      plugin: specifier,
      hint: `check the name in use, relative to ${wanted.from}`,
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
        return nextResolve(wanted.specifier, {
          ...context,
          parentURL: pathToFileURL(join(wanted.from, 'hookline-use.js')).href,
        })
      }
      if (specifier === 'zod')
        return nextResolve('#zod', { ...context, parentURL: import.meta.url })
      if (/^hookline(\/|$)/.test(specifier))
        return nextResolve(specifier, { ...context, parentURL: import.meta.url })
      return nextResolve(specifier, context)
    },
  })
}
