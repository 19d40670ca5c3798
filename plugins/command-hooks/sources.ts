import { readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, type Place, type SettingsLayer, type SettingsLayers } from 'hookline'
import { isTrusted, parseToml } from 'hookline/kit'
import type { Dialect } from './dialect.ts'
import { readHooksFile, readHooksTable, type HooksFile } from './hooks-file.ts'
import { locateJson, placeAt } from './json-place.ts'
import { isOfProject, ownValue } from './own-settings.ts'
import type { Problem } from './problems.ts'
import { findProject, type Project } from './project.ts'

/** Who put a hooks file where it is. */
export type SourceKind = 'system' | 'user' | 'project' | 'sessionFlags' | 'plugin' | 'unknown'

/** Where handlers come from. */
export interface HookSource {
  readonly kind: SourceKind
  /** Absolute; part of the key that trust is recorded under. */
  readonly path: string
  readonly dialect: Dialect
  /** Only an administrator can write it: it needs no trust, and nothing turns it off. */
  readonly managed: boolean
  /** A user's file for another product: it never runs before it is trusted here, whatever flags say. */
  readonly foreign: boolean
  readonly projectDir: string
}

export interface LoadedSource {
  readonly source: HookSource
  readonly file: HooksFile
}

/** Where to look. */
export interface Surroundings {
  /** The product's home. */
  readonly home: string
  readonly userHome: string
  readonly cwd: string
  readonly layers: SettingsLayers
}

export interface Loaded {
  /** Weakest first: the order in which results are merged. */
  readonly sources: readonly LoadedSource[]
  readonly problems: readonly Problem[]
}

type Origin = Pick<HookSource, 'kind'> & Partial<HookSource>

const flagsFile = '/<session-flags>/config.toml'
const largestFile = 4 * 1024 * 1024
/** Tables or keys of hooks in TOML; records of trust alone are no hooks. */
const holdsHooks = /^\s*(?:\[+\s*"?hooks"?\s*(?!\s*\.\s*"?state\b)[.\]]|hooks\s*[.=])/m

/** Reads the files of one session. Nothing is thrown: what cannot be read is a problem, and the rest counts. */
class Loader {
  readonly #seen = new Set<string>()
  readonly #projectDir: string
  readonly sources: LoadedSource[] = []
  readonly problems: Problem[] = []

  constructor(projectDir: string) {
    this.#projectDir = projectDir
  }

  /** The text of a file that was not read before, under this name or another. */
  #text(file: string): string | undefined {
    const facts = statSync(file, { throwIfNoEntry: false })
    if (!facts) return undefined
    const real = realpathSync(file)
    if (this.#seen.has(real)) return undefined
    this.#seen.add(real)
    if (!facts.isFile()) throw new Error('it is not a file')
    if (facts.size > largestFile) throw new Error('it is too large')
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  }

  #report(problem: Omit<Problem, 'pointer'>): void {
    this.problems.push({ ...problem, pointer: '' })
  }

  #unusable(file: string, why: string, place?: Place): void {
    const message = `no hook of it runs: ${why}`
    this.#report({
      code: 'HooksFileInvalid',
      severity: 'error',
      file,
      message,
      ...(place && { place }),
    })
  }

  #add(path: string, origin: Origin, file: HooksFile): boolean {
    this.problems.push(...file.problems)
    if (file.handlers.length === 0) return false
    const defaults = {
      path,
      dialect: 'codex',
      managed: false,
      foreign: false,
      projectDir: this.#projectDir,
    } as const
    const source = { ...defaults, ...origin, ...(file.dialect && { dialect: file.dialect }) }
    this.sources.push({ source, file })
    return true
  }

  json(file: string, origin: Origin): boolean {
    try {
      const text = this.#text(file)
      if (text === undefined) return false
      const parsed = parseJson(text)
      if ('value' in parsed) {
        const view = { file, locate: (path: readonly string[]) => locateJson(text, path) }
        return this.#add(file, origin, readHooksFile(parsed.value, view))
      }
      this.#unusable(file, parsed.fault, parsed.place)
    } catch (error) {
      this.#unusable(file, messageOf(error))
    }
    return false
  }

  toml(file: string, origin: Origin): boolean {
    try {
      const text = this.#text(file)
      if (text === undefined || !holdsHooks.test(text)) return false
      const document = parseToml(text, file)
      const table = document.values['hooks']
      if (table === undefined) return false
      const view = { file, locate: (path: readonly string[]) => document.locate(path) }
      return this.#add(file, origin, readHooksTable(table, view))
    } catch (error) {
      this.#unusable(file, messageOf(error))
      return false
    }
  }

  layer(layer: SettingsLayer, origin: Origin): boolean {
    const table = layer.values['hooks']
    if (table === undefined) return false
    const file = layer.file ?? flagsFile
    const view = { file, locate: (path: readonly string[]) => layer.locate?.(path) }
    return this.#add(file, origin, readHooksTable(table, view))
  }

  /** The two forms of one layer: both run, and that is worth a word. */
  both(file: string, layers: readonly SettingsLayer[], origin: Origin): void {
    const isJson = this.json(file, origin)
    const others = layers.filter((layer) => this.layer(layer, origin))
    if (!isJson || others.length === 0) return
    const names = others.map((layer) => layer.file ?? 'the settings').join(' and ')
    const message = `hooks stand here and in ${names}; all run, but one place is easier to follow`
    this.#report({ code: 'HooksFileInvalid', severity: 'warning', file, message })
  }

  /** A project that is not trusted: its hooks are not read, and that it has some is told. */
  untrusted(folder: string, files: readonly string[]): void {
    for (const file of files) {
      try {
        const text = this.#text(file)
        if (text === undefined || (file.endsWith('.toml') && !holdsHooks.test(text))) continue
      } catch {
        // A file that cannot be read is a file all the same.
      }
      const message = `its hooks do not run, because the project is not trusted; trust it with trust_level = "trusted" under [projects.${JSON.stringify(folder)}] in your config.toml`
      this.#report({ code: 'ProjectNotTrusted', severity: 'warning', file, message })
    }
  }
}

