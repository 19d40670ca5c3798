import { resolve } from 'node:path'
import { isTable } from './shape.ts'

const header = /^\*\*\* (?:Add|Update|Delete) File: (.+)$/s
const moved = /^\*\*\* Move to: (.+)$/s

/** The paths that a patch names. */
export interface PatchPaths {
  readonly files: readonly string[]
  /** Where files are moved to. */
  readonly targets: readonly string[]
}

/** Reads the paths in a patch. Whoever applies it minds no blanks around its lines, so they hide nothing here either. */
export function pathsInPatch(patch: string): PatchPaths {
  const lines = patch.split('\n').map((line) => line.trim())
  const found = (mark: RegExp) =>
    lines.flatMap((line) => mark.exec(line)?.[1]?.trim() ?? []).filter((path) => path !== '')
  return { files: found(header), targets: found(moved) }
}

/**
 * The absolute path of the file that a patch is about; undefined where it is about several.
 * A file that moves is meant by its old path before the patch, and by its new one after it.
 */
export function patchedFile(
  input: unknown,
  cwd: string,
  when: 'before' | 'after',
): string | undefined {
  const patch = isTable(input) ? input['command'] : undefined
  if (typeof patch !== 'string') return undefined
  const { files, targets } = pathsInPatch(patch)
  const [path, ...others] = new Set(files)
  if (path === undefined || others.length > 0) return undefined
  return resolve(cwd, (when === 'after' ? targets[0] : undefined) ?? path)
}
