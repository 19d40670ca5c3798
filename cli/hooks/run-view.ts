import type { RehearsedRun } from '../../plugins/command-hooks/rehearsal.ts'
import type { ProcessResult } from '../../plugins/command-hooks/outcome.ts'

/** One run of a handler, as documents show it. */
export interface RunView {
  readonly key: string
  readonly event: string
  readonly type: string
  readonly command: string | null
  readonly matcher: string | null
  readonly dialect: string
  readonly source: string
  /** Nobody would wait for it, so it decides nothing. */
  readonly async: boolean
  readonly status: string
  /** How it ended, in words. */
  readonly exit: string
  readonly exitCode: number | null
  readonly durationMs: number
  readonly stdin: unknown
  readonly stdout: string
  readonly stderr: string
  readonly entries: readonly { readonly kind: string; readonly text: string }[]
}

function exitOf(result: ProcessResult): string {
  switch (result.kind) {
    case 'exited':
      return `exit ${result.code}`
    case 'killed':
      return `ended by ${result.signal}`
    case 'timed_out':
      return `timed out after ${result.seconds} s`
    case 'interrupted':
      return 'interrupted'
    case 'broken':
      return result.message
  }
}

/** Shows a run. */
export function viewOf({ handler, stdin, result, outcome, durationMs }: RehearsedRun): RunView {
  const { key, event, type, command, matcher, source } = handler
  const exited = result.kind === 'exited' ? result : undefined
  return {
    key,
    event,
    type,
    command: command ?? null,
    matcher: matcher ?? null,
    dialect: source.dialect,
    source: source.path,
    async: handler.async,
    status: outcome.status,
    exit: exitOf(result),
    exitCode: exited?.code ?? null,
    durationMs: Math.round(durationMs * 100) / 100,
    stdin: JSON.parse(stdin),
    stdout: exited?.stdout ?? '',
    stderr: exited?.stderr ?? '',
    entries: outcome.entries,
  }
}
