import { join } from 'node:path'
import { HooklineError } from 'hookline'
import type { SettingsLayer } from 'hookline'
import { checkLegacyProfiles } from './legacy-profiles.ts'
import { commandLine } from './overrides.ts'
import { readProject, type ProjectLayers } from './project-layers.ts'
import { readToml } from './read-toml.ts'
import { ownValues } from './trust.ts'

/** What the layers are read from. */
export interface LayerSources {
  readonly systemFile: string
  readonly home: string
  readonly cwd: string
  readonly profile?: string
  /** `-c key=value`, as given. */
  readonly overrides?: readonly string[]
  /** Settings that flags stand for, by their names in the file. */
  readonly flags?: Readonly<Record<string, unknown>>
  readonly ignoreUserConfig?: boolean
  /** Layers that are there already and are not of a project. */
  readonly given?: readonly SettingsLayer[]
}

/** Where an administrator puts settings for all users. Nothing moves or disables it. */
export const systemFile =
  process.platform === 'win32'
    ? 'C:\\ProgramData\\hookline\\config.toml'
    : '/etc/hookline/config.toml'

/** Reads all layers, weakest first. Who trusts a project is decided by the others alone. */
export async function readLayers(sources: LayerSources): Promise<ProjectLayers> {
  const { home, cwd, profile } = sources
  const files = [
    readToml('system', sources.systemFile),
    sources.ignoreUserConfig ? undefined : readToml('user', join(home, 'config.toml')),
    profile === undefined ? undefined : readProfile(home, profile),
  ].filter((layer) => layer !== undefined)
  const command = [commandLine(sources.overrides ?? [], sources.flags ?? {})].filter(
    (layer) => layer !== undefined,
  )
  const checked = files.map((layer) => checkLegacyProfiles(layer, profile))
  for (const layer of command) checkLegacyProfiles(layer, profile)
  const own = ownValues([...checked, ...command, ...(sources.given ?? [])])
  const project = await readProject(cwd, home, own)
  return { ...project, layers: [...checked, ...project.layers, ...command] }
}

function readProfile(home: string, profile: string): SettingsLayer {
  const file = join(home, `${profile}.config.toml`)
  const layer = /^[\w-][\w.-]*$/.test(profile) ? readToml('profile', file) : undefined
  if (layer) return layer
  throw new HooklineError(
    'CONFIG_INVALID',
    `there is no profile "${profile}": it would be the file ${file}`,
    {
      hint: 'make the file, or choose another profile with -p',
    },
  )
}
