import { accessSync, constants } from 'node:fs'
import { basename, isAbsolute } from 'node:path'
import { shellQuote } from 'hookline/kit'

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

/** The words that run a script. */
export function shellWords(shell: string, script: string, login: boolean): Words {
  return [shell, login ? '-lc' : '-c', script]
}

/** The words as a person sees them. */
export function displayWords(words: Words): string {
  return words.map(shellQuote).join(' ')
}
