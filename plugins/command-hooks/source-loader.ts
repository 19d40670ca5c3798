import { readFileSync, realpathSync, statSync } from 'node:fs'
import { relative } from 'node:path'
import { messageOf, type Place, type SettingsLayer } from 'hookline'
import { isInside } from 'hookline/kit'
import { readSettingsFile } from './claude-settings.ts'
import type { BundledHooks } from './hook-bundles.ts'
import type { HookSource, LoadedSource } from './hook-source.ts'
import { readHooksFile, readHooksTable, type HooksFile } from './hooks-file.ts'
import type { FileView, Problem } from './problems.ts'
import { readHooksText } from './read-hooks-text.ts'
import { isTable } from './shape.ts'

/** What is known of a file before it is read. */
export type Origin = Pick<HookSource, 'kind'> & Partial<HookSource>

const flagsFile = '/<session-flags>/config.toml'
const largestFile = 4 * 1024 * 1024
/** Tables or keys of hooks in TOML; records of trust alone are no hooks. */
const holdsHooks =
  /^\s*(?:\[+\s*["']?hooks["']?\s*(?!\s*\.\s*["']?state\b)[.\]]|["']?hooks["']?\s*[.=])/m

/** Reads the files of one session. Nothing is thrown: what cannot be read is a problem, and the rest counts. */
export class Loader {
  readonly #seen = new Set<string>()
  readonly #projectDir: string
  readonly sources: LoadedSource[] = []
  readonly problems: Problem[] = []

  constructor(projectDir: string) {
    this.#projectDir = projectDir
  }

  /** A hooks.json. */
  json(file: string, origin: Origin): boolean {
    return this.#parsed(file, origin, (value, view) =>
      this.#add(file, origin, readHooksFile(value, view, origin.dialect)),
    )
  }

  /** A settings.json of Claude Code; true where it turns hooks off. */
  settings(file: string, origin: Origin): boolean {
    let turnsOff = false
    this.#parsed(file, origin, (value, view) => {
      const read = readSettingsFile(value, view)
      turnsOff = read.turnsOff
      return this.#add(file, { ...origin, dialect: 'claude' }, read)
    })
    return turnsOff
  }

  toml(file: string, origin: Origin): boolean {
    try {
      const text = this.#text(file)
      if (text === undefined || !holdsHooks.test(text)) return false
      const read = readHooksText(text, { file, form: 'toml' })
      if ('fault' in read) throw new Error(read.fault)
      const table = isTable(read.value) ? read.value['hooks'] : undefined
      return table !== undefined && this.#add(file, origin, readHooksTable(table, read.view))
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

  /** What a bundle brings; a file that lies outside of it is not read. */
  bundled(id: string, hooks: BundledHooks): void {
    const { path, dialect, root, dataDir, name = relative(root, path), value } = hooks
    const keyPath = `${id}:${name}`
    const origin: Origin = { kind: 'plugin', dialect, keyPath, bundle: { id, root, dataDir } }
    if (value !== undefined) {
      const view = { file: path, locate: () => undefined }
      this.#add(path, origin, readHooksFile(value, view, dialect))
    } else if (isOutside(root, path)) {
      this.#unusable(path, `it lies outside of the bundle ${id}`)
    } else this.json(path, origin)
  }

  /** Files that were read, and do not count all the same. */
  turnOff(concerns: (source: HookSource) => boolean, by: string): void {
    const kept = this.sources.filter(({ source }) => !concerns(source))
    if (kept.length === this.sources.length) return
    const message =
      'the hooks in the settings of Claude Code do not run: disableAllHooks is set here'
    this.#report({ code: 'HooksFileInvalid', severity: 'warning', file: by, message, quiet: true })
    this.sources.splice(0, this.sources.length, ...kept)
  }

  /** A project that is not trusted: its hooks are not read, and that it has some is told. */
  untrusted(folder: string, files: readonly string[]): void {
    for (const file of files) {
      try {
        const text = this.#text(file)
        if (text === undefined || !mayHoldHooks(file, text)) continue
      } catch {
        // A file that cannot be read is a file all the same.
      }
      const message = `its hooks do not run, because the project is not trusted; trust it with trust_level = "trusted" under [projects.${JSON.stringify(folder)}] in your config.toml`
      this.#report({ code: 'ProjectNotTrusted', severity: 'warning', file, message })
    }
  }

  /**
   * The text of a file that was not read before, under this name or another. What a bundle has is its own: a project
   * could have a link to it.
   */
  #text(file: string, bundle = ''): string | undefined {
    const facts = statSync(file, { throwIfNoEntry: false })
    if (!facts) return undefined
    const name = `${bundle}:${realpathSync(file)}`
    if (this.#seen.has(name)) return undefined
    this.#seen.add(name)
    if (!facts.isFile()) throw new Error('it is not a file')
    if (facts.size > largestFile) throw new Error('it is too large')
    return readFileSync(file, 'utf8')
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

  #parsed(
    file: string,
    { bundle }: Origin,
    take: (value: unknown, view: FileView) => boolean,
  ): boolean {
    try {
      const text = this.#text(file, bundle?.id)
      if (text === undefined) return false
      const read = readHooksText(text, { file, form: 'hooks' })
      if ('value' in read) return take(read.value, read.view)
      this.#unusable(file, read.fault, read.place)
    } catch (error) {
      this.#unusable(file, messageOf(error))
    }
    return false
  }
}

/** Files for more than hooks are not worth a word where they hold none. */
function mayHoldHooks(file: string, text: string): boolean {
  if (file.endsWith('.toml')) return holdsHooks.test(text)
  return !/settings(?:\.local)?\.json$/.test(file) || text.includes('"hooks"')
}

function isOutside(root: string, path: string): boolean {
  try {
    return !isInside(realpathSync(root), realpathSync(path))
  } catch {
    // What is not there is told by whoever reads it.
    return !isInside(root, path)
  }
}
