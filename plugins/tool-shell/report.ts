import { truncateMiddle } from 'hookline/kit'

/** What a call has to tell about a command. */
export interface Progress {
  readonly wallMs: number
  /** Absent while the command runs. */
  readonly exitCode: number | undefined
  /** Absent once it has ended. */
  readonly sessionId: number | undefined
  readonly text: string
  /** Characters that are missing from the text, because there were too many to keep. */
  readonly dropped: number
  readonly outputTokens: number
}

/** The same facts as text for a model, as plain output for hooks and as data for a program. */
export interface Report {
  readonly output: string
  readonly plain: string
  readonly value: Readonly<Record<string, unknown>>
}

function chunkId(): string {
  return Math.floor(Math.random() * 0x1000000)
    .toString(16)
    .padStart(6, '0')
}

/** Seconds as calls tell them. */
export function seconds(milliseconds: number, digits: number): string {
  return (milliseconds / 1000).toFixed(digits)
}

/** Frames the output of a command. */
export function report(progress: Progress): Report {
  const { text, originalTokens } = truncateMiddle(progress.text, progress.outputTokens)
  const tokens = originalTokens + Math.ceil(progress.dropped / 4)
  const id = chunkId()
  const state =
    progress.sessionId === undefined
      ? `Process exited with code ${progress.exitCode ?? 0}`
      : `Process running with session ID ${progress.sessionId}`
  const lines = [
    `Chunk ID: ${id}`,
    `Wall time: ${seconds(progress.wallMs, 4)} seconds`,
    state,
    `Original token count: ${tokens}`,
    'Output:',
    text,
  ]
  return {
    output: lines.join('\n'),
    plain: text,
    value: {
      chunk_id: id,
      wall_time_seconds: progress.wallMs / 1000,
      ...(progress.sessionId === undefined
        ? { exit_code: progress.exitCode ?? 0 }
        : { session_id: progress.sessionId }),
      original_token_count: tokens,
      output: progress.text,
    },
  }
}

/** What a model reads of a call that was interrupted. */
export function abortedReport(wallMs: number): string {
  return `Wall time: ${seconds(wallMs, 1)} seconds\naborted by user`
}
