import { HooklineError } from 'hookline'

/** What the words after `hookline sandbox` say. */
export interface SandboxWords {
  readonly mode?: string
  /** A permission profile. */
  readonly profile?: string
  /** A further file of settings, `NAME.config.toml`. */
  readonly configProfile?: string
  readonly folder?: string
  /** `-c key=value`, as given. */
  readonly overrides: readonly string[]
  readonly command: readonly [string, ...string[]]
}

/** What `hookline sandbox --help` prints. */
export const sandboxUsage = `Usage: hookline sandbox [-s MODE | -P PROFILE] [-C DIR] [-c KEY=VALUE]… [--] COMMAND…

Runs a command within the limits that the tools of a session have.

  -s, --sandbox MODE       read-only (default), workspace-write or danger-full-access
  -P, --permissions NAME   a permission profile, or :read-only, :workspace, :danger-full-access
      --full-auto          same as -s workspace-write
  -C, --cd DIR             run the command in DIR
  -c, --config KEY=VALUE   override a setting; the value is TOML, else a text
  -p, --profile NAME       layer NAME.config.toml of the home on top of config.toml
  -h, --help               show this help

"linux", "macos" or "windows" may come first; the sandbox is that of this machine all the same.
`

const modes: ReadonlySet<string> = new Set(['read-only', 'workspace-write', 'danger-full-access'])
const platforms: ReadonlySet<string> = new Set([
  'linux',
  'macos',
  'windows',
  'landlock',
  'seatbelt',
])

type Field = 'mode' | 'profile' | 'configProfile' | 'folder' | 'override'

const flags: Readonly<Record<string, Field>> = {
  '-s': 'mode',
  '--sandbox': 'mode',
  '-P': 'profile',
  '--permissions': 'profile',
  '--permissions-profile': 'profile',
  '-p': 'configProfile',
  '--profile': 'configProfile',
  '-C': 'folder',
  '--cd': 'folder',
  '-c': 'override',
  '--config': 'override',
}

/** Takes the words apart. The command begins at `--` or at the first word that is no flag; its own flags stay with it. */
export function parseSandboxWords(words: readonly string[]): SandboxWords | 'help' {
  const left = platforms.has(words[0] ?? '') ? words.slice(1) : [...words]
  const found: Partial<Record<Field, string>> = {}
  const overrides: string[] = []
  for (let word = left[0]; word?.startsWith('-') === true; word = left[0]) {
    left.shift()
    if (word === '--') break
    if (word === '-h' || word === '--help') return 'help'
    // Denials are only logged by the sandbox of macOS.
    if (word === '--log-denials') continue
    const [field, value] = flagOf(word, left)
    if (field === 'override') overrides.push(value)
    else found[field] = value
  }
  check(found)
  return { ...found, overrides, command: commandOf(left) }
}

function commandOf([first, ...rest]: readonly string[]): SandboxWords['command'] {
  if (first === undefined) throw wrong('there is no command to run')
  return [first, ...rest]
}

/** A flag with its value: the next word, or what stands behind `=`, or behind a single letter. */
function flagOf(word: string, left: string[]): readonly [Field, string] {
  if (word === '--full-auto') return ['mode', 'workspace-write']
  const isLong = word.startsWith('--')
  const end = isLong ? word.indexOf('=') : 2
  const name = end < 0 ? word : word.slice(0, end)
  const field = Object.hasOwn(flags, name) ? flags[name] : undefined
  if (field === undefined) throw wrong(`there is no flag "${name}"`)
  const attached = name === word ? undefined : word.slice(name.length).replace(/^=/, '')
  const value = attached ?? left.shift()
  if (value === undefined) throw wrong(`"${name}" needs a value`)
  return [field, value]
}

function check({ mode, profile }: Partial<Record<Field, string>>): void {
  if (mode !== undefined && !modes.has(mode)) throw wrong(`there is no sandbox mode "${mode}"`)
  if (mode !== undefined && profile !== undefined)
    throw wrong('a mode and a permission profile exclude each other')
}

function wrong(message: string): HooklineError {
  return new HooklineError('USAGE', message, { hint: 'see hookline sandbox --help' })
}
