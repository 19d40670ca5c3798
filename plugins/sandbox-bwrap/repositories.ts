import { type Dirent, lstatSync, readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { protectedNames } from 'hookline/kit'

/** How far repositories below a writable root are looked for. */
const deepestLevel = 2
const mostFolders = 128
const mostFound = 24

const known = new Map<string, readonly string[]>()

/**
 * Folders below a writable root that were repositories when the process first used the root. What commands make
 * later is theirs: they go on writing to it.
 */
export function nestedRepositories(root: string): readonly string[] {
  let found = known.get(root)
  if (found === undefined) {
    found = scan(root)
    known.set(root, found)
  }
  return found
}

function scan(root: string): readonly string[] {
  const found: string[] = []
  let looked = 0
  let level = [root]
  for (let depth = 0; depth <= deepestLevel; depth += 1) {
    const next: string[] = []
    for (const folder of level) {
      if (looked >= mostFolders || found.length >= mostFound) return found
      looked += 1
      const entries = entriesOf(folder)
      if (depth > 0 && entries.some((entry) => entry.name === '.git')) found.push(folder)
      next.push(...entries.filter(isWorthALook).map((entry) => join(folder, entry.name)))
    }
    level = next
  }
  return found
}

function isWorthALook(entry: Dirent): boolean {
  return (
    entry.isDirectory() && entry.name !== 'node_modules' && !protectedNames.includes(entry.name)
  )
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

const longestPointer = 4096

/** The folders that a `.git` file stands for: its own, and the one it shares with other working trees. */
export function pointedFolders(gitFile: string): readonly string[] {
  const folder = pointerIn(gitFile, /^gitdir: (.+)$/m)
  if (folder === undefined) return []
  const own = resolve(gitFile, '..', folder)
  const shared = pointerIn(join(own, 'commondir'), /^(.+)$/m)
  return shared === undefined ? [own] : [own, resolve(own, shared)]
}

function pointerIn(file: string, pattern: RegExp): string | undefined {
  const stats = lstatSync(file, { throwIfNoEntry: false })
  if (!stats?.isFile() || stats.size > longestPointer) return undefined
  try {
    return pattern.exec(readFileSync(file, 'utf8'))?.[1]?.trim()
  } catch {
    return undefined
  }
}
