import { resolve } from 'node:path'
import {
  isHooklineError,
  messageOf,
  type PermissionNeed,
  type ShownItem,
  type ThreadItemBody,
  type Tool,
  type ToolContext,
  type ToolOutput,
  type TurnFacts,
} from 'hookline'
import { parseExecArguments, type CallLimits, type ExecArguments } from './call-arguments.ts'
import { showProgress, type CommandRun } from './command-run.ts'
import { callEnvironment } from './environment.ts'
import {
  applyPatch,
  canEnter,
  findPatchCall,
  patchNeeds,
  patchRefused,
  type PatchCall,
} from './patch-delegate.ts'
import { mostSessions, type ProcessTable } from './process-table.ts'
import { abortedReport, report } from './report.ts'
import { ShellProcess } from './shell-process.ts'
import { displayWords, isUsableShell, shellWords } from './shell-words.ts'
import { execDescription, execSchema } from './tool-texts.ts'

/** What the tools of one session share. */
export interface ShellParts {
  readonly table: ProcessTable
  readonly limits: CallLimits
  /** The tool that applies patches, where there is one. */
  readonly patchTool: () => Tool | undefined
  /** The shell of calls that name none. */
  shell(): string
  /** What every command sees of the environment. */
  environment(): Readonly<Record<string, string>>
}

const neverRefusal =
  'approval policy is Never; reject command — ' +
  'you cannot ask for escalated permissions if the approval policy is Never'

function rejected(reason: string): string {
  const message = JSON.stringify(`Rejected(${JSON.stringify(reason)})`)
  return `exec_command failed: CreateProcess { message: ${message} }`
}

/** Tools are given back what their own `parse` has returned. */
function checked(input: unknown): ExecArguments {
  return input as ExecArguments
}

function folderOf(input: ExecArguments, turn: TurnFacts): string {
  return input.workdir === undefined ? turn.cwd : resolve(turn.cwd, input.workdir)
}

function wordsOf(input: ExecArguments, parts: ShellParts): readonly [string, ...string[]] {
  return shellWords(input.shell ?? parts.shell(), input.cmd, input.login)
}

type CommandItem = Extract<ThreadItemBody, { readonly type: 'command_execution' }>

function itemOf(
  input: ExecArguments,
  parts: ShellParts,
  status: 'in_progress' | 'declined',
): CommandItem {
  const command = displayWords(wordsOf(input, parts))
  return { type: 'command_execution', command, aggregatedOutput: '', status }
}

async function needsOf(
  input: ExecArguments,
  parts: ShellParts,
  turn: TurnFacts,
): Promise<PermissionNeed | undefined> {
  const cwd = folderOf(input, turn)
  const patch = findPatchCall(parts.patchTool, input.cmd, cwd)
  if (patch) return patchNeeds(patch, turn)
  if (!input.escalated || turn.sandbox.mode === 'danger-full-access') return undefined
  return {
    kind: 'escalation',
    reason: input.justification ?? 'the command asks to run outside the sandbox',
    refusal: turn.approvalPolicy === 'never' ? neverRefusal : rejected('rejected by user'),
    detail: {
      tool: 'exec_command',
      command: wordsOf(input, parts),
      cwd,
      sandboxPermissions: 'require_escalated',
      tty: input.tty,
      ...(input.justification === undefined ? {} : { justification: input.justification }),
      ...(input.prefixRule === undefined ? {} : { prefixRule: input.prefixRule }),
    },
  }
}

/** The name of the mode that confines the command; undefined where nothing does. */
function confinement(turn: TurnFacts, escalated: boolean): string | undefined {
  const { mode, backend } = turn.sandbox
  return escalated || mode === 'danger-full-access' || backend === 'none' ? undefined : mode
}

const sandboxCodes: ReadonlySet<string> = new Set(['SANDBOX_REFUSED', 'SANDBOX_UNAVAILABLE'])

function startFailed(error: unknown, item: ShownItem): ToolOutput {
  const reason = messageOf(error)
  const refused = isHooklineError(error) && sandboxCodes.has(error.code)
  // Who watches can mend a sandbox that is missing, the model cannot.
  const told = refused && error.hint !== undefined ? `${reason}; ${error.hint}` : reason
  item.end(
    refused ? { status: 'declined', declinedBy: 'sandbox', reason: told } : { status: 'failed' },
  )
  return { output: `exec_command failed: ${reason}`, failed: true }
}

function startAborted(item: ShownItem): ToolOutput {
  item.end({ status: 'failed' })
  return { output: abortedReport(0), failed: true }
}

