import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { HooklineError } from 'hookline'
import { type Glob, literalGlob, parseGlobs } from './glob.ts'
import { refusal } from './refusal.ts'

const mostEntries = 200_000

/**
 * The paths that fit one of the globs now; those made later are not known. Relative globs are taken below each of the
 * folders. Throws SANDBOX_REFUSED rather than look at only a part of a huge tree.
 */
export async function matchesOf(
  globs: readonly string[],
  folders: readonly string[],
): Promise<readonly string[]> {
  const parsed = globs.flatMap((glob) => {
    if (isAbsolute(glob)) return parseGlobs(glob)
    return folders.flatMap((folder) => parseGlobs(`${literalGlob(folder)}/${glob}`))
  })
  const found = new Set<string>()
  const budget = { entries: mostEntries }
  for (const glob of parsed) {
    for (const path of await walk(glob, budget)) found.add(path)
  }
  return [...found]
}

async function walk(glob: Glob, budget: { entries: number }): Promise<readonly string[]> {
  const found: string[] = []
  let level = [glob.base]
  for (let depth = 0; depth < glob.depth && level.length > 0; depth += 1) {
    const listed = await Promise.all(
      level.map(async (folder) => ({ folder, entries: await entriesOf(folder) })),
    )
    level = []
    for (const { folder, entries } of listed) {
      budget.entries -= entries.length
      if (budget.entries < 0) throw tooMany(glob.base)
      const isMatch = (entry: Dirent) => glob.pattern.test(join(folder, entry.name))
      found.push(...entries.filter(isMatch).map((entry) => join(folder, entry.name)))
      const folders = entries.filter((entry) => entry.isDirectory() && !isMatch(entry))
      level.push(...folders.map((entry) => join(folder, entry.name)))
    }
  }
  return found
}

function tooMany(base: string): HooklineError {
  return refusal(`there are too many files below "${base}" to look for patterns of denied reads`, {
    hint: 'write patterns that begin with the folder to look in',
  })
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch {
    // What we cannot list, commands cannot read either.
    return []
  }
}
