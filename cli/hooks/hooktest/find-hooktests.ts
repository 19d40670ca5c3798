import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { isTable } from '../../../plugins/command-hooks/shape.ts'
import { findFiles } from '../find-files.ts'

/** Other programs have an `expected.json`, too. */
async function isHooktest(path: string): Promise<boolean> {
  const name = basename(path)
  if (name.endsWith('.hooktest.json')) return true
  if (name !== 'expected.json') return false
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    return isTable(value) && Array.isArray(value['cases'])
  } catch {
    return false
  }
}

/** The test files that are meant by paths: files as they are, folders with all that lies below them. */
export function findHooktests(paths: readonly string[], cwd: string): Promise<readonly string[]> {
  return findFiles(paths, cwd, isHooktest)
}
