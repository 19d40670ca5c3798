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

const special = /[*?[]/
const mostAlternatives = 1000

/**
 * Takes an absolute glob apart: `*`, `?` and `[…]` within a name, `**` for any number of folders, `{…,…}` anywhere, `\`
 * before what is meant as it is. Names that begin with a dot are like all others.
 */
export function parseGlobs(glob: string): readonly Glob[] {
  return alternatives(glob).map(parse)
}

/** Writes a path so that no character of it is special. */
export function literalGlob(path: string): string {
  return path.replace(/[\\*?[\]{},]/g, String.raw`\$&`)
}

const innerBraces = /(?<!\\)\{((?:\\.|[^{}\\])*)\}/s

/** One glob for each choice of what stands in braces, the inner ones first. */
function alternatives(glob: string): readonly string[] {
  const done: string[] = []
  const left = [glob]
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    const braces = innerBraces.exec(at)
    if (!braces) done.push(at)
    else {
      const [whole, inside = ''] = braces
      const [before, after] = [at.slice(0, braces.index), at.slice(braces.index + whole.length)]
      left.push(...inside.split(/(?<!\\),/).map((choice) => before + choice + after))
    }
    if (done.length + left.length > mostAlternatives)
      throw unusable(glob, 'it has too many alternatives')
  }
  return done
}

function parse(glob: string): Glob {
  const segments = glob.split('/').filter((segment) => segment !== '' && segment !== '.')
  const first = segments.findIndex((segment) => special.test(segment.replace(/\\./g, '')))
  const fixed = segments.slice(0, first < 0 ? -1 : first)
  const rest = segments.slice(fixed.length)
  const sources = segments.map((segment, index) =>
    segmentSource(segment, index === segments.length - 1),
  )
  return {
    base: `/${fixed.map((segment) => segment.replace(/\\(.)/g, '$1')).join('/')}`,
    pattern: compile(sources.join(''), glob),
    depth: rest.includes('**') ? Infinity : rest.length,
  }
}

function compile(source: string, glob: string): RegExp {
  try {
    return new RegExp(`^${source}$`, 's')
  } catch (cause) {
    throw unusable(glob, 'its brackets make no sense', cause)
  }
}

function unusable(glob: string, why: string, cause?: unknown) {
  const what = `the pattern "${glob}" of denied reads cannot be used: ${why}`
  return refusal(what, { hint: 'correct the pattern', ...(cause === undefined ? {} : { cause }) })
}

function segmentSource(segment: string, isLast: boolean): string {
  if (segment === '**') return isLast ? '/.+' : '(?:/[^/]+)*'
  const tokens = segment.match(/\\.|\[[!^]?\]?[^\]]*\]|./gs) ?? []
  return `/${tokens.map(tokenSource).join('')}`
}

function tokenSource(token: string): string {
  if (token === '*') return '[^/]*'
  if (token === '?') return '[^/]'
  if (token.length > 2) return classSource(token)
  return (token[1] ?? token).replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
}

function classSource(token: string): string {
  const isNegated = token[1] === '!' || token[1] === '^'
  const members = token.slice(isNegated ? 2 : 1, -1).replace(/[\\\]^[]/g, String.raw`\$&`)
  return isNegated ? `[^/${members}]` : `[${members}]`
}
