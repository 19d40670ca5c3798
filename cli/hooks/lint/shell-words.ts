/** A piece of a shell word: text, a variable, or something that only a shell can work out. */
export type Piece = { readonly quote: 'none' | 'single' | 'double' } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string; readonly fallback?: string }
  | { readonly kind: 'dynamic' }
)

/** A word of a command, quotes taken away. */
export type Word = readonly Piece[]

/** One command of a line, without its assignments and keywords. */
export interface ShellCommand {
  readonly words: readonly Word[]
  /** Its stdout goes somewhere else. */
  readonly diverted: boolean
  /** Its stdout goes to stderr. */
  readonly toStderr: boolean
}

/** Words of the shell's grammar that a command may follow. */
const keywords = new Set(['if', 'then', 'else', 'elif', 'do', 'while', 'until', '!', '{', 'time'])
const separators = new Set([';', '&', '|', '\n', '(', ')'])

interface Draft {
  words: Word[]
  diverted: boolean
  toStderr: boolean
}

class Lexer {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get rest(): string {
    return this.#text.slice(this.#at)
  }

  peek(ahead = 0): string {
    return this.#text[this.#at + ahead] ?? ''
  }

  take(pattern: RegExp): string | undefined {
    const found = pattern.exec(this.rest)
    if (found?.index !== 0 || found[0] === '') return undefined
    this.#at += found[0].length
    return found[0]
  }

  skip(count: number): void {
    this.#at += count
  }

  get done(): boolean {
    return this.#at >= this.#text.length
  }

  /** From an opening bracket to the one that closes it. */
  skipNested(open: string, close: string): void {
    let depth = 0
    while (!this.done) {
      const sign = this.peek()
      this.skip(1)
      if (sign === '\\') this.skip(1)
      if (sign === open) depth += 1
      if (sign === close) depth -= 1
      if (depth === 0) return
    }
  }
}

