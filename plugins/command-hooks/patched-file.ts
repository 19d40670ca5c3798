import { resolve } from 'node:path'
import { isTable } from './shape.ts'

const header = /^\*\*\* (?:Add|Update|Delete) File: (.+)$/gm
const moved = /^\*\*\* Move to: (.+)$/m

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
  const paths = new Set([...patch.matchAll(header)].map(([, path = '']) => path.trim()))
  const [path, ...others] = paths
  if (path === undefined || others.length > 0) return undefined
  const target = when === 'after' ? moved.exec(patch)?.[1]?.trim() : undefined
  return resolve(cwd, target ?? path)
}
