/** What came of a call. */
export interface RecordedResult {
  /** As PostToolUse hooks read it: without the frame that the model is shown. */
  readonly response: unknown
  readonly failed: boolean
}

/** A call of a tool, in the words of hooks. */
export interface RecordedCall {
  readonly type: 'call'
  readonly id: string
  readonly toolName: string
  /** Further names that matchers may use. */
  readonly aliases: readonly string[]
  readonly input: unknown
  /** Absent: the call was not answered, or its answer was not recorded. */
  readonly result?: RecordedResult
}

/** What a person asked for. */
export interface RecordedPrompt {
  readonly type: 'prompt'
  readonly text: string
}

/** The last message of a turn. */
export interface RecordedEnd {
  readonly type: 'end'
  readonly lastMessage?: string
}

/** One thing that happened, in the order of the record. */
export interface RecordedStep {
  /** The line of the file it begins on. */
  readonly line: number
  readonly turnId?: string
  readonly cwd?: string
  readonly model?: string
  readonly what: RecordedCall | RecordedPrompt | RecordedEnd
}

/** A session as hooks would have met it. */
export interface RecordedSession {
  readonly format: 'rollout' | 'transcript'
  readonly sessionId?: string
  readonly cwd?: string
  readonly steps: readonly RecordedStep[]
  /** Lines that cannot be read. */
  readonly torn: readonly number[]
}

export type Json = Readonly<Record<string, unknown>>

/** One line of a record. */
export interface RecordedLine {
  readonly line: number
  readonly value: Json
}

/** The text of a field, or undefined for anything else. */
export function textIn(value: Json, name: string): string | undefined {
  const text = value[name]
  return typeof text === 'string' ? text : undefined
}

/** The object in a field; an empty one for anything else. */
export function tableIn(value: Json, name: string): Json {
  const table = value[name]
  return isJson(table) ? table : {}
}

/** True for objects that are no lists. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Parses JSON Lines; what was torn by a crash, or is not an object, is only counted. */
export function readLines(text: string): {
  readonly lines: readonly RecordedLine[]
  readonly torn: readonly number[]
} {
  const lines: RecordedLine[] = []
  const torn: number[] = []
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const value = parsed(line)
    if (isJson(value)) lines.push({ line: at + 1, value })
    else torn.push(at + 1)
  }
  return { lines, torn }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
