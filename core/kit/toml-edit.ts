import { HooklineError } from '../errors.ts'
import { parseToml } from './toml.ts'
import { scanToml } from './toml-scan.ts'
import type { TomlEntry } from './toml-scan.ts'
import { definedPairs, isTomlTable, tomlKey, tomlValue } from './toml-value.ts'

/**
 * Sets one value in the text of a TOML file and keeps everything else as it is written. Missing tables are added; a
 * table as the value replaces what the table held. Throws CONFIG_INVALID where another value stands in the way.
 */
export function setTomlValue(text: string, path: readonly string[], value: unknown): string {
  const old = valueAt(parseToml(text, fileName).values, path)
  const entries = scanToml(text)
  const written = entries.find((entry) => holdsValue(entry) && isSame(entry.path, path))
  if (written !== undefined)
    return checked(splice(text, [written.valueStart, written.end], tomlValue(value)))
  if (old === undefined) return checked(add({ text, entries, path }, value))
  if (isTomlTable(old) && isTomlTable(value) && definedPairs(value).length > 0)
    return fillTable(text, path, [old, value])
  const isElement = entries.some(({ kind, path: at }) => kind === 'array-table' && isSame(at, path))
  const without = removeTomlValue(text, path)
  if (isElement || without === text) throw inTheWay(path)
  return setTomlValue(without, path, value)
}

/** Removes a value or a table with all below it; a text without it stays as it is. Comments on other lines are kept. */
export function removeTomlValue(text: string, path: readonly string[]): string {
  parseToml(text, fileName)
  const entries = scanToml(text)
  const isMatch = (entry: TomlEntry) => path.length > 0 && startsWith(entry.path, path)
  const cuts = entries.filter(isMatch).map((entry): Range => {
    if (entry.depth > 0) return listCut(entries, entry, isMatch)
    if (entry.kind === 'pair') return [lineStart(text, entry.start), lineEnd(text, entry.end)]
    return sectionCut(text, entries, entry)
  })
  let rest = ''
  let from = 0
  for (const [start, end] of cuts.toSorted((left, right) => left[0] - right[0])) {
    rest += text.slice(from, Math.max(from, start))
    from = Math.max(from, end)
  }
  rest += text.slice(from)
  return checked(cuts.some(([start]) => start === 0) ? rest.replace(/^(?:\r?\n)+/, '') : rest)
}

const fileName = 'the TOML text'

type Table = Record<string, unknown>

type Range = readonly [start: number, end: number]

interface Place {
  readonly text: string
  readonly entries: readonly TomlEntry[]
  readonly path: readonly string[]
}

function fillTable(text: string, path: readonly string[], [old, value]: readonly Table[]): string {
  const keys = new Set([...Object.keys(old ?? {}), ...Object.keys(value ?? {})])
  return [...keys].reduce((rest, key) => {
    const inner = value?.[key]
    const place = [...path, key]
    return inner === undefined ? removeTomlValue(rest, place) : setTomlValue(rest, place, inner)
  }, text)
}

function add(place: Place, value: unknown): string {
  const { text, entries, path } = place
  const holder = entries.findLast((entry) => holdsValue(entry) && startsWith(path, entry.path))
  if (holder !== undefined) return addInline(place, holder, value)
  const sections = sectionsOf(entries)
  const dotted = lastDottedSibling(sections, path)
  if (dotted !== undefined)
    return addPair(place, { after: dotted.pair, section: dotted.section, value })
  const section = sections.find((candidate) => isSame(candidate.path, path.slice(0, -1)))
  const isInArray = entries.some(
    (entry) => entry.kind === 'array-table' && startsWith(path, entry.path.slice(0, -1)),
  )
  if (section !== undefined && (isInArray || !isTomlTable(value))) {
    return addPair(place, { after: section.pairs.at(-1) ?? section.header, section, value })
  }
  if (isInArray) throw inTheWay(path)
  return isTomlTable(value)
    ? appendSection(text, path, value)
    : appendSection(text, path.slice(0, -1), { [path.at(-1) ?? '']: value })
}

interface Section {
  readonly path: readonly string[]
  /** Absent for what stands above the first header. */
  readonly header: TomlEntry | undefined
  readonly pairs: TomlEntry[]
}

function sectionsOf(entries: readonly TomlEntry[]): Section[] {
  let section: Section = { path: [], header: undefined, pairs: [] }
  const sections = [section]
  for (const entry of entries) {
    if (entry.depth > 0) continue
    if (entry.kind === 'pair') section.pairs.push(entry)
    else sections.push((section = { path: entry.path, header: entry, pairs: [] }))
  }
  return sections
}

