import { resolve } from 'node:path'
import type { FileChange } from 'hookline'
import type { Hunk } from './parse.ts'

const letters = { add: 'A', update: 'M', delete: 'D' } as const

/** What the model and the terminal are told about a patch that was applied. */
export function summaryOf(hunks: readonly Hunk[]): string {
  const lines = (['add', 'update', 'delete'] as const).flatMap((kind) =>
    hunks
      .filter((hunk) => hunk.kind === kind)
      .map(
        (hunk) =>
          `${letters[kind]} ${hunk.kind === 'update' ? (hunk.moveTo ?? hunk.path) : hunk.path}\n`,
      ),
  )
  return `Success. Updated the following files:\n${lines.join('')}`
}

/** The files that a patch names, once each, with absolute paths; a moved file under its old name. */
export function changesOf(hunks: readonly Hunk[], cwd: string): readonly FileChange[] {
  const changes = new Map<string, FileChange>()
  for (const hunk of hunks) {
    const path = resolve(cwd, hunk.path)
    changes.set(path, { path, kind: hunk.kind })
  }
  return [...changes.values()]
}
