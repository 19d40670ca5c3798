import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isTable } from '../../../plugins/command-hooks/shape.ts'

const passedOver = new Set(['node_modules', '.git', 'dist', 'coverage', '__pycache__'])

/** Names that settle it; a folder named `hooks` may also hold files of any name, which are looked into. */
function isNamedForHooks(file: string): boolean {
  const name = basename(file)
  const folder = basename(dirname(file))
  if (/^(.+-)?hooks(-.+)?\.json$/.test(name)) return true
  if (folder === '.claude') return /^settings(\.local)?\.json$/.test(name)
  return (folder === '.codex' || folder === '.hookline') && name === 'config.toml'
}

async function holdsHooks(file: string): Promise<boolean> {
  if (basename(dirname(dirname(file))) !== 'hooks' && basename(dirname(file)) !== 'hooks')
    return false
  if (!file.endsWith('.json') || /\.(hooktest|schema)\.json$|^expected\.json$/.test(basename(file)))
    return false
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    return isTable(value) && isTable(value['hooks'])
  } catch {
    return false
  }
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const found: string[] = []
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !passedOver.has(entry.name)) found.push(...(await filesBelow(path)))
    else if (entry.isFile() && (isNamedForHooks(path) || (await holdsHooks(path)))) found.push(path)
  }
  return found
}

/** The hooks files that are meant by paths: files as they are, folders with all that lies below them. */
export async function findHooksFiles(
  paths: readonly string[],
  cwd: string,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const path of paths.map((given) => resolve(cwd, given))) {
    const facts = await stat(path).catch(() => undefined)
    // What is not there is named, so that it is reported and not passed over.
    found.push(...(facts?.isDirectory() ? await filesBelow(path) : [path]))
  }
  return [...new Set(found)]
}