function parseJson(
  text: string,
): { readonly value: unknown } | { readonly fault: string; readonly place: Place } {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    const fault = messageOf(error)
    const offset = /at position (\d+)/.exec(fault)?.[1]
    return { fault, place: placeAt(text, offset === undefined ? text.length : Number(offset)) }
  }
}

const isNamed =
  (...names: readonly string[]) =>
  (layer: SettingsLayer) =>
    names.includes(layer.name)

/** The folder of a project that a layer's file belongs to: the deepest that holds it. */
function folderOf(layer: SettingsLayer, folders: readonly string[]): string | undefined {
  return folders.findLast((folder) => layer.file?.startsWith(join(folder, '/'))) ?? folders.at(-1)
}

interface Search {
  readonly where: Surroundings
  readonly project: Project
  /** Those that count, managed ones left out. */
  readonly layers: readonly SettingsLayer[]
  readonly readsCodex: boolean
}

function loadUser(loader: Loader, { where, layers, readsCodex }: Search): void {
  loader.both(join(where.home, 'hooks.json'), layers.filter(isNamed('user', 'profile')), {
    kind: 'user',
  })
  if (!readsCodex) return
  const foreign = { kind: 'user', foreign: true } as const
  loader.json(join(where.userHome, '.codex', 'hooks.json'), foreign)
  loader.toml(join(where.userHome, '.codex', 'config.toml'), foreign)
}

function loadProject(loader: Loader, { where, project, layers, readsCodex }: Search): void {
  const projects = ownValue(where.layers, 'projects')
  const own = layers.filter(isOfProject)
  for (const folder of project.folders) {
    const json = join(folder, '.hookline', 'hooks.json')
    const codex = readsCodex
      ? ['hooks.json', 'config.toml'].map((name) => join(folder, '.codex', name))
      : []
    if (!isTrusted(projects, project.root, folder)) {
      loader.untrusted(project.root, [json, ...codex])
      continue
    }
    const origin = { kind: 'project', projectDir: folder } as const
    loader.both(
      json,
      own.filter((layer) => folderOf(layer, project.folders) === folder),
      origin,
    )
    for (const file of codex) {
      if (file.endsWith('.json')) loader.json(file, origin)
      else loader.toml(file, origin)
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
    readsCodex: !Array.isArray(compat) || compat.includes('codex'),
  }
  const system = { kind: 'system', managed: true } as const
  for (const layer of where.layers.managed) loader.layer(layer, system)
  for (const layer of layers.filter(isNamed('system'))) loader.layer(layer, system)
  loadUser(loader, search)
  const placed = isNamed('system', 'user', 'profile', 'command line', 'session')
  for (const layer of layers)
    if (!placed(layer) && !isOfProject(layer)) loader.layer(layer, { kind: 'unknown' })
  loadProject(loader, search)
  for (const layer of layers.filter(isNamed('command line', 'session')))
    loader.layer(layer, { kind: 'sessionFlags' })
  return { sources: loader.sources, problems: loader.problems }
}
