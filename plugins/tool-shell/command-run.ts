import type { ShownItem, ThreadItemBody, ToolCall } from 'hookline'
import { findDenial } from './denial.ts'
import type { ShellProcess } from './shell-process.ts'

/** A command from its start until its end is told. */
export interface CommandRun {
  readonly process: ShellProcess
  /** The call that started it. */
  readonly call: ToolCall
  readonly item: ShownItem
  readonly tty: boolean
  /** The name of the sandbox mode it runs in; absent: it runs in none. */
  readonly confinedBy: string | undefined
  /** What hooks read of its output, in tokens. */
  readonly outputTokens: number
}

type CommandEnd = Partial<Extract<ThreadItemBody, { readonly type: 'command_execution' }>>

function endOf(run: CommandRun): CommandEnd {
  const { exitCode } = run.process
  const aggregatedOutput = run.process.output.text()
  if (exitCode === undefined) return { aggregatedOutput, status: 'failed' }
  const told = { aggregatedOutput, exitCode }
  if (exitCode === 0) return { ...told, status: 'completed' }
  const denial = run.confinedBy === undefined ? undefined : findDenial(aggregatedOutput)
  if (denial === undefined) return { ...told, status: 'failed' }
  const reason = `not allowed in the sandbox (${run.confinedBy}): ${denial}`
  return { ...told, status: 'declined', declinedBy: 'sandbox', reason }
}

/** Shows how far a command is. */
export function showProgress(run: CommandRun): void {
  run.item.update({ aggregatedOutput: run.process.output.text() })
}

/** Shows how a command ended. */
export function showEnd(run: CommandRun): void {
  run.item.end(endOf(run))
}
