import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { isInside } from 'hookline/kit'

/**
 * The bubblewrap of a PATH, with its links followed. Relative elements count for nothing, nor does what lies in a
 * folder that commands may have written.
 */
export function findBwrap(path: string, untrusted: readonly string[]): string | undefined {
  for (const folder of path.split(':')) {
    if (!isAbsolute(folder)) continue
    const named = join(folder, 'bwrap')
    const real = programAt(named)
    if (real === undefined) continue
    if (untrusted.some((root) => isInside(root, named) || isInside(root, real))) continue
    return real
  }
  return undefined
}

function programAt(path: string): string | undefined {
  try {
    const real = realpathSync.native(path)
    if (!statSync(real).isFile()) return undefined
    accessSync(real, constants.X_OK)
    return real
  } catch {
    return undefined
  }
}
