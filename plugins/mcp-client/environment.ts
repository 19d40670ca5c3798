import type { ServerSettings } from './settings.ts'

/** Environment variables by name. */
export type Variables = Readonly<Record<string, string>>

/** All that a server is given without being asked for: nothing that is likely to hold a credential. */
const inherited =
  `HOME LOGNAME PATH SHELL USER LANG LC_ALL LC_CTYPE TERM TMPDIR TZ __CF_USER_TEXT_ENCODING
  APPDATA COMSPEC LOCALAPPDATA PATHEXT PROGRAMDATA PROGRAMFILES SYSTEMROOT TEMP TMP USERNAME USERPROFILE
  WINDIR`.split(/\s+/)

function copiedNames({ env_vars: entries = [] }: ServerSettings): readonly string[] {
  return entries.flatMap((entry) => {
    if (typeof entry === 'string') return [entry]
    return entry.source === 'remote' ? [] : [entry.name]
  })
}

/** The whole environment of a server. What the settings say themselves wins over what is copied. */
export function serverEnvironment(settings: ServerSettings, parent: NodeJS.ProcessEnv): Variables {
  const variables: Record<string, string> = {}
  for (const name of [...inherited, ...copiedNames(settings)]) {
    const value = parent[name]
    if (value !== undefined) variables[name] = value
  }
  return { ...variables, ...settings.env }
}

const secretName = /key|token|secret|passw|credential|auth|cookie/i

/** The values that a server is given on purpose and that must not be seen elsewhere. */
export function secretValues(
  settings: ServerSettings,
  parent: NodeJS.ProcessEnv,
): readonly string[] {
  const copied = copiedNames(settings).map((name): [string, string | undefined] => [
    name,
    parent[name],
  ])
  return [...copied, ...Object.entries(settings.env ?? {})].flatMap(([name, value]) =>
    value !== undefined && secretName.test(name) ? [value] : [],
  )
}
