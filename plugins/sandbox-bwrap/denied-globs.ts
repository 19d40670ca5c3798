import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { HooklineError } from 'hookline'
import { refusal } from './refusal.ts'

/** A pattern that was taken apart: where to look, and what is looked for. */
export interface Glob {
  /** The folder that its first names, which are no patterns, lead to. */
  readonly base: string
  /** Fits whole paths. */
  readonly pattern: RegExp
  /** How many levels below the base a path may lie that fits. */
  readonly depth: number
}

const mostEntries = 200_000
const special = /[*?[{]/

/**
 * The paths that fit one of the globs now; those made later are not known. Relative globs are taken below each of the
 * folders. Throws SANDBOX_REFUSED rather than look at only a part of a huge tree.
 */
export async function matchesOf(
  globs: readonly string[],
  folders: readonly string[],
): Promise<readonly string[]> {
  const parsed = globs.flatMap((glob) => {
    if (isAbsolute(glob)) return [parseGlob(glob)]
    return folders.map((folder) =>
      parseGlob(`${folder.replace(/[\\*?[\]{}]/g, String.raw`\$&`)}/${glob}`),
    )
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

/** Takes an absolute glob apart: `*`, `?`, `[…]` and `{…,…}` within a name, `**` for any number of folders. */
export function parseGlob(glob: string): Glob {
  const segments = glob.split('/').filter((segment) => segment !== '' && segment !== '.')
  const first = segments.findIndex((segment) => special.test(segment.replace(/\\./g, '')))
  const fixed = segments.slice(0, first < 0 ? -1 : first)
  const rest = segments.slice(fixed.length)
  const source = segments
    .map((segment, index) => segmentSource(segment, index === segments.length - 1))
    .join('')
  return {
    base: `/${fixed.map((segment) => segment.replace(/\\(.)/g, '$1')).join('/')}`,
    pattern: compile(source, glob),
    depth: rest.includes('**') ? Infinity : rest.length,
  }
}

function compile(source: string, glob: string): RegExp {
  try {
    return new RegExp(`^${source}$`, 's')
  } catch (cause) {
    throw refusal(`the pattern "${glob}" of denied reads cannot be used`, {
      hint: 'correct its brackets',
      cause,
    })
  }
}

function segmentSource(segment: string, isLast: boolean): string {
  if (segment === '**') return isLast ? '/.+' : '(?:/[^/]+)*'
  return `/${nameSource(segment)}`
}

function nameSource(name: string): string {
  let source = ''
  let braces = 0
  for (const [token] of name.matchAll(/\\.|\[[!^]?\]?[^\]]*\]|./gs)) {
    if (token === '*') source += '[^/]*'
    else if (token === '?') source += '[^/]'
    else if (token === '{') {
      braces += 1
      source += '(?:'
    } else if (token === '}' && braces > 0) {
      braces -= 1
      source += ')'
    } else if (token === ',' && braces > 0) source += '|'
    else source += literalSource(token)
  }
  return source + ')'.repeat(braces)
}

function literalSource(token: string): string {
  if (token.length > 2 && token.startsWith('[')) {
    const isNegated = token[1] === '!' || token[1] === '^'
    const members = token.slice(isNegated ? 2 : 1, -1).replace(/[\\\]^[]/g, String.raw`\$&`)
    return `[${isNegated ? '^/' : ''}${members}]`
  }
  const character = token.length === 2 && token.startsWith('\\') ? token.slice(1) : token
  return character.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
}
