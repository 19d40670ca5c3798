import { isHooklineError, messageOf } from 'hookline'
import { runToEnd } from 'hookline/kit'
import type { ProcessResult } from './outcome.ts'

/** What to run, and with what. */
export interface CommandRun {
  readonly command: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** JSON for its stdin; it need not read it. */
  readonly input: string
  readonly timeoutSec: number
  readonly signal?: AbortSignal
}

/** Between asking the tree of a late handler to end and forcing it. */
const graceMs = 200

function shell(
  command: string,
  env: Readonly<Record<string, string>>,
): { file: string; args: readonly string[] } {
  if (process.platform === 'win32')
    return { file: env['COMSPEC'] ?? 'cmd.exe', args: ['/C', command] }
  return { file: env['SHELL'] || '/bin/sh', args: ['-c', command] }
}

/**
 * A bash whose stdin is a socket, as it is here, takes itself for a remote login and reads ~/.bashrc,
 * unless it sees that another shell came before it. Programs started by an editor or a service have none before them.
 */
function withShellLevel(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Number(env['SHLVL']) >= 1 ? env : { ...env, SHLVL: '1' }
}

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** Runs the command of a handler to its end. Never throws: what goes wrong is a result. */
export async function runCommand(run: CommandRun): Promise<ProcessResult> {
  const { command, cwd, env, input, timeoutSec, signal } = run
  try {
    const ended = await runToEnd({
      ...shell(command, env),
      cwd,
      env: withShellLevel(env),
      input,
      timeoutMs: timeoutSec * 1000,
      graceMs,
      ...(signal && { signal }),
    })
    if (ended.timedOut) return { kind: 'timed_out', seconds: timeoutSec }
    if (ended.aborted) return { kind: 'interrupted' }
    if (ended.overflowed)
      return { kind: 'broken', message: 'hook wrote more output than can be kept' }
    const { code, signal: killer } = ended.exit
    if (code === undefined) return { kind: 'killed', signal: killer ?? 'a signal' }
    return { kind: 'exited', code, stdout: decode(ended.stdout), stderr: decode(ended.stderr) }
  } catch (error) {
    const why = isHooklineError(error)
      ? messageOf(error)
      : `hook could not be run: ${messageOf(error)}`
    return { kind: 'broken', message: why }
  }
}
