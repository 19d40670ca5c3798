import { lstat, readlink, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path'
import { HooklineError, messageOf } from '../errors.ts'
import type { SandboxPolicy } from '../points/turn.ts'

/** Folders and files below a writable root that commands and patches may not write. */
export const protectedNames: readonly string[] = [
  '.git',
  '.hg',
  '.hookline',
  '.codex',
  '.claude',
  '.agents',
  '.aws',
]

const mostLinks = 40

/** True when `path` is `root` or below it, by their names alone: links are not followed. */
export function isInside(root: string, path: string): boolean {
  return segmentsBelow(root, path) !== undefined
}

function segmentsBelow(root: string, path: string): string[] | undefined {
  const top = resolve(root)
  const full = resolve(path)
  if (full === top) return []
  const prefix = top.endsWith(sep) ? top : top + sep
  return full.startsWith(prefix) ? full.slice(prefix.length).split(sep) : undefined
}

/**
 * Follows all links of a path of which the end may not exist yet, as the system would when it makes the file: a link to
 * nothing leads to its target, and `..` is taken after links. Throws PATH_OUTSIDE for links that lead in a circle.
 */
export async function resolveLinks(path: string): Promise<string> {
  if (path.includes('\0')) throw outside('a path holds a NUL character')
  const full = isAbsolute(path) ? path : join(process.cwd(), sep) + path
  return realpath(full).catch(() => walk(full))
}

async function walk(path: string): Promise<string> {
  const rest = path.split(sep).toReversed()
  let done: string = sep
  let links = 0
  for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
    const next = join(done, name)
    const target = name === '' || name === '.' || name === '..' ? undefined : await targetOf(next)
    if (target === undefined) {
      done = next
      continue
    }
    links += 1
    if (links > mostLinks) throw outside(`the links of "${path}" lead in a circle`)
    rest.push(...target.split(sep).toReversed())
    if (isAbsolute(target)) done = sep
  }
  return done
}

async function targetOf(path: string): Promise<string | undefined> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : undefined
  } catch {
    return undefined
  }
}

/** Where a path really leads, below `root` when it is relative. Throws PATH_OUTSIDE when that is not inside `root`. */
export async function realpathWithin(root: string, path: string): Promise<string> {
  const [top, real] = await Promise.all([
    resolveLinks(root),
    resolveLinks(isAbsolute(path) ? path : root + sep + path),
  ])
  if (isInside(top, real)) return real
  throw outside(`"${path}" leads to "${real}", which is not inside "${root}"`)
}

function outside(message: string): HooklineError {
  return new HooklineError('PATH_OUTSIDE', message, { hint: 'use a path that stays inside' })
}

/** Whether a file may be written under a policy. Where not, `reason` says why. */
export type WriteVerdict = { readonly ok: true } | { readonly ok: false; readonly reason: string }

/** What is done to a path. */
export interface WriteOptions {
  /** The name itself is removed or replaced: where it is a link, what it leads to stays as it is. */
  readonly isEntry?: boolean
}

/** Decides by where links really lead whether a policy lets a path be written; the path need not exist. */
export async function canWrite(
  policy: SandboxPolicy,
  path: string,
  options?: WriteOptions,
): Promise<WriteVerdict> {
  if (policy.mode === 'danger-full-access') return { ok: true }
  if (policy.mode === 'read-only') return refused(path, 'the sandbox is read-only')
  let real: string
  try {
    real = await placeOf(path, options)
  } catch (error) {
    return refused(path, messageOf(error))
  }
  if ((await deepest(policy.deniedReads, real)) !== undefined) {
    return refused(path, 'it may not even be read')
  }
  const kept = await deepest(policy.readOnlyPaths ?? [], real)
  let reason = 'it is outside of the writable roots'
  for (const root of policy.writableRoots) {
    const top = await resolveLinks(root)
    const below = segmentsBelow(top, real)
    if (below === undefined) continue
    // A folder that is kept within a root is written only below a root that lies deeper still.
    if (kept !== undefined && isInside(top, kept)) {
      reason = `"${kept}" is kept read-only`
      continue
    }
    const name = [...below, ...(segmentsBelow(root, path) ?? [])].find(isProtected)
    if (name === undefined) return { ok: true }
    reason = `"${name}" is protected`
  }
  return refused(path, reason)
}

async function placeOf(path: string, options?: WriteOptions): Promise<string> {
  if (options?.isEntry !== true) return resolveLinks(path)
  return join(await resolveLinks(dirname(path)), basename(path))
}

/** The innermost of the folders that hold a path, by where links lead. */
async function deepest(folders: readonly string[], real: string): Promise<string | undefined> {
  const resolved = await Promise.all(folders.map((folder) => resolveLinks(folder)))
  const holding = resolved.filter((folder) => isInside(folder, real))
  return holding.toSorted((left, right) => right.length - left.length)[0]
}

/** Some file systems take `.GIT` for `.git`. */
function isProtected(name: string): boolean {
  return protectedNames.includes(name.toLowerCase())
}

function refused(path: string, reason: string): WriteVerdict {
  return { ok: false, reason: `"${path}" cannot be written: ${reason}` }
}
