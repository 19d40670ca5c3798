import { accessSync, constants, realpathSync } from 'node:fs'
import { basename, isAbsolute } from 'node:path'
import type { TurnFacts } from 'hookline'
import { isInside, shellQuote } from 'hookline/kit'

type Words = readonly [string, ...string[]]

const loginShells = new Set(['bash', 'zsh', 'sh'])

/** The user's shell where it speaks the shell language, else what is there. */
export function defaultShell(preferred: string | undefined): string {
  if (preferred && isAbsolute(preferred) && loginShells.has(basename(preferred))) return preferred
  try {
    accessSync('/bin/bash', constants.X_OK)
    return '/bin/bash'
  } catch {
    return '/bin/sh'
  }
}

/**
 * True for a shell that commands cannot have put where it is. Hooks and rules judge a script by its text, so what runs
 * it must be what it says.
 */
export function isUsableShell(shell: string, turn: TurnFacts): boolean {
  if (!loginShells.has(basename(shell))) return false
  if (!shell.includes('/')) return true
  if (!isAbsolute(shell)) return false
  // The root folder holds everything, so it would rule out everything.
  const writable = [turn.cwd, ...turn.sandbox.writableRoots].filter((root) => root !== '/')
  return [shell, realPath(shell)].every((path) => !writable.some((root) => isInside(root, path)))
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** The words that run a script. */
export function shellWords(shell: string, script: string, login: boolean): Words {
  return [shell, login ? '-lc' : '-c', script]
}

/** The words as a person sees them. */
export function displayWords(words: Words): string {
  return words.map(shellQuote).join(' ')
}
