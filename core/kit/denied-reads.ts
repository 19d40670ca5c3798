import { isAbsolute, join, matchesGlob, relative } from 'node:path'
import type { SandboxPolicy } from '../points/turn.ts'
import { isInside, resolveLinks } from './contain.ts'

/** Marks each name of a path or pattern, so that a star also fits names that begin with a dot. */
function marked(path: string): string {
  return path.replace(/(^|\/)(?!\*\*(?:\/|$))(?=[^/])/g, '$1_')
}

/** A pattern that fits a folder denies all that is in it. */
function fits(path: string, glob: string): boolean {
  // Node knows no escapes: what has one fits any character, so that too much is denied rather than too little.
  const pattern = marked(glob.replace(/\\./gs, '?'))
  const names = path.split('/')
  return names.some((_name, at) => matchesGlob(marked(names.slice(0, at + 1).join('/')), pattern))
}

/** Whether a turn's policy lets a file be read; `path` has its links resolved. Relative patterns are below `cwd` and the writable roots. */
export async function mayRead(
  path: string,
  { cwd, sandbox }: { readonly cwd: string; readonly sandbox: SandboxPolicy },
): Promise<boolean> {
  for (const denied of sandbox.deniedReads) {
    if (isInside(await resolveLinks(denied), path)) return false
  }
  if (sandbox.deniedReadGlobs.length === 0) return true
  const below: string[] = []
  const full = [path]
  for (const root of [cwd, ...sandbox.writableRoots]) {
    const real = await resolveLinks(root)
    if (!isInside(real, path)) continue
    below.push(relative(real, path))
    full.push(join(root, relative(real, path)))
  }
  return !sandbox.deniedReadGlobs.some((glob) =>
    (isAbsolute(glob) ? full : below).some((name) => fits(name, glob)),
  )
}
