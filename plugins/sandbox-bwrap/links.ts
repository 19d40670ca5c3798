import { lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { isAbsolute, join, sep } from 'node:path'
import { isInside } from 'hookline/kit'
import { refusal } from './refusal.ts'

/** Where a path leads; `undefined` where nothing is there. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path)
  } catch {
    return undefined
  }
}

/**
 * Where a path leads. A link on the way that commands may replace makes it worthless for the next command, so it
 * throws SANDBOX_REFUSED.
 */
export function firmPath(path: string, roots: readonly string[]): string | undefined {
  const real = realPath(path)
  if (real === path) return real
  const link = linkInside(path, roots)
  if (link === undefined) return real
  throw refusal(`"${path}" leads through the link "${link}", which commands may replace`, {
    hint: 'name the real folder instead of the link',
  })
}

const mostLinks = 40

/** The first link on a path that lies in one of the folders. */
function linkInside(path: string, roots: readonly string[]): string | undefined {
  const rest = path.split(sep).toReversed()
  let done: string = sep
  for (let links = 0; links < mostLinks;) {
    const name = rest.pop()
    if (name === undefined) return undefined
    const next = join(done, name)
    const target = linkTarget(next)
    if (target === undefined) {
      done = next
      continue
    }
    if (roots.some((root) => isInside(root, done))) return next
    links += 1
    rest.push(...target.split(sep).toReversed())
    if (isAbsolute(target)) done = sep
  }
  return undefined
}

function linkTarget(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()
    ? readlinkSync(path)
    : undefined
}
