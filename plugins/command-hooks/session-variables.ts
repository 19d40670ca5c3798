import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SessionEnv } from 'hookline'
import { applyAssignments } from './assignments.ts'

type Variables = Readonly<Record<string, string>>

const largestFile = 1024 * 1024

/**
 * Variables that SessionStart hooks leave for the commands of the session. Each hook has a file of its own, in a folder
 * that nobody else may enter and that is gone with the session.
 */
export class SessionVariables implements SessionEnv {
  #folder: string | undefined
  readonly #files = new Map<number, string>()

  /** The file that a hook may write to. */
  fileOf(order: number): string {
    const known = this.#files.get(order)
    if (known !== undefined) return known
    this.#folder ??= mkdtempSync(join(tmpdir(), 'hookline-env-'))
    const file = join(this.#folder, `${order}.sh`)
    writeFileSync(file, '', { mode: 0o600, flag: 'wx' })
    this.#files.set(order, file)
    return file
  }

  /** Read anew for every command: a hook that nobody waits for may still be writing. */
  apply(base: Variables): Variables {
    const files = [...this.#files].toSorted(([a], [b]) => a - b)
    return files.reduce((known, [, file]) => applyAssignments(textOf(file), known), base)
  }

  close(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
    this.#files.clear()
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(0, largestFile)
  } catch {
    // A hook may have removed it.
    return ''
  }
}
