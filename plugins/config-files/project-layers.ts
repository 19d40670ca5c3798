import { realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { HooklineError } from 'hookline'
import type { SettingsLayer } from 'hookline'
import { isTrusted, projectRoot } from 'hookline/kit'
import { projectFilesIn, readProjectFile, type ProjectFile } from './project-forms.ts'
import { dropRefused } from './refused-keys.ts'
import { rootMarkers } from './trust.ts'

export interface ProjectLayers {
  /** The outermost folder first. */
  readonly layers: readonly SettingsLayer[]
  /** What to tell the user beside the conversation. */
  readonly notice?: string
}

/** Reads what the folders from the project root down to `cwd` say, as far as they are trusted by `own`. */
export async function readProject(
  cwd: string,
  home: string,
  own: Readonly<Record<string, unknown>>,
): Promise<ProjectLayers> {
  const root = projectRoot(cwd, rootMarkers(own))
  const files = foldersBetween(root, resolve(cwd))
    .flatMap(projectFilesIn)
    .filter((file) => !isHome(file, home))
  const trust = new Map(files.map((file) => [file, isTrusted(own['projects'], root, file.folder)]))
  const trusted = files.filter((file) => trust.get(file))
  refuseTwoForms(trusted)
  const layers = await Promise.all(
    files.map(async (file): Promise<SettingsLayer | undefined> => {
      if (!trust.get(file)) return disabledLayer(file, trust.get(file))
      const layer = await readProjectFile(file)
      return layer && dropRefused(layer, own)
    }),
  )
  const left = files.filter((file) => !trust.get(file))
  return {
    layers: layers.filter((layer) => layer !== undefined),
    ...(left.length > 0 ? { notice: untrustedNotice(left, root) } : {}),
  }
}

function foldersBetween(root: string, cwd: string): readonly string[] {
  const folders: string[] = []
  for (let at = cwd; ; at = dirname(at)) {
    folders.unshift(at)
    if (at === root || dirname(at) === at) return folders
  }
}

/** The folder above the user's own home is not a project because of it. */
function isHome({ folder, form }: ProjectFile, home: string): boolean {
  return (
    dirname(form) === '.hookline' &&
    realpathSync.native(join(folder, '.hookline')) === realHome(home)
  )
}

function realHome(home: string): string {
  try {
    return realpathSync.native(home)
  } catch {
    return home
  }
}

function refuseTwoForms(files: readonly ProjectFile[]): void {
  const [first] = files
  const other = files.find((file) => file.form !== first?.form)
  if (!first || !other) return
  const [left, right] = [join(first.folder, first.form), join(other.folder, other.form)]
  throw new HooklineError(
    'CONFIG_CONFLICT',
    `the project has settings in two forms: ${left} and ${right}`,
    {
      hint: 'move all of them into one of the two and remove the other',
    },
  )
}

function disabledLayer({ folder, form }: ProjectFile, trusted: boolean | undefined): SettingsLayer {
  const disabled =
    trusted === false ? 'the project is marked as untrusted' : 'the project is not trusted'
  return { name: 'project', file: join(folder, form), values: {}, disabled }
}

function untrustedNotice(files: readonly ProjectFile[], root: string): string {
  const names = files.map(({ folder, form }) => join(folder, form)).join(', ')
  const fix = `[projects.${JSON.stringify(root)}] trust_level = "trusted"`
  return `${names} does not count: the project is not trusted. Run with --trust, or put ${fix} into your config.toml.`
}
