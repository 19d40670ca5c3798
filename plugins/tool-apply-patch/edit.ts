import { seekLines } from './match.ts'
import type { Chunk, ChunkLine } from './parse.ts'
import { PatchFault } from './patch-fault.ts'

interface FileLine {
  readonly text: string
  readonly end: '' | '\n' | '\r\n'
}

interface FileText {
  readonly lines: readonly FileLine[]
  readonly texts: readonly string[]
  /** What new lines end with. */
  readonly end: '\n' | '\r\n'
}

interface Replacement {
  readonly start: number
  readonly count: number
  readonly lines: readonly FileLine[]
}

const byteOrderMark = '\uFEFF'

function splitLines(text: string): readonly FileLine[] {
  const pieces = text.split('\n')
  const rest = pieces.pop() ?? ''
  const lines: FileLine[] = pieces.map((piece) =>
    piece.endsWith('\r') ? { text: piece.slice(0, -1), end: '\r\n' } : { text: piece, end: '\n' },
  )
  return rest === '' ? lines : [...lines, { text: rest, end: '' }]
}

/** What new lines end with: what most lines of the file end with. */
function lineEnd(lines: readonly FileLine[]): '\n' | '\r\n' {
  const windows = lines.filter((line) => line.end === '\r\n').length
  const unix = lines.filter((line) => line.end === '\n').length
  if (windows === unix) return lines[0]?.end === '\r\n' ? '\r\n' : '\n'
  return windows > unix ? '\r\n' : '\n'
}

function readFileText(text: string): FileText {
  const lines = splitLines(text)
  return { lines, texts: lines.map((line) => line.text), end: lineEnd(lines) }
}

/** The chunk without the blank line that models like to leave before the next marker. */
function withoutLastBlank(lines: readonly ChunkLine[]): readonly ChunkLine[] | undefined {
  const at = lines.findLastIndex((line) => line.kind !== 'add')
  const last = lines[at]
  if (last === undefined || last.text !== '') return undefined
  const isAddedThen = last.kind === 'keep' && at < lines.length - 1
  return lines.toSpliced(at, 1, ...(isAddedThen ? [{ kind: 'add', text: '' } as const] : []))
}

function expected(lines: readonly ChunkLine[]): readonly string[] {
  return lines.filter((line) => line.kind !== 'add').map((line) => line.text)
}

/** What takes the place of the found lines; kept lines stay as the file has them. */
function replacementAt(start: number, lines: readonly ChunkLine[], file: FileText): Replacement {
  const replaced: FileLine[] = []
  let at = start
  for (const line of lines) {
    if (line.kind === 'add') {
      replaced.push({ text: line.text, end: file.end })
      continue
    }
    const kept = file.lines[at]
    if (line.kind === 'keep' && kept !== undefined) replaced.push(kept)
    at += 1
  }
  return { start, count: at - start, lines: replaced }
}

function place(file: FileText, chunk: Chunk, from: number): Replacement | undefined {
  for (const lines of [chunk.lines, withoutLastBlank(chunk.lines)]) {
    if (lines === undefined) continue
    const wanted = expected(lines)
    const start =
      wanted.length === 0
        ? file.lines.length
        : seekLines(file.texts, wanted, { from, atEnd: chunk.atEnd })
    if (start !== undefined) return replacementAt(start, lines, file)
  }
  return undefined
}

function replacementsOf(
  file: FileText,
  chunks: readonly Chunk[],
  path: string,
): readonly Replacement[] {
  let from = 0
  const replacements = chunks.map((chunk) => {
    if (chunk.context !== undefined) {
      const found = seekLines(file.texts, [chunk.context], { from })
      if (found === undefined) {
        throw new PatchFault(`Failed to find context '${chunk.context}' in ${path}`)
      }
      from = found + 1
    }
    const replacement = place(file, chunk, from)
    if (replacement === undefined) {
      const missing = expected(chunk.lines).join('\n')
      throw new PatchFault(`Failed to find expected lines in ${path}:\n${missing}`)
    }
    if (replacement.count > 0) from = replacement.start + replacement.count
    return replacement
  })
  return replacements.toSorted((left, right) => left.start - right.start)
}

/**
 * Applies the chunks of an update to the text of a file; throws a PatchFault that names `path`.
 * The last line of the result always ends with a line break.
 */
export function editText(text: string, chunks: readonly Chunk[], path: string): string {
  const mark = text.startsWith(byteOrderMark) ? byteOrderMark : ''
  const file = readFileText(text.slice(mark.length))
  const pieces: (readonly FileLine[])[] = []
  let at = 0
  for (const replacement of replacementsOf(file, chunks, path)) {
    pieces.push(file.lines.slice(at, replacement.start), replacement.lines)
    at = replacement.start + replacement.count
  }
  pieces.push(file.lines.slice(at))
  const lines = pieces.flat()
  return mark + lines.map((line) => line.text + (line.end === '' ? file.end : line.end)).join('')
}
