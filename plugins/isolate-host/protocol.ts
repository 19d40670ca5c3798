/**
 * What the command and the process that holds the isolates say to each other: one JSON object a line, the command on
 * the host's stdin, the host on its stdout. Whatever belongs to a run carries the number of its cell, so runs overlap
 * freely and a kind of message can be added (a call back into the command with its result, output before the end)
 * without touching the others.
 */
export type ParentMessage = EvaluateMessage | CancelMessage

/** Runs a source and answers once. */
export interface EvaluateMessage {
  readonly type: 'evaluate'
  readonly cell: number
  readonly source: string
  /** JSON; empty for undefined. */
  readonly input: string
  readonly name: string
  readonly memoryMiB: number
  readonly timeoutMs: number
}

/** Ends a run that nobody waits for any more. */
export interface CancelMessage {
  readonly type: 'cancel'
  readonly cell: number
}

export type HostMessage =
  /** The addon is loaded. */
  | { readonly type: 'ready' }
  /** The addon cannot be loaded, now or ever. */
  | { readonly type: 'unusable'; readonly reason: string }
  | { readonly type: 'answer'; readonly cell: number; readonly outcome: CellOutcome }
  /** A run was ended but goes on where V8 cannot interrupt it. Said before its answer: the process takes no more runs. */
  | { readonly type: 'stuck'; readonly cell: number }

export type CellOutcome =
  /** Empty text: the script returned nothing. */
  | { readonly kind: 'value'; readonly json: string }
  | { readonly kind: 'error' | 'timeout' | 'memory' | 'aborted'; readonly message: string }

export const defaultMemoryMiB = 64
export const defaultTimeoutMs = 200
/** The longest answer of a script, as JSON. */
export const mostAnswerChars = 4 * 1024 * 1024
/** The longest input and source together. */
export const mostRequestChars = 16 * 1024 * 1024
/** The longest line of the host: an answer, every character of which may have been escaped. */
export const mostLineChars = 6 * mostAnswerChars

/** How long a run may take by the clock when the machine does not let it compute. */
export function longestMs(timeoutMs: number): number {
  return timeoutMs + Math.min(3 * timeoutMs, 2_000)
}

export function encodeMessage(message: ParentMessage | HostMessage): string {
  return `${JSON.stringify(message)}\n`
}

export interface LineReaderOptions {
  readonly onLine: (line: string) => void
  readonly mostChars?: number
  /** Called when a line is longer than that; what comes after is not read. */
  readonly onOverflow?: () => void
}

/** Puts lines together from pieces of a stream. */
export function lineReader(options: LineReaderOptions): (piece: string) => void {
  const { onLine, mostChars = Number.POSITIVE_INFINITY, onOverflow } = options
  let held: string[] = []
  let heldChars = 0
  let isOver = false
  return (piece) => {
    if (isOver) return
    let from = 0
    for (let end = piece.indexOf('\n'); end !== -1; end = piece.indexOf('\n', from)) {
      const line = held.join('') + piece.slice(from, end)
      held = []
      heldChars = 0
      from = end + 1
      onLine(line)
    }
    if (from === piece.length) return
    held.push(piece.slice(from))
    heldChars += piece.length - from
    if (heldChars <= mostChars) return
    isOver = true
    held = []
    onOverflow?.()
  }
}

/** Reads a line of the host, which a script may have taken over: undefined for what it must not say. */
export function readHostMessage(line: string): HostMessage | undefined {
  const message = fieldsOf(parseJson(line))
  const { type, cell, reason } = message
  if (type === 'ready') return { type }
  if (type === 'unusable') return typeof reason === 'string' ? { type, reason } : undefined
  if (typeof cell !== 'number') return undefined
  if (type === 'stuck') return { type, cell }
  if (type !== 'answer') return undefined
  const outcome = readOutcome(fieldsOf(message['outcome']))
  return outcome && { type, cell, outcome }
}

const failures = ['error', 'timeout', 'memory', 'aborted'] as const

function readOutcome(outcome: Fields): CellOutcome | undefined {
  const { kind, json, message } = outcome
  if (kind === 'value') return typeof json === 'string' ? { kind, json } : undefined
  const failed = failures.find((known) => known === kind)
  return failed && typeof message === 'string' ? { kind: failed, message } : undefined
}

interface Fields {
  readonly [name: string]: unknown
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
