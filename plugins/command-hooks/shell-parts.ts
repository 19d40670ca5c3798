/** Words that begin or end a compound of commands, which is not taken apart here. */
const compound =
  /^(?:if|then|else|elif|fi|for|while|until|do|done|case|esac|function|select|time|!|\{|\}|\[\[)(?:\s|$)/
/** What runs something else, which is not looked for. */
const wrapper =
  /^(?:(?:builtin|command|env|eval|exec|nohup|sudo|xargs)(?:\s|$)|(?:\S*\/)?(?:ba|da|z)?sh\s+(?:-\S+\s+)*-\w*c)/
/** A first word that only the shell can tell, or something before it. */
const disguised = /^(?:\d*[<>]|[^\s]*[$"'\\])/
const separators = ';|\n'
/** What is in them is no part of the line. */
const substitutions = '`()'
const assignment = /^[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|[^\s"']*)\s+/

/** Reads a line of a shell, character by character. */
class Line {
  readonly #text: string
  #at = 0
  #word = ''
  readonly parts: string[] = []

  constructor(text: string) {
    this.#text = text
  }

  /** False: there is something in it that cannot be taken apart by its characters alone. */
  read(): boolean {
    while (this.#at < this.#text.length) {
      if (!this.#step(this.#text.charAt(this.#at))) return false
    }
    this.#end(0)
    return !this.parts.some((part) => [compound, wrapper, disguised].some((not) => not.test(part)))
  }

  #step(char: string): boolean {
    if (separators.includes(char)) return this.#end(1)
    if (char === "'" || char === '"') return this.#quoted(char)
    if (char === '&') return this.#ampersand()
    if (char === '\\') return this.#take(2)
    const isHereDocument = char === '<' && this.#text.charAt(this.#at + 1) === '<'
    return !isHereDocument && !substitutions.includes(char) && this.#take(1)
  }

  #take(count: number): boolean {
    this.#word += this.#text.slice(this.#at, this.#at + count)
    this.#at += count
    return true
  }

  /** Beside `>` it belongs to a redirection. */
  #ampersand(): boolean {
    const isRedirection =
      this.#text.charAt(this.#at - 1) === '>' || this.#text.charAt(this.#at + 1) === '>'
    return isRedirection ? this.#take(1) : this.#end(1)
  }

  #quoted(quote: "'" | '"'): boolean {
    let end = this.#at + 1
    while (end < this.#text.length && this.#text.charAt(end) !== quote)
      end += quote === '"' && this.#text.charAt(end) === '\\' ? 2 : 1
    if (end >= this.#text.length) return false
    const inner = this.#text.slice(this.#at + 1, end)
    if (quote === '"' && /`|\$\(/.test(inner)) return false
    return this.#take(end + 1 - this.#at)
  }

  #end(count: number): boolean {
    const part = this.#word.trim()
    this.#word = ''
    this.#at += count
    if (part !== '') this.parts.push(withoutAssignments(part))
    return true
  }
}

function withoutAssignments(part: string): string {
  let rest = part
  let before: string
  do {
    before = rest
    rest = before.replace(assignment, '')
  } while (rest !== before)
  return rest
}

/**
 * The commands of a line, without the variables that are set for them alone. Undefined where substitutions, subshells,
 * compounds or open quotes do not let it be taken apart by its characters alone, or where a command runs another one or
 * does not stand there by its name.
 */
export function shellParts(command: string): readonly string[] | undefined {
  const line = new Line(command)
  return line.read() ? line.parts : undefined
}
