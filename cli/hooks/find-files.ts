import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'

const passedOver = new Set(['node_modules', '.git', 'dist', 'coverage', '__pycache__'])

type IsWanted = (path: string) => boolean | Promise<boolean>

async function filesBelow(folder: string, isWanted: IsWanted): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const found: string[] = []
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !passedOver.has(entry.name))
      found.push(...(await filesBelow(path, isWanted)))
    else if (entry.isFile() && (await isWanted(path))) found.push(path)
  }
  return found
}

/** The files that are meant by paths: files as they are, folders with all that is wanted below them. */
export async function findFiles(
  paths: readonly string[],
  cwd: string,
  isWanted: IsWanted,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const path of paths.map((given) => resolve(cwd, given))) {
    const facts = await stat(path).catch(() => undefined)
    // What is not there is named, so that it fails and is not passed over.
    found.push(...(facts?.isDirectory() ? await filesBelow(path, isWanted) : [path]))
  }
  return [...new Set(found)]
}
