import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isTable } from '../../../plugins/command-hooks/shape.ts'

const passedOver = new Set(['node_modules', '.git', 'dist', 'coverage', '__pycache__'])

/** Other programs have an `expected.json`, too. */
async function isHooktest(path: string, name: string): Promise<boolean> {
  if (name.endsWith('.hooktest.json')) return true
  if (name !== 'expected.json') return false
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    return isTable(value) && Array.isArray(value['cases'])
  } catch {
    return false
  }
}

async function testsBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const found: string[] = []
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !passedOver.has(entry.name)) found.push(...(await testsBelow(path)))
    else if (entry.isFile() && (await isHooktest(path, entry.name))) found.push(path)
  }
  return found
}

/** The test files that are meant by paths: files as they are, folders with all that lies below them. */
export async function findHooktests(
  paths: readonly string[],
  cwd: string,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const path of paths.map((given) => resolve(cwd, given))) {
    const facts = await stat(path).catch(() => undefined)
    // What is not there is named, so that it fails and is not passed over.
    found.push(...(facts?.isDirectory() ? await testsBelow(path) : [path]))
  }
  return [...new Set(found)]
}
