/** How a source says what to call. */
export type SourceForm = 'body' | 'expression' | 'module'

/** What a source looks like; cheap, and wrong only for sources that do not compile in that form. */
export function likelyForm(source: string): SourceForm {
  if (/^[ \t]*export\b/m.test(source)) return 'module'
  const lead = /^(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*/.exec(source)?.[0].length ?? 0
  return /^(?:async\b|function\b|\(|[\w$]+\s*=>)/.test(source.slice(lead, lead + 256))
    ? 'expression'
    : 'body'
}

// The parameters hide what the text around is given.
const wrappers = {
  body: ["'use strict';$0(() => async function (event, $0, $1) {", '\n}, $1)'],
  expression: ["'use strict';$0(($0, $1) => (", '\n), $1)'],
} as const

/** A text that hands `$0` a function which returns the one to call, and `$1`. */
export interface CallingText {
  readonly text: string
  /** Makes places in the source come out as if nothing stood before it. */
  readonly columnOffset: number
}

/** Puts a source into a text that is run as a closure. */
export function callingText(source: string, form: 'body' | 'expression'): CallingText {
  const [before, after] = wrappers[form]
  const inner = form === 'body' ? source : withoutSemicolon(source)
  return { text: `${before}${inner}${after}`, columnOffset: -before.length }
}

function withoutSemicolon(source: string): string {
  let end = source.length
  while (end > 0 && /[\s;]/.test(source.charAt(end - 1))) end -= 1
  return source.slice(0, end)
}
