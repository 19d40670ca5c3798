import { hash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { messageOf } from 'hookline'
import type { ScriptWork } from './handler-work.ts'
import type { HookSource } from './hook-source.ts'
import { fillPlaceholders } from './placeholders.ts'

/** The text of a script as it was when the session began; this text runs, whatever becomes of its file. */
export interface ScriptText {
  readonly source: string
  /** What messages call it. */
  readonly name: string
  /** Fingerprint of what stands in the file; absent for a script that the hooks file itself holds. */
  readonly digest?: string
}

const largestScript = 1024 * 1024

/** Settings of the command line stand in no file; paths in them are taken from the project. */
function pathOf(named: string, source: HookSource): string {
  const { path, projectDir } = source
  const file = fillPlaceholders(named, source)
  if (file.startsWith('~/')) return join(homedir(), file.slice(2))
  if (isAbsolute(file)) return file
  const folder = dirname(path)
  const isThere = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
  return resolve(isThere ? folder : projectDir, file)
}

/** Reads what a script handler runs. `fault` goes on after "it". */
export function readScriptText(
  { file, source = '' }: ScriptWork,
  hooks: HookSource,
): ScriptText | { readonly fault: string } {
  if (file === undefined) return { source, name: 'the script' }
  const name = pathOf(file, hooks)
  try {
    const facts = statSync(name)
    if (!facts.isFile()) return { fault: `names ${name}, which is no file` }
    if (facts.size > largestScript) return { fault: `names ${name}, which is too large` }
    const bytes = readFileSync(name)
    const digest = `sha256:${hash('sha256', bytes, 'hex')}`
    return { source: bytes.toString('utf8').replace(/^\uFEFF/, ''), name, digest }
  } catch (error) {
    return { fault: `names a script that cannot be read: ${messageOf(error)}` }
  }
}
