import { realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  createHost,
  HooklineError,
  messageOf,
  type AnyPlugin,
  type Host,
  type LogLine,
} from 'hookline'
import { builtins } from './builtins.ts'
import { listFlag, textFlag, type ParsedWords } from './exec-flags.ts'

const modes: readonly string[] = ['read-only', 'workspace-write', 'danger-full-access']

/** The folder that a command works in, by its own name: however it was reached, its sessions are found again. */
export function folderOf(parsed: ParsedWords): string {
  const folder = textFlag(parsed, 'cd') ?? '.'
  try {
    const path = realpathSync.native(folder)
    if (statSync(path).isDirectory()) return path
  } catch (cause) {
    throw new HooklineError(
      'FILE_UNREADABLE',
      `the folder "${folder}" cannot be used: ${messageOf(cause)}`,
      { hint: 'name a folder that exists with -C', cause },
    )
  }
  throw new HooklineError('FILE_UNREADABLE', `"${folder}" is not a folder`, {
    hint: 'name a folder with -C',
  })
}

function featureOverrides(parsed: ParsedWords): readonly string[] {
  return [
    ...listFlag(parsed, 'enable').map((name) => `features.${name}=true`),
    ...listFlag(parsed, 'disable').map((name) => `features.${name}=false`),
  ]
}

/** The settings that flags stand for, under the names of config.toml. */
function flagSettings(parsed: ParsedWords): Readonly<Record<string, unknown>> {
  const { flags } = parsed
  const settings: Record<string, unknown> = {}
  const model = textFlag(parsed, 'model')
  if (model !== undefined) settings['model'] = model
  const sandbox = textFlag(parsed, 'sandbox')
  if (sandbox !== undefined && !modes.includes(sandbox)) {
    throw new HooklineError('USAGE', `there is no sandbox mode "${sandbox}"`, {
      hint: `use one of ${modes.join(', ')}`,
    })
  }
  if (sandbox !== undefined) settings['sandbox_mode'] = sandbox
  if (flags['dangerously-bypass-approvals-and-sandbox']) {
    settings['sandbox_mode'] = 'danger-full-access'
    settings['approval_policy'] = 'never'
  }
  if (flags['dangerously-bypass-hook-trust']) settings['bypass_hook_trust'] = true
  const folders = listFlag(parsed, 'add-dir')
  if (folders.length > 0)
    settings['sandbox_workspace_write'] = {
      writable_roots: folders.map((folder) => resolve(folder)),
    }
  const use = listFlag(parsed, 'use')
  if (use.length > 0) settings['use'] = use.map((name) => (isFile(name) ? resolve(name) : name))
  return settings
}

/** What looks like a path is one, and so is a bare name that a file has. */
function isFile(name: string): boolean {
  return /^\.{0,2}\//.test(name) || statSync(name, { throwIfNoEntry: false })?.isFile() === true
}

/** What a command line is put together from: the built-in plugins, changed as its maker likes. */
export interface Assembly {
  readonly plugins?: (builtins: readonly AnyPlugin[]) => readonly AnyPlugin[]
}

export interface Opening {
  readonly parsed: ParsedWords
  /** Settings of the command itself, stronger than flags. */
  readonly forced?: Readonly<Record<string, unknown>>
  readonly assembly: Assembly
  /** Plugins of the command itself. They come first and so are taken down last: a front end hears how all others end. */
  readonly more?: readonly AnyPlugin[]
  log(line: LogLine): void
}

/** Makes the host of a command: the built-in plugins, configured by its flags. */
export function openHost(opening: Opening): Host {
  const { parsed, forced = {} } = opening
  const profile = textFlag(parsed, 'profile')
  const defaults = builtins({
    overrides: [...listFlag(parsed, 'config'), ...featureOverrides(parsed)],
    flags: { ...flagSettings(parsed), ...forced },
    ignoreUserConfig: parsed.flags['ignore-user-config'] === true,
    ...(profile === undefined ? {} : { profile }),
  })
  const plugins = opening.assembly.plugins?.(defaults) ?? defaults
  return createHost({
    plugins: [...(opening.more ?? []), ...plugins],
    log: (line) => opening.log(line),
  })
}
