import { mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { HooklineError, mergeValues } from 'hookline'
import type { SettingsLayer, SettingsLayers } from 'hookline'
import {
  acquireLock,
  isTrusted,
  parseToml,
  projectRoot,
  setTomlValue,
  writeFileAtomic,
} from 'hookline/kit'
import { isTable } from './project-forms.ts'
import { readIfThere } from './read-toml.ts'

/** Whether a folder is trusted, and the project root by which that is decided. */
export interface ProjectTrust {
  readonly root: string
  /** `undefined`: nobody has said so far. */
  readonly trusted: boolean | undefined
}

/** Looks a folder up in the user's own layers; what a project says of itself does not count. */
export function projectTrust(layers: SettingsLayers, cwd: string): ProjectTrust {
  const own = ownValues(layers.active())
  const root = projectRoot(cwd, rootMarkers(own))
  return { root, trusted: isTrusted(own['projects'], root, cwd) }
}

/** What all layers but those of the project set. */
export function ownValues(layers: readonly SettingsLayer[]): Readonly<Record<string, unknown>> {
  const own = layers.filter((layer) => layer.name !== 'project').map((layer) => layer.values)
  // Tables merged with tables give a table.
  return own.reduce<unknown>(mergeValues, {}) as Record<string, unknown>
}

/** The names that mark a project root; an empty list means that `cwd` is the root. */
export function rootMarkers(own: Readonly<Record<string, unknown>>): readonly string[] {
  const markers = own['project_root_markers']
  return Array.isArray(markers) ? markers.filter((marker) => typeof marker === 'string') : ['.git']
}

/**
 * Records in the user's config.toml that a folder is trusted. The rest of the file stays as it is written.
 * A folder that is marked as untrusted stays so: that takes an edit by hand.
 */
export async function trustProject(home: string, dir: string): Promise<void> {
  const folder = await realpath(dir)
  const file = join(home, 'config.toml')
  await mkdir(home, { recursive: true, mode: 0o700 })
  await using stack = new AsyncDisposableStack()
  stack.use(await acquireLock(`${file}.lock`, { timeoutMs: 10_000 }))
  const text = readIfThere(file) ?? ''
  const level = levelIn(parseToml(text, file).values, folder)
  if (level === 'trusted') return
  if (level === 'untrusted') {
    throw new HooklineError('PROJECT_UNTRUSTED', `${folder} is marked as untrusted in ${file}`, {
      hint: `change the trust_level of [projects.${JSON.stringify(folder)}] there first`,
    })
  }
  await writeFileAtomic(file, setTomlValue(text, ['projects', folder, 'trust_level'], 'trusted'), {
    mode: 0o600,
  })
}

function levelIn(values: Readonly<Record<string, unknown>>, folder: string): unknown {
  const projects = values['projects']
  const entry = isTable(projects) && Object.hasOwn(projects, folder) ? projects[folder] : undefined
  return isTable(entry) ? entry['trust_level'] : undefined
}