/** A table that came into being by dotted keys may be extended by dotted keys of the same section only. */
function lastDottedSibling(sections: readonly Section[], path: readonly string[]) {
  for (let length = path.length - 1; length > 0; length -= 1) {
    if (sections.some((section) => isSame(section.path, path.slice(0, length)))) return undefined
    for (const section of sections) {
      if (section.path.length >= length) continue
      const pair = section.pairs.findLast((candidate) =>
        startsWith(candidate.path, path.slice(0, length)),
      )
      if (pair !== undefined) return { section, pair }
    }
  }
  return undefined
}

function addInline({ text, entries, path }: Place, holder: TomlEntry, value: unknown): string {
  if (text[holder.valueStart] !== '{') throw inTheWay(path)
  const pair = `${tomlKey(path.slice(holder.path.length))} = ${tomlValue(value)}`
  const last = entries.findLast(
    (entry) => entry.depth === holder.depth + 1 && isWithin(entry, holder),
  )
  if (last === undefined) return splice(text, [holder.valueStart, holder.end], `{ ${pair} }`)
  return splice(text, [last.end, last.end], `, ${pair}`)
}

function addPair(
  { text, entries, path }: Place,
  { after, section, value }: { after: TomlEntry | undefined; section: Section; value: unknown },
): string {
  const newline = newlineOf(text)
  const pair = `${tomlKey(path.slice(section.path.length))} = ${tomlValue(value)}${newline}`
  if (after === undefined) {
    const first = entries[0]
    const at = first === undefined ? text.length : startOfComments(text, first.start)
    return splice(text, [at, at], endLine(text, at) + pair + (first === undefined ? '' : newline))
  }
  const at = lineEnd(text, after.end)
  const indent = after.kind === 'pair' ? text.slice(lineStart(text, after.start), after.start) : ''
  return splice(text, [at, at], endLine(text, at) + indent + pair)
}

function appendSection(text: string, path: readonly string[], table: Table): string {
  const newline = newlineOf(text)
  const pairs = definedPairs(table).map(([key, value]) => `${tomlKey([key])} = ${tomlValue(value)}`)
  const isApart = text.trim() === '' || /\n\r?\n$/.test(text)
  const section = [...(isApart ? [] : ['']), `[${tomlKey(path)}]`, ...pairs, '']
  return text + endLine(text, text.length) + section.join(newline)
}

/** With the blank lines above it. */
function sectionCut(text: string, entries: readonly TomlEntry[], header: TomlEntry): Range {
  const section = sectionsOf(entries).find((candidate) => candidate.header === header)
  const last = section?.pairs.at(-1) ?? header
  const start = lineStart(text, header.start)
  const above = text.slice(0, start).trimEnd().length
  return [above === 0 ? 0 : Math.min(lineEnd(text, above), start), lineEnd(text, last.end)]
}

function listCut(
  entries: readonly TomlEntry[],
  entry: TomlEntry,
  isMatch: (entry: TomlEntry) => boolean,
): Range {
  const holder = entries.findLast(
    (other) => other.depth === entry.depth - 1 && isWithin(entry, other),
  )
  const siblings = entries.filter(
    (other) => holder && other.depth === entry.depth && isWithin(other, holder),
  )
  const index = siblings.indexOf(entry)
  const next = siblings[index + 1]
  if (next !== undefined && !siblings.slice(index + 1).every(isMatch))
    return [entry.start, next.start]
  const before = siblings.slice(0, index).findLast((other) => !isMatch(other))
  return [before?.end ?? entry.start, entry.end]
}

function valueAt(values: Table, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => {
    const isHolder = typeof at === 'object' && at !== null
    return isHolder ? Object.getOwnPropertyDescriptor(at, key)?.value : undefined
  }, values)
}

function checked(text: string): string {
  parseToml(text, 'the edited TOML text')
  return text
}

function inTheWay(path: readonly string[]): HooklineError {
  const message = `"${tomlKey(path)}" cannot be set: a part of it is not a table`
  return new HooklineError('CONFIG_INVALID', message, { hint: 'remove what stands in the way' })
}

function holdsValue(entry: TomlEntry): boolean {
  return entry.kind === 'pair' || entry.kind === 'element'
}

function isWithin(entry: TomlEntry, holder: TomlEntry): boolean {
  return entry.start >= holder.valueStart && entry.end <= holder.end
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.every((key, index) => path[index] === key)
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && startsWith(left, right)
}

function splice(text: string, [start, end]: Range, inserted: string): string {
  return text.slice(0, start) + inserted + text.slice(end)
}

function newlineOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}

/** What must be added for a new line to begin here. */
function endLine(text: string, at: number): string {
  return at === 0 || text[at - 1] === '\n' ? '' : newlineOf(text)
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end + 1
}

/** Comments right above a header belong to it. */
function startOfComments(text: string, at: number): number {
  const comments = /(?:(?<=^|\n)[ \t]*#[^\n]*\n)*$/
  const start = lineStart(text, at)
  return comments.exec(text.slice(0, start))?.index ?? start
}
