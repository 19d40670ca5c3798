import { join } from 'node:path'
import type { SettingsLayer, SettingsLayers } from 'hookline'
import { isTrusted } from 'hookline/kit'
import type { HookBundle } from './hook-bundles.ts'
import type { HookSource, Loaded } from './hook-source.ts'
import { isOfProject, ownValue } from './own-settings.ts'
import { findProject, type Project } from './project.ts'
import { Loader } from './source-loader.ts'

export type { HookSource, Loaded } from './hook-source.ts'

/** Where to look. */
export interface Surroundings {
  /** The product's home. */
  readonly home: string
  readonly userHome: string
  readonly cwd: string
  readonly layers: SettingsLayers
  readonly bundles?: readonly HookBundle[]
}

interface Search {
  readonly where: Surroundings
  readonly project: Project
  /** Those that count, managed ones left out. */
  readonly layers: readonly SettingsLayer[]
  readonly reads: (product: 'codex' | 'claude') => boolean
}

const isNamed =
  (...names: readonly string[]) =>
  (layer: SettingsLayer) =>
    names.includes(layer.name)

/** The folder of a project that a layer's file belongs to: the deepest that holds it. */
function folderOf(layer: SettingsLayer, folders: readonly string[]): string | undefined {
  return folders.findLast((folder) => layer.file?.startsWith(join(folder, '/'))) ?? folders.at(-1)
}

/** True for settings of Claude Code; a bundle has none. */
const isSettings = ({ path, bundle }: HookSource) =>
  !bundle && /[\\/]\.claude[\\/]settings(?:\.local)?\.json$/.test(path)

/** Returns the file that turns all hooks in settings of Claude Code off, if there is one. */
function loadUser(loader: Loader, { where, layers, reads }: Search): string | undefined {
  loader.both(join(where.home, 'hooks.json'), layers.filter(isNamed('user', 'profile')), {
    kind: 'user',
  })
  const foreign = { kind: 'user', foreign: true } as const
  if (reads('codex')) {
    loader.json(join(where.userHome, '.codex', 'hooks.json'), foreign)
    loader.toml(join(where.userHome, '.codex', 'config.toml'), foreign)
  }
  const settings = join(where.userHome, '.claude', 'settings.json')
  return reads('claude') && loader.settings(settings, foreign) ? settings : undefined
}

interface ProjectFiles {
  readonly own: string
  readonly codex: readonly string[]
  readonly claude: readonly string[]
}

function filesOf(folder: string, { reads }: Search): ProjectFiles {
  const below = (name: string, files: readonly string[]) =>
    files.map((file) => join(folder, name, file))
  return {
    own: join(folder, '.hookline', 'hooks.json'),
    codex: reads('codex') ? below('.codex', ['hooks.json', 'config.toml']) : [],
    claude: reads('claude') ? below('.claude', ['settings.json', 'settings.local.json']) : [],
  }
}

function loadProject(loader: Loader, search: Search): void {
  const { where, project, layers } = search
  const projects = ownValue(where.layers, 'projects')
  const own = layers.filter(isOfProject)
  for (const folder of project.folders) {
    const files = filesOf(folder, search)
    if (!isTrusted(projects, project.root, folder)) {
      loader.untrusted(project.root, [files.own, ...files.codex, ...files.claude])
      continue
    }
    const origin = { kind: 'project', projectDir: folder } as const
    loader.both(
      files.own,
      own.filter((layer) => folderOf(layer, project.folders) === folder),
      origin,
    )
    for (const file of files.codex) {
      if (file.endsWith('.json')) loader.json(file, origin)
      else loader.toml(file, origin)
    }
    // A project may turn off what it brings itself, and nothing of its user.
    for (const file of files.claude) {
      const turnsOff = loader.settings(file, origin)
      if (turnsOff)
        loader.turnOff((source) => isSettings(source) && source.kind === 'project', file)
    }
  }
}

/** Finds and reads all hooks of a session, weakest layer first. */
export function loadSources(where: Surroundings): Loaded {
  const project = findProject(where.cwd, ownValue(where.layers, 'project_root_markers'))
  const loader = new Loader(project.root)
  const layers = where.layers.list.filter((layer) => layer.disabled === undefined)
  const compat = ownValue(where.layers, 'compat')
  const search: Search = {
    where,
    project,
    layers,
    reads: (product) => !Array.isArray(compat) || compat.includes(product),
  }
  const system = { kind: 'system', managed: true } as const
  for (const layer of where.layers.managed) loader.layer(layer, system)
  for (const layer of layers.filter(isNamed('system'))) loader.layer(layer, system)
  const off = loadUser(loader, search)
  const placed = isNamed('system', 'user', 'profile', 'command line', 'session')
  for (const layer of layers)
    if (!placed(layer) && !isOfProject(layer)) loader.layer(layer, { kind: 'unknown' })
  loadProject(loader, search)
  if (off !== undefined) loader.turnOff(isSettings, off)
  for (const layer of layers.filter(isNamed('command line', 'session')))
    loader.layer(layer, { kind: 'sessionFlags' })
  for (const { id, files } of where.bundles ?? [])
    for (const file of files) loader.bundled(id, file)
  return { sources: loader.sources, problems: loader.problems }
}
