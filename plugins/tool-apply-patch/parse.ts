import { PatchFault } from './patch-fault.ts'

/** One line of a chunk, without its mark. */
export interface ChunkLine {
  readonly kind: 'keep' | 'remove' | 'add'
  readonly text: string
}

/** A run of lines that stand together in the file. */
export interface Chunk {
  /** The line after which the chunk is looked for. */
  readonly context: string | undefined
  readonly lines: readonly ChunkLine[]
  /** The chunk ends where the file ends. */
  readonly atEnd: boolean
}

export interface UpdateHunk {
  readonly kind: 'update'
  readonly path: string
  readonly moveTo: string | undefined
  readonly chunks: readonly Chunk[]
}

/** What a patch does to one file, with paths as the patch gives them. */
export type Hunk =
  | { readonly kind: 'add'; readonly path: string; readonly text: string }
  | { readonly kind: 'delete'; readonly path: string }
  | UpdateHunk

const marks = {
  begin: '*** Begin Patch',
  end: '*** End Patch',
  environment: '*** Environment ID: ',
  add: '*** Add File: ',
  delete: '*** Delete File: ',
  update: '*** Update File: ',
  move: '*** Move to: ',
  endOfFile: '*** End of File',
} as const

const heredocOpenings = new Set(['<<EOF', "<<'EOF'", '<<"EOF"'])
const lineKinds = { ' ': 'keep', '+': 'add', '-': 'remove' } as const

/** The lines between the first and the last marker. */
interface Cursor {
  readonly lines: readonly string[]
  readonly end: number
  at: number
}

function fault(index: number, message: string): PatchFault {
  return new PatchFault(`Invalid patch hunk on line ${index + 1}: ${message}`)
}

function boundaryFault(lines: readonly string[]): string | undefined {
  const [first, last] = [lines[0], lines.at(-1)]
  if (first !== undefined && first.trim() !== marks.begin) {
    return `Invalid patch: The first line of the patch must be '${marks.begin}'`
  }
  if (last === undefined || last.trim() !== marks.end) {
    return `Invalid patch: The last line of the patch must be '${marks.end}'`
  }
  return undefined
}

/** Models send what they would type into a shell; the heredoc around a patch says nothing. */
function unwrapHeredoc(lines: readonly string[]): readonly string[] {
  const wrapped =
    lines.length >= 4 &&
    heredocOpenings.has(lines[0] ?? '') &&
    lines.at(-1)?.endsWith('EOF') === true
  return wrapped ? lines.slice(1, -1) : lines
}

function parseChunkLine(line: string): ChunkLine | undefined {
  if (line === '') return { kind: 'keep', text: '' }
  const mark = line[0]
  if (mark !== ' ' && mark !== '+' && mark !== '-') return undefined
  return { kind: lineKinds[mark], text: line.slice(1) }
}

/** Reads `@@` with what follows it; a first chunk may do without. */
function parseAnchor(cursor: Cursor, isFirst: boolean): string | undefined {
  const line = cursor.lines[cursor.at] ?? ''
  const isMarked = line.trimEnd() === '@@' || line.startsWith('@@ ')
  if (!isMarked && !isFirst) {
    throw fault(cursor.at, `Expected update hunk to start with a @@ context marker, got: '${line}'`)
  }
  if (isMarked) cursor.at += 1
  return isMarked && line.trimEnd() !== '@@' ? line.slice(3) : undefined
}

function parseChunk(cursor: Cursor, isFirst: boolean): Chunk {
  const context = parseAnchor(cursor, isFirst)
  const lines: ChunkLine[] = []
  let atEnd = false
  for (; cursor.at < cursor.end; cursor.at += 1) {
    const text = cursor.lines[cursor.at] ?? ''
    atEnd = text.trimEnd() === marks.endOfFile
    const line = atEnd ? undefined : parseChunkLine(text)
    if (line === undefined) break
    lines.push(line)
  }
  if (lines.length === 0) throw emptyChunk(cursor, atEnd)
  if (atEnd) cursor.at += 1
  return { context, lines, atEnd }
}

function emptyChunk(cursor: Cursor, atEnd: boolean): PatchFault {
  const line = cursor.lines[cursor.at]
  if (atEnd || line === undefined || cursor.at >= cursor.end) {
    return fault(cursor.at, 'Update hunk does not contain any lines')
  }
  return fault(
    cursor.at,
    `Unexpected line found in update hunk: '${line}'. Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)`,
  )
}

function parseUpdate(cursor: Cursor, path: string): UpdateHunk {
  const header = cursor.at - 1
  const next = cursor.at < cursor.end ? (cursor.lines[cursor.at] ?? '').trim() : ''
  const moveTo = next.startsWith(marks.move) ? next.slice(marks.move.length).trim() : undefined
  if (moveTo !== undefined) cursor.at += 1
  const chunks: Chunk[] = []
  while (cursor.at < cursor.end) {
    const line = cursor.lines[cursor.at] ?? ''
    if (line.startsWith('***')) break
    if (line.trim() === '') cursor.at += 1
    else chunks.push(parseChunk(cursor, chunks.length === 0))
  }
  if (chunks.length === 0) throw fault(header, `Update file hunk for path '${path}' is empty`)
  return { kind: 'update', path, moveTo, chunks }
}

function parseAdd(cursor: Cursor, path: string): Hunk {
  let text = ''
  for (; cursor.at < cursor.end; cursor.at += 1) {
    const line = cursor.lines[cursor.at] ?? ''
    if (!line.startsWith('+')) break
    text += `${line.slice(1)}\n`
  }
  return { kind: 'add', path, text }
}

function parseHunk(cursor: Cursor): Hunk {
  const header = (cursor.lines[cursor.at] ?? '').trim()
  const pathAfter = (mark: string) =>
    header.startsWith(mark) ? header.slice(mark.length).trim() : undefined
  cursor.at += 1
  const added = pathAfter(marks.add)
  if (added !== undefined) return parseAdd(cursor, added)
  const deleted = pathAfter(marks.delete)
  if (deleted !== undefined) return { kind: 'delete', path: deleted }
  const updated = pathAfter(marks.update)
  if (updated !== undefined) return parseUpdate(cursor, updated)
  const known = [marks.add, marks.delete, marks.update].map((mark) => `'${mark}{path}'`).join(', ')
  throw fault(cursor.at - 1, `'${header}' is not a valid hunk header. Valid hunk headers: ${known}`)
}

/** Reads a patch; throws a PatchFault that names the line. A patch without hunks is read as an empty list. */
export function parsePatch(text: string): readonly Hunk[] {
  const trimmed = text.trim()
  const outer = trimmed === '' ? [] : trimmed.split(/\r?\n/)
  const lines = boundaryFault(outer) === undefined ? outer : unwrapHeredoc(outer)
  const wrong = boundaryFault(lines)
  if (wrong !== undefined) throw new PatchFault(wrong)
  const cursor: Cursor = { lines, end: lines.length - 1, at: 1 }
  if (cursor.at < cursor.end && lines[1]?.trimStart().startsWith(marks.environment)) cursor.at = 2
  const hunks: Hunk[] = []
  while (cursor.at < cursor.end) hunks.push(parseHunk(cursor))
  return hunks
}
