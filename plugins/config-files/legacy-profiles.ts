import { HooklineError } from 'hookline'
import type { SettingsLayer } from 'hookline'

/**
 * Refuses the profiles of older files: they are files of their own now.
 * Tables that nobody asked for with `-p` do no harm, so they are only pointed out.
 */
export function checkLegacyProfiles(
  layer: SettingsLayer,
  profile: string | undefined,
): SettingsLayer {
  const chosen = layer.values['profile']
  if (chosen !== undefined) {
    const named = typeof chosen === 'string' ? chosen : 'NAME'
    throw new HooklineError(
      'CONFIG_INVALID',
      `${placeOf(layer, ['profile'])}: \`profile\` no longer chooses a profile`,
      {
        hint: `remove it, put the settings into ${fileFor(named)} and start with -p ${named}`,
      },
    )
  }
  const tables = layer.values['profiles']
  if (typeof tables !== 'object' || tables === null) return layer
  if (profile !== undefined && Object.hasOwn(tables, profile)) {
    const place = placeOf(layer, ['profiles', profile])
    throw new HooklineError(
      'CONFIG_INVALID',
      `${place}: the table [profiles.${profile}] is no longer read`,
      {
        hint: `move what is in it to the top level of ${fileFor(profile)} and remove the table`,
      },
    )
  }
  const names = Object.keys(tables).map(fileFor)
  const text = `${placeOf(layer, ['profiles'])}: [profiles] is not read; move each table to a file of its own`
  return {
    ...layer,
    warnings: [...(layer.warnings ?? []), `${text} (${names.join(', ')}) beside config.toml`],
  }
}

const fileFor = (name: string) => `${name}.config.toml`

/** `file:line:column` of a key as far as it is known; the name of a layer without a file. */
export function placeOf(layer: SettingsLayer, path: readonly string[]): string {
  const place = layer.locate?.(path)
  if (layer.file === undefined) return layer.name
  return place ? `${layer.file}:${place.line}:${place.column}` : layer.file
}
