import { isHooklineError, messageOf, type SharedKey } from 'hookline'
import { runToEnd, spawnAgent, type EndedRun, type SpawnAgent } from 'hookline/kit'
import type { HookEvent } from './event-names.ts'
import { filledCommand } from './placeholders.ts'
import { broken, type HandlerKind, type HandlerRun, type KindFacts } from './handler-run.ts'
import type { CommandWork } from './handler-work.ts'
import type { ProcessResult } from './outcome.ts'

/** What to run, and with what. */
export interface CommandRun extends Pick<CommandWork, 'command' | 'args' | 'shell'> {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** JSON for its stdin; it need not read it. */
  readonly input: string
  readonly timeoutSec: number
  readonly signal?: AbortSignal | undefined
  /** Starts it in our place. */
  readonly agent?: SpawnAgent
  /** Does not wait for an agent that has yet to be started. */
  readonly urgent?: boolean
}

type Environment = Readonly<Record<string, string>>

/** Between asking the tree of a late handler to end and forcing it. */
export const graceMs = 200

interface Program {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Environment
}

function shellFor(shell: string | undefined, env: Environment): readonly [string, ...string[]] {
  if (shell !== undefined && /^(?:.*[\\/])?(?:powershell|pwsh)(?:\.exe)?$/i.test(shell)) {
    const isGeneric = shell.toLowerCase() === 'powershell' && process.platform !== 'win32'
    return [isGeneric ? 'pwsh' : shell, '-NoProfile', '-NonInteractive', '-Command']
  }
  if (shell !== undefined) return [shell, '-c']
  return process.platform === 'win32'
    ? [env['COMSPEC'] ?? 'cmd.exe', '/C']
    : [env['SHELL'] || '/bin/sh', '-c']
}

/**
 * A bash whose stdin is a socket, as it is here, takes itself for a remote login and reads ~/.bashrc,
 * unless it sees that another shell came before it. Programs started by an editor or a service have none before them.
 */
function withShellLevel(env: Environment): Environment {
  return Number(env['SHLVL']) >= 1 ? env : { ...env, SHLVL: '1' }
}

/** The program of a command: with `args` itself, otherwise a shell that is given its line. */
export function programOf(
  { command, args, shell }: Pick<CommandWork, 'command' | 'args' | 'shell'>,
  env: Environment,
): Program {
  if (args) return { file: command, args, env }
  const [file, ...words] = shellFor(shell, env)
  return { file, args: [...words, command], env: withShellLevel(env) }
}

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** What the end of a process is, where nobody ended it. */
export function resultOf({ exit, stdout, stderr, overflowed }: EndedRun): ProcessResult {
  if (overflowed) return broken('hook wrote more output than can be kept')
  const { code, signal } = exit
  if (code === undefined) return { kind: 'killed', signal: signal ?? 'a signal' }
  return { kind: 'exited', code, stdout: decode(stdout), stderr: decode(stderr) }
}

/** What it means that a process could not be started. */
export function startFailure(error: unknown): ProcessResult {
  return broken(
    isHooklineError(error) ? messageOf(error) : `hook could not be run: ${messageOf(error)}`,
  )
}

/** Runs the command of a handler to its end. Never throws: what goes wrong is a result. */
export async function runCommand(run: CommandRun): Promise<ProcessResult> {
  const { cwd, env, input, timeoutSec, signal, agent, urgent } = run
  try {
    const ended = await runToEnd({
      ...programOf(run, env),
      cwd,
      input,
      timeoutMs: timeoutSec * 1000,
      graceMs,
      agent,
      ...(urgent && { urgent }),
      ...(signal && { signal }),
    })
    if (ended.timedOut) return { kind: 'timed_out', seconds: timeoutSec }
    if (ended.aborted) return { kind: 'interrupted' }
    return resultOf(ended)
  } catch (error) {
    return startFailure(error)
  }
}

/** What the first request of a session waits for, and its end. */
const urgentEvents: ReadonlySet<HookEvent> = new Set<HookEvent>([
  'SessionStart',
  'InstructionsLoaded',
  'UserPromptSubmit',
  'PreModelRequest',
  'SessionEnd',
])

async function runHandler(asked: HandlerRun, agent: SpawnAgent): Promise<ProcessResult> {
  const { handler, input, cwd, signal, detach } = asked
  const { work, timeoutSec } = handler
  if (work?.type !== 'command') return broken('hook is no command')
  const env = asked.environment()
  const command = filledCommand(work, handler.source)
  const urgent = urgentEvents.has(handler.event)
  const limits = { timeoutSec, signal, urgent }
  const given: CommandRun = { ...command, cwd, env, input: input.json, agent, ...limits }
  if (!detach) return runCommand(given)
  const { runDetachable } = await import('./run-detachable.ts')
  return runDetachable(given, detach)
}

const agentKey: SharedKey<SpawnAgent> = { id: 'spawn-agent' }

/** What starts the processes of handlers, for all sessions. */
export function agentOf({ shared }: Pick<KindFacts, 'shared'>): Promise<SpawnAgent> {
  return shared(agentKey, 'process', spawnAgent)
}

/** Runs a process per event, by way of one that all sessions share. */
export async function commandKind(facts: Pick<KindFacts, 'shared'>): Promise<HandlerKind> {
  const agent = await agentOf(facts)
  return { run: (asked) => runHandler(asked, agent) }
}
