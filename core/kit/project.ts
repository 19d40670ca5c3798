import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/** The nearest folder, upwards from `cwd`, that holds one of the markers; `cwd` itself where none does. */
export function projectRoot(cwd: string, markers: readonly string[]): string {
  for (let at = resolve(cwd); ; at = dirname(at)) {
    if (markers.some((marker) => isMarked(at, marker))) return at
    if (dirname(at) === at) return resolve(cwd)
  }
}

/** True when a folder holds a marker. A `.git` that is no repository, such as a sandbox puts up, marks nothing. */
function isMarked(folder: string, marker: string): boolean {
  const path = join(folder, marker)
  if (marker !== '.git') return existsSync(path)
  return existsSync(join(path, 'HEAD')) || readSmall(path)?.startsWith('gitdir:') === true
}

/** True when a folder is the root of a git working tree. */
export function isRepository(folder: string): boolean {
  return isMarked(folder, '.git')
}

/**
 * What the `[projects]` table says of a folder: of itself, else of its project root, else of the main worktree that the
 * root is a worktree of. `undefined` where it says nothing. Folders are also looked up by their real path.
 */
export function isTrusted(projects: unknown, root: string, cwd: string): boolean | undefined {
  if (typeof projects !== 'object' || projects === null || Object.keys(projects).length === 0)
    return undefined
  for (const folder of [cwd, root]) {
    const level = levelOf(projects, resolve(folder)) ?? levelOf(projects, realPath(folder))
    if (level !== undefined) return level === 'trusted'
  }
  const main = mainWorktree(root)
  const level = main === undefined ? undefined : levelOf(projects, main)
  return level === undefined ? undefined : level === 'trusted'
}

function levelOf(
  projects: object,
  folder: string | undefined,
): 'trusted' | 'untrusted' | undefined {
  if (folder === undefined || !Object.hasOwn(projects, folder)) return undefined
  const entry: unknown = Object.getOwnPropertyDescriptor(projects, folder)?.value
  if (typeof entry !== 'object' || entry === null || !('trust_level' in entry)) return undefined
  const level = entry.trust_level
  return level === 'trusted' || level === 'untrusted' ? level : undefined
}

/**
 * The main worktree of a linked git worktree. A `.git` file may name any folder as its repository, so the claim counts
 * only where git's own record inside that repository points back.
 */
function mainWorktree(root: string): string | undefined {
  const pointer = join(root, '.git')
  const named = readSmall(pointer)?.match(/^gitdir: (.+)/)?.[1]
  const record = named === undefined ? undefined : realPath(resolve(root, named.trim()))
  if (record === undefined || basename(dirname(record)) !== 'worktrees') return undefined
  const back = readSmall(join(record, 'gitdir'))?.trim()
  if (back === undefined || realPath(resolve(record, back)) !== realPath(pointer)) return undefined
  // The repository is where the record really lies; its own `commondir` could name another.
  const repository = dirname(dirname(record))
  return basename(repository) === '.git' ? dirname(repository) : undefined
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path)
  } catch {
    return undefined
  }
}

/** A regular file of at most 4 KiB; whoever made the folder may have put anything there. */
function readSmall(path: string): string | undefined {
  try {
    const stats = statSync(path)
    return stats.isFile() && stats.size <= 4096 ? readFileSync(path, 'utf8') : undefined
  } catch {
    return undefined
  }
}