async function start(
  input: ExecArguments,
  parts: ShellParts,
  context: ToolContext,
): Promise<CommandRun | ToolOutput> {
  const escalated = input.escalated && context.granted
  const item = context.show(itemOf(input, parts, 'in_progress'))
  try {
    const running = await context.exec({
      command: wordsOf(input, parts),
      cwd: folderOf(input, context.turn),
      // The whole environment of the command: nothing of the process itself is added to it.
      env: {
        ...parts.environment(),
        ...callEnvironment({
          sessionId: context.session.id,
          callId: context.call.id,
          sandbox: context.turn.sandbox,
          escalated,
        }),
      },
      tty: input.tty,
      escalate: escalated,
      background: true,
    })
    const process = new ShellProcess(running, (text) => context.chunk(text))
    // Without a terminal nobody can write later: a command that reads must see the end of its input.
    if (!input.tty) process.closeInput()
    return {
      process,
      call: context.call,
      item,
      tty: input.tty,
      confinedBy: confinement(context.turn, escalated),
      outputTokens: input.outputTokens,
    }
  } catch (error) {
    if (context.signal.aborted) return startAborted(item)
    return startFailed(error, item)
  }
}

async function runCommand(
  input: ExecArguments,
  parts: ShellParts,
  context: ToolContext,
): Promise<ToolOutput> {
  const started = performance.now()
  if (context.signal.aborted) return { output: abortedReport(0), failed: true }
  if (input.shell !== undefined && !isUsableShell(input.shell, context.turn)) {
    const output = `exec_command failed: "${input.shell}" cannot be the shell: name bash, zsh or sh, or leave it out`
    return { output, failed: true }
  }
  if (!parts.table.makeRoom()) {
    const output = `exec_command failed: ${mostSessions} commands are running already; end some first`
    return { output, failed: true }
  }
  const run = await start(input, parts, context)
  if (!('process' in run)) return run
  parts.table.add(run, context.sessionSignal)
  const result = await run.process.wait(input.yieldMs, context.signal)
  if (result === 'aborted') {
    await parts.table.kill(run)
    return { output: abortedReport(performance.now() - started), failed: true }
  }
  const exitCode = result === 'exited' ? run.process.exitCode : undefined
  const told = report({
    wallMs: performance.now() - started,
    exitCode,
    sessionId: result === 'running' ? parts.table.keep(run) : undefined,
    ...run.process.take(),
    outputTokens: input.outputTokens,
  })
  if (result === 'running') {
    showProgress(run)
    return { output: told.output, value: told.value }
  }
  parts.table.end(run)
  return { output: told.output, response: told.plain, value: told.value, failed: exitCode !== 0 }
}

/** Runs a script in a shell. A script that only applies a patch is handed to the tool for patches. */
export function execCommandTool(parts: ShellParts): Tool {
  // Calls run side by side, but two patches of one file would overwrite each other.
  let patches: Promise<unknown> = Promise.resolve()
  const patchNext = (call: PatchCall, context: ToolContext) => {
    const result = patches.then(() => applyPatch(call, context))
    patches = result.catch(() => {})
    return result
  }
  return {
    name: 'exec_command',
    description: execDescription,
    input: {
      kind: 'json',
      schema: execSchema,
      parse: (value) => parseExecArguments(value, parts.limits),
    },
    parallel: true,
    repeatable: false,
    hooks: {
      name: 'Bash',
      toInput: (input) => ({ command: checked(input).cmd }),
      fromInput(input, rewritten) {
        const command =
          typeof rewritten === 'object' && rewritten !== null && 'command' in rewritten
            ? rewritten.command
            : undefined
        if (typeof command === 'string') return { ...checked(input), cmd: command }
        throw new Error('hook returned updatedInput without string field `command`')
      },
      cwd: (input, { turn }) => folderOf(checked(input), turn),
    },
    rejected(reason, input) {
      // Whose patch it was does not matter for the words, so the folder is left open.
      const patch = findPatchCall(parts.patchTool, checked(input).cmd, '/')
      return patch?.tool.rejected?.(reason, patch.patch) ?? rejected(reason)
    },
    refused(input, { turn }) {
      const patch = findPatchCall(
        parts.patchTool,
        checked(input).cmd,
        folderOf(checked(input), turn),
      )
      return (patch && patchRefused(patch, turn)) ?? itemOf(checked(input), parts, 'declined')
    },
    needs: (input, { turn }) => needsOf(checked(input), parts, turn),
    async run(input, context) {
      const cwd = folderOf(checked(input), context.turn)
      const patch = findPatchCall(parts.patchTool, checked(input).cmd, cwd)
      if (!patch) return runCommand(checked(input), parts, context)
      if (await canEnter(patch)) return patchNext(patch, context)
      // What was granted, if anything, was the patch.
      return runCommand({ ...checked(input), escalated: false }, parts, context)
    },
  }
}