const plainVariable = /\$(\w+)/
const bracedVariable = /\$\{(\w+)(?::?-([^}$`"']*))?\}/

function readDollar(lexer: Lexer, quote: 'none' | 'double'): Piece {
  const braced = lexer.take(bracedVariable)
  const plain = braced ?? lexer.take(plainVariable)
  if (plain !== undefined) {
    const [, name = '', fallback] =
      (braced === undefined ? plainVariable : bracedVariable).exec(plain) ?? []
    return { kind: 'variable', quote, name, ...(fallback !== undefined && { fallback }) }
  }
  const open = lexer.peek(1)
  lexer.skip(1)
  if (open === '(') lexer.skipNested('(', ')')
  else if (open === '{') lexer.skipNested('{', '}')
  else return { kind: 'text', quote, text: '$' }
  return { kind: 'dynamic', quote }
}

function readBackticks(lexer: Lexer, quote: 'none' | 'double'): Piece {
  lexer.skip(1)
  while (!lexer.done && lexer.peek() !== '`') lexer.skip(lexer.peek() === '\\' ? 2 : 1)
  lexer.skip(1)
  return { kind: 'dynamic', quote }
}

function readDouble(lexer: Lexer): readonly Piece[] {
  const pieces: Piece[] = [{ kind: 'text', quote: 'double', text: '' }]
  lexer.skip(1)
  while (!lexer.done && lexer.peek() !== '"') {
    const sign = lexer.peek()
    if (sign === '$') pieces.push(readDollar(lexer, 'double'))
    else if (sign === '`') pieces.push(readBackticks(lexer, 'double'))
    else {
      const isEscape = sign === '\\' && /["$`\\]/.test(lexer.peek(1))
      pieces.push({ kind: 'text', quote: 'double', text: isEscape ? lexer.peek(1) : sign })
      lexer.skip(isEscape ? 2 : 1)
    }
  }
  lexer.skip(1)
  return pieces
}

function readSingle(lexer: Lexer): Piece {
  lexer.skip(1)
  const text = lexer.take(/[^']+/) ?? ''
  lexer.skip(1)
  return { kind: 'text', quote: 'single', text }
}

function readPiece(lexer: Lexer): readonly Piece[] {
  const sign = lexer.peek()
  if (sign === "'") return [readSingle(lexer)]
  if (sign === '"') return readDouble(lexer)
  if (sign === '$') return [readDollar(lexer, 'none')]
  if (sign === '`') return [readBackticks(lexer, 'none')]
  const isEscape = sign === '\\'
  const text = isEscape ? lexer.peek(1) : sign
  lexer.skip(isEscape ? 2 : 1)
  return [{ kind: 'text', quote: isEscape ? 'single' : 'none', text }]
}

function readWord(lexer: Lexer): Word {
  const pieces: Piece[] = []
  while (!lexer.done && !/[\s;&|()<>]/.test(lexer.peek())) {
    for (const piece of readPiece(lexer)) {
      const last = pieces.at(-1)
      if (piece.kind === 'text' && last?.kind === 'text' && last.quote === piece.quote) {
        pieces[pieces.length - 1] = { ...last, text: last.text + piece.text }
      } else pieces.push(piece)
    }
  }
  return pieces
}

/** A redirection with its target. */
function readRedirection(lexer: Lexer, draft: Draft): boolean {
  const sign = lexer.take(/(\d*|&)(>>|>\||>&|>|<<<|<<-?|<&|<)/)
  if (sign === undefined) return false
  lexer.take(/[ \t]+/)
  const target = staticText(readWord(lexer))
  const isOutput = /^(1|&)?>/.test(sign)
  if (isOutput && ((sign.endsWith('&') && target === '2') || target === '/dev/stderr'))
    draft.toStderr = true
  if (isOutput) draft.diverted = true
  return true
}

function finish(draft: Draft, commands: ShellCommand[]): Draft {
  let words = draft.words
  while (words[0] && keywords.has(staticText(words[0]) ?? '')) words = words.slice(1)
  while (words[0] && isAssignment(words[0])) words = words.slice(1)
  if (words.length > 0) commands.push({ ...draft, words })
  return { words: [], diverted: false, toStderr: false }
}

function isAssignment([first]: Word): boolean {
  return first?.kind === 'text' && first.quote === 'none' && /^[A-Za-z_]\w*=/.test(first.text)
}

/** Takes a command line apart, as far as that can be done without running it. */
export function parseShell(text: string): readonly ShellCommand[] {
  const lexer = new Lexer(text)
  const commands: ShellCommand[] = []
  let draft: Draft = { words: [], diverted: false, toStderr: false }
  while (!lexer.done) {
    if (lexer.take(/([ \t]|\\\n)+/) !== undefined) continue
    if (lexer.peek() === '#') lexer.take(/[^\n]*/)
    else if (readRedirection(lexer, draft)) continue
    else if (separators.has(lexer.peek())) {
      if (lexer.peek() === '|' && lexer.peek(1) !== '|') draft.diverted = true
      draft = finish(draft, commands)
      lexer.skip(1)
    } else draft.words.push(readWord(lexer))
  }
  finish(draft, commands)
  return commands
}

/** The text of a word that holds nothing to be worked out. */
export function staticText(word: Word): string | undefined {
  return resolveWord(word, {})
}

/** Variables that are put in before a shell sees the command, so in single quotes, too. */
const placeholder = /\$\{((?:CLAUDE_)?PLUGIN_(?:ROOT|DATA))\}/g

/** The text of a word once its variables are known; undefined where one of them is not. */
export function resolveWord(
  word: Word,
  variables: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const texts = word.map((piece) => {
    if (piece.kind === 'variable') return variables[piece.name] ?? piece.fallback
    if (piece.kind === 'dynamic') return undefined
    if (piece.quote !== 'single') return piece.text
    return piece.text.replace(placeholder, (whole, name: string) => variables[name] ?? whole)
  })
  return texts.every((text) => text !== undefined) ? texts.join('') : undefined
}
