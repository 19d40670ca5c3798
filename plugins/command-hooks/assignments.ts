type Variables = Readonly<Record<string, string>>

const opening = /^\s*(?:(?:export|declare\s+-\w*x\w*|typeset\s+-\w*x\w*)\s+)?/
const name = /^([A-Za-z_]\w*)=/
const reference = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/
/** What a backslash keeps its meaning before, between double quotes. */
const escapable = '"\\$`\n'

/** Reads one value as a shell would, as far as it can be told without running anything. */
class Value {
  readonly #known: Variables
  #rest: string
  text = ''

  constructor(rest: string, known: Variables) {
    this.#rest = rest
    this.#known = known
  }

  /** What follows the value; undefined: it is none that can be told. */
  read(): string | undefined {
    while (this.#rest !== '' && !/^[\s;]/.test(this.#rest)) {
      if (!this.#step()) return undefined
    }
    return this.#rest
  }

  #step(): boolean {
    const sign = this.#rest.charAt(0)
    if (sign === "'") return this.#literal()
    if (sign === '"') return this.#quoted()
    if (sign === '$') return this.#reference()
    if (sign === '\\') return this.#take(this.#rest.charAt(1), 2)
    return !'`()<>|&'.includes(sign) && this.#take(sign, 1)
  }

  #take(text: string, length: number): boolean {
    this.text += text
    this.#rest = this.#rest.slice(length)
    return true
  }

  #literal(): boolean {
    const end = this.#rest.indexOf("'", 1)
    return end > 0 && this.#take(this.#rest.slice(1, end), end + 1)
  }

  #reference(): boolean {
    const [whole, plain, braced] = reference.exec(this.#rest) ?? []
    if (whole === undefined) return false
    return this.#take(this.#known[plain ?? braced ?? ''] ?? '', whole.length)
  }

  #quoted(): boolean {
    this.#rest = this.#rest.slice(1)
    while (this.#rest !== '') {
      const sign = this.#rest.charAt(0)
      if (sign === '"') return this.#take('', 1)
      if (!this.#inQuotes(sign)) return false
    }
    return false
  }

  #inQuotes(sign: string): boolean {
    if (sign === '`') return false
    if (sign === '$') return this.#reference()
    const next = this.#rest.charAt(1)
    if (sign === '\\' && escapable.includes(next)) return this.#take(next === '\n' ? '' : next, 2)
    return this.#take(sign, 1)
  }
}

/**
 * Adds the variables that a text sets: lines such as `export NAME=value`, `NAME="$OTHER:more"`, `declare -x NAME='value'`.
 * It is read, not run: lines that only a shell could make sense of are passed over.
 */
export function applyAssignments(text: string, base: Variables): Variables {
  const known: Record<string, string> = { ...base }
  let rest = text
  while (rest !== '') {
    const next = assignLine(rest.replace(opening, ''), known)
    rest = next ?? skipLine(rest)
  }
  return known
}

/** Takes the assignments of one line over, all or none; undefined: they cannot be told. */
function assignLine(line: string, known: Record<string, string>): string | undefined {
  const found: Record<string, string> = {}
  let rest = line
  for (;;) {
    const [whole, variable] = name.exec(rest) ?? []
    if (whole === undefined || variable === undefined) return undefined
    const value = new Value(rest.slice(whole.length), { ...known, ...found })
    const after = value.read()
    if (after === undefined) return undefined
    found[variable] = value.text
    rest = after.replace(/^[ \t\r]+/, '')
    if (rest === '' || /^[\n;#]/.test(rest)) break
  }
  Object.assign(known, found)
  return rest.startsWith('#') ? skipLine(rest) : rest.slice(1)
}

function skipLine(text: string): string {
  const end = text.indexOf('\n')
  return end < 0 ? '' : text.slice(end + 1)
}
