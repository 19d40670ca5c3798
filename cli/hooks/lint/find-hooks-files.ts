import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { isTable } from '../../../plugins/command-hooks/shape.ts'
import { findFiles } from '../find-files.ts'

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

/** The hooks files that are meant by paths: files as they are, folders with all that lies below them. */
export function findHooksFiles(paths: readonly string[], cwd: string): Promise<readonly string[]> {
  return findFiles(paths, cwd, async (path) => isNamedForHooks(path) || (await holdsHooks(path)))
}
