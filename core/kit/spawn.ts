import { spawn } from 'node:child_process'
import type { ChildProcess, StdioOptions } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { Readable, Writable } from 'node:stream'
import { HooklineError } from '../errors.ts'
import type { ProcessExit, Running } from '../points/exec.ts'
import { endTree, processTreeVariable } from './process-tree.ts'

/** What to start, and with what. */
export interface SpawnOptions {
  /** A program of the `PATH` in `env`, or a path. */
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The whole environment; the variable that marks the tree is added. */
  readonly env: Readonly<Record<string, string>>
  /** What the program sees as its own name. */
  readonly argv0?: string
  /** Open files of ours that the child gets as 3, 4, …; they stay ours to close. `ignore` passes a number over. */
  readonly extraFds?: readonly (number | 'ignore')[]
  /** It gets our own stdin, stdout and stderr; the streams of the result are empty then. */
  readonly stdio?: 'inherit'
  /** How long `kill` waits between asking and forcing; 500 ms without it. */
  readonly graceMs?: number
}

/**
 * Starts a program as the leader of a session and process group of its own. Throws EXEC_FAILED when it cannot start.
 * `kill` finds descendants that left the group too, unless they were orphaned and have also cleared their environment.
 */
export async function spawnTree(options: SpawnOptions): Promise<Running> {
  const marker = randomUUID()
  const outer = options.env[processTreeVariable] ?? process.env[processTreeVariable]
  const child = await start(options, outer === undefined ? marker : `${outer},${marker}`)
  const { pid } = child
  const exited = exitOf(child)
  let ended: Promise<void> | undefined
  const end = async () => {
    const isGone = await endTree({
      pid,
      marker,
      graceMs: options.graceMs,
      hasExited: () => hasExited(child),
    })
    if (isGone) await exited
  }
  return {
    pid,
    stdin: child.stdin ?? sink(),
    stdout: child.stdout ?? Readable.from([]),
    stderr: child.stderr ?? Readable.from([]),
    exited,
    kill() {
      ended ??= end()
      return ended
    },
  }
}

interface Started extends ChildProcess {
  readonly pid: number
}

function sink(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}

async function start(options: SpawnOptions, markers: string): Promise<Started> {
  const own = options.stdio ?? 'pipe'
  const stdio: StdioOptions = [own, own, own, ...(options.extraFds ?? [])]
  let child: ChildProcess
  try {
    child = spawn(options.file, options.args, {
      cwd: options.cwd,
      env: { ...options.env, [processTreeVariable]: markers },
      argv0: options.argv0 ?? options.file,
      detached: true,
      stdio,
    })
  } catch (error) {
    throw await startFailure(options, error)
  }
  if (!isStarted(child)) {
    const [error] = await once(child, 'error').catch((cause: unknown) => [cause])
    throw await startFailure(options, error)
  }
  // A program may close its end whenever it likes; the writer sees that from `exited`.
  for (const source of [child, child.stdin, child.stdout, child.stderr]) source?.on('error', ignore)
  return child
}

function isStarted(child: ChildProcess): child is Started {
  return child.pid !== undefined
}

function ignore(): void {}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

function exitOf(child: ChildProcess): Promise<ProcessExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      if (code !== null) resolve({ code })
      else resolve(signal === null ? {} : { signal })
    })
  })
}

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such program',
  EACCES: 'it may not be executed',
  ENOEXEC: 'it is not a program',
  E2BIG: 'its arguments and environment are too long',
  ENOTDIR: 'a part of its path is not a folder',
  EMFILE: 'too many files are open',
  EAGAIN: 'too many processes are running',
}

async function startFailure(options: SpawnOptions, error: unknown): Promise<HooklineError> {
  const errno = error instanceof Error && 'code' in error ? String(error.code) : ''
  const cwdFault = await faultOfFolder(options.cwd)
  const why = cwdFault ?? causes[errno] ?? (error instanceof Error ? error.message : String(error))
  return new HooklineError('EXEC_FAILED', `cannot start "${options.file}": ${why}`, {
    hint:
      cwdFault === undefined
        ? 'check the name of the program and the PATH'
        : 'run it in a folder that exists',
    cause: error,
    details: { file: options.file, cwd: options.cwd, errno },
  })
}

async function faultOfFolder(cwd: string): Promise<string | undefined> {
  try {
    return (await stat(cwd)).isDirectory()
      ? undefined
      : `its working folder "${cwd}" is not a folder`
  } catch {
    return `its working folder "${cwd}" cannot be found`
  }
}
