import { parse } from 'smol-toml'

/** A header, a key with its value, or an element of an array, with its offsets in the text. */
export interface TomlEntry {
  readonly kind: 'table' | 'array-table' | 'pair' | 'element'
  /** Elements of arrays count from 0. */
  readonly path: readonly string[]
  readonly start: number
  /** Of the value; of a header, where its line of text ends. */
  readonly valueStart: number
  readonly end: number
  /** How many brackets and braces of values it stands in. */
  readonly depth: number
}

/** Lists what a TOML text defines, in its order. The text must be valid: what is not is passed over. */
export function scanToml(text: string): TomlEntry[] {
  const scan: Scan = { text, at: text.startsWith('\uFEFF') ? 1 : 0, entries: [] }
  const arrays = new Map<string, number>()
  let table: readonly string[] = []
  for (;;) {
    skipBlank(scan, true)
    if (scan.at >= text.length) return scan.entries
    if (text[scan.at] === '[') table = scanHeader(scan, arrays)
    else scanPair(scan, table, 0)
  }
}

interface Scan {
  readonly text: string
  at: number
  readonly entries: TomlEntry[]
}

function scanHeader(scan: Scan, arrays: Map<string, number>): readonly string[] {
  const start = scan.at
  const isArray = scan.text[start + 1] === '['
  scan.at += isArray ? 2 : 1
  const path: string[] = []
  const keys = scanKey(scan)
  keys.forEach((key, index) => {
    path.push(key)
    const id = JSON.stringify(path)
    const isLast = index === keys.length - 1
    const count = arrays.get(id)
    if (isArray && isLast) {
      arrays.set(id, (count ?? -1) + 1)
      path.push(String((count ?? -1) + 1))
    } else if (count !== undefined) path.push(String(count))
  })
  while (scan.text[scan.at] === ']') scan.at += 1
  const end = scan.at
  scan.entries.push({
    kind: isArray ? 'array-table' : 'table',
    path,
    start,
    valueStart: end,
    end,
    depth: 0,
  })
  return path
}

function scanPair(scan: Scan, table: readonly string[], depth: number): void {
  const start = scan.at
  const path = [...table, ...scanKey(scan)]
  if (scan.text[scan.at] === '=') scan.at += 1
  skipBlank(scan, false)
  scanEntry(scan, { kind: 'pair', path, start, depth })
}

function scanEntry(scan: Scan, entry: Pick<TomlEntry, 'kind' | 'path' | 'start' | 'depth'>): void {
  const valueStart = scan.at
  const place = scan.entries.length
  scanValue(scan, entry.path, entry.depth + 1)
  // Something that is no TOML must not keep the scan where it is.
  if (scan.at === entry.start) scan.at += 1
  scan.entries.splice(place, 0, { ...entry, valueStart, end: scan.at })
}

function scanValue(scan: Scan, path: readonly string[], depth: number): void {
  const first = scan.text[scan.at]
  if (first === '"' || first === "'") skipString(scan)
  else if (first === '{') scanList(scan, '}', () => scanPair(scan, path, depth))
  else if (first === '[') {
    scanList(scan, ']', (index) => {
      const place = { path: [...path, String(index)], start: scan.at, depth }
      scanEntry(scan, { kind: 'element', ...place })
    })
  } else scan.at += textUpTo(scan, /[,\]}#\r\n]|$/g).trimEnd().length
}

function scanList(scan: Scan, close: string, scanOne: (index: number) => void): void {
  scan.at += 1
  for (let index = 0; ; index += 1) {
    skipBlank(scan, true)
    if (scan.at >= scan.text.length || scan.text[scan.at] === close) break
    scanOne(index)
    skipBlank(scan, true)
    if (scan.text[scan.at] === ',') scan.at += 1
  }
  scan.at = Math.min(scan.at + 1, scan.text.length)
}

function scanKey(scan: Scan): string[] {
  const path: string[] = []
  for (;;) {
    skipBlank(scan, false)
    const start = scan.at
    if (/["']/.test(scan.text[start] ?? '')) {
      skipString(scan)
      // A quoted key is written as a string is.
      const { key } = parse(`key = ${scan.text.slice(start, scan.at)}`)
      path.push(typeof key === 'string' ? key : '')
    } else {
      path.push(textUpTo(scan, /[^\w-]|$/g))
      scan.at += path.at(-1)?.length ?? 0
    }
    skipBlank(scan, false)
    if (scan.text[scan.at] !== '.') return path
    scan.at += 1
  }
}

function textUpTo(scan: Scan, stop: RegExp): string {
  stop.lastIndex = scan.at
  return scan.text.slice(scan.at, stop.exec(scan.text)?.index)
}

function skipString(scan: Scan): void {
  // Up to two quotes may stand right before the closing three.
  const form = /"""(?:\\[^]|[^\\])*?"{3,5}|'''[^]*?'{3,5}|"(?:\\.|[^"\\])*"|'[^']*'|["']/y
  form.lastIndex = scan.at
  scan.at += form.exec(scan.text)?.[0].length ?? 1
}

/** Skips blanks, and with `lines` also line ends and comments. */
function skipBlank(scan: Scan, lines: boolean): void {
  const blank = lines ? /(?:[ \t\r\n]|#[^\n]*)*/y : /[ \t]*/y
  blank.lastIndex = scan.at
  scan.at += blank.exec(scan.text)?.[0].length ?? 0
}
