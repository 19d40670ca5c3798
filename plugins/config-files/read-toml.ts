import { readFileSync } from 'node:fs'
import { HooklineError, messageOf } from 'hookline'
import type { SettingsLayer } from 'hookline'
import { parseToml } from 'hookline/kit'
import { codexKeys } from './codex-keys.ts'

/** The layer of one TOML file; `undefined` where there is no such file. */
export function readToml(name: string, file: string): SettingsLayer | undefined {
  const text = readIfThere(file)
  if (text === undefined) return undefined
  const { values, locate } = parseToml(text, file)
  return { name, file, values, locate, ignoredKeys: codexKeys }
}

/** The text of a file, without a byte order mark; `undefined` where there is no such file. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new HooklineError('CONFIG_UNREADABLE', `${file} cannot be read: ${messageOf(cause)}`, {
      hint: 'make it a file that you may read, or remove it',
      cause,
    })
  }
}
