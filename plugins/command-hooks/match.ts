import { dialects, type Dialect } from './dialect.ts'

/** Decides by the names that an event offers. */
export type Matcher = (names: readonly string[]) => boolean

export type Compiled = { readonly matches: Matcher } | { readonly fault: string }

const everything: Compiled = { matches: () => true }

const inlineFlags = /^\(\?([ims]+)\)/
const escaped = /\\(.)/gs

/** One escape of the expressions people write, in the stricter words of this engine. */
function escape(whole: string, letter: string): string {
  if (letter === 'A') return '^'
  if (letter === 'z') return '$'
  if (/[A-Za-z0-9^$\\.*+?()[\]{}|/]/.test(letter)) return whole
  const code = letter.charCodeAt(0)
  return code < 0x80 ? `\\x${code.toString(16).padStart(2, '0')}` : letter
}

function expression(source: string): RegExp {
  const flags = inlineFlags.exec(source)?.[1] ?? ''
  const body = source.replace(inlineFlags, '').replace(escaped, escape)
  return new RegExp(body, `u${[...new Set(flags)].join('')}`)
}

/**
 * Compiles the matcher of a group, once.
 * A word, or words with bars between them, are whole names; all else is an expression that may match anywhere in a name.
 */
export function compileMatcher(matcher: string | undefined, dialect: Dialect): Compiled {
  if (matcher === undefined || matcher === '' || matcher === '*') return everything
  const isList = dialects[dialect].commaLists ? /^[\w|, ]+$/ : /^[\w|]+$/
  if (isList.test(matcher)) {
    const names = new Set(matcher.split(/[|,]/).map((name) => name.trim()))
    return { matches: (candidates) => candidates.some((name) => names.has(name)) }
  }
  try {
    const found = expression(matcher)
    return { matches: (candidates) => candidates.some((name) => found.test(name)) }
  } catch {
    return { fault: 'it is neither a list of names nor a regular expression' }
  }
}
