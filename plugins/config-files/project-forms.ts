import { readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { HooklineError, messageOf } from 'hookline'
import type { SettingsLayer } from 'hookline'
import { codexKeys } from './codex-keys.ts'
import { readToml } from './read-toml.ts'

/** A file that holds settings of a project; `form` is its path within the folder. */
export interface ProjectFile {
  readonly folder: string
  readonly form: string
}

const tomlForm = '.hookline/config.toml'
const rcForms = ['.hooklinerc', '.hooklinerc.json', '.hooklinerc.yaml', '.hooklinerc.yml']

/** Finds by name alone what settings a folder has; only a package.json is looked into. */
export function projectFilesIn(folder: string): readonly ProjectFile[] {
  const inConfig = isThere(join(folder, '.config'), 'folder')
    ? rcForms.map((form) => `.config/${form.slice(1)}`)
    : []
  const forms = [tomlForm, ...rcForms, ...inConfig].filter((form) =>
    isThere(join(folder, form), 'file'),
  )
  if (packageSettings(join(folder, 'package.json'))) forms.push('package.json')
  return forms.map((form) => ({ folder, form }))
}

/** Reads one of the files. The values are what the file says; nothing is refused here. */
export async function readProjectFile({
  folder,
  form,
}: ProjectFile): Promise<SettingsLayer | undefined> {
  const file = join(folder, form)
  if (form === tomlForm) return readToml('project', file)
  const values = form === 'package.json' ? packageSettings(file) : await readWithLoader(file)
  if (values === undefined || values === null) return undefined
  if (isTable(values)) return { name: 'project', file, values, ignoredKeys: codexKeys }
  throw new HooklineError('CONFIG_INVALID', `${file} holds no table of settings`, {
    hint: 'write key: value pairs',
  })
}

/**
 * Parses with cosmiconfig's loaders, and not with its search: setting up a search runs a `.config/config.js` of the
 * working folder, whether that is trusted or not.
 */
async function readWithLoader(file: string): Promise<unknown> {
  const { defaultLoaders } = await import('cosmiconfig')
  const load = extname(file) === '.json' ? defaultLoaders['.json'] : defaultLoaders['.yaml']
  try {
    return load(file, readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new HooklineError('CONFIG_UNREADABLE', `${file} cannot be parsed: ${messageOf(cause)}`, {
      hint: 'correct the file',
      cause,
    })
  }
}

/** The `hookline` field of a package.json, unless it is the manifest of a plugin, which has a name or a power. */
function packageSettings(file: string): Record<string, unknown> | undefined {
  if (!isThere(file, 'file')) return undefined
  try {
    const text = readFileSync(file, 'utf8')
    if (!text.includes('"hookline"')) return undefined
    const content: unknown = JSON.parse(text)
    const field = isTable(content) ? content['hookline'] : undefined
    return isTable(field) && !('name' in field) && !('power' in field) ? field : undefined
  } catch {
    // A broken package.json is for the package's own tools to report.
    return undefined
  }
}

function isThere(path: string, kind: 'file' | 'folder'): boolean {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    return kind === 'file' ? stats?.isFile() === true : stats?.isDirectory() === true
  } catch {
    return false
  }
}

/** True for what TOML, JSON and YAML call a table, an object or a mapping. */
export function isTable(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  )
}
