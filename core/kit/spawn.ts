import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { Writable } from 'node:stream'
import type { Readable } from 'node:stream'
import { HooklineError, messageOf } from '../errors.ts'
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
  /** An open file of ours to be its stdin, instead of a pipe. */
  readonly stdinFd?: number | undefined
  /** Open files of ours that the child gets as 3, 4, …; they stay ours to close. */
  readonly extraFds?: readonly number[]
  /** How long `kill` waits between asking and forcing; 500 ms without it. */
  readonly graceMs?: number
}

/**
 * Starts a program as the leader of a session and process group of its own. Throws EXEC_FAILED when it cannot start.
 * `kill` finds descendants that left the group too, unless they were orphaned and have also cleared their environment.
 * The pipes are sockets, as Node makes them: a program cannot open `/dev/stdout` and the like by name.
 */
export async function spawnTree(options: SpawnOptions): Promise<Running> {
  const marker = randomUUID()
  const outer = options.env[processTreeVariable] ?? process.env[processTreeVariable]
  const child = await start(options, outer === undefined ? marker : `${outer},${marker}`)
  const { pid, stdout, stderr } = child
  const stdin = child.stdin ?? new Writable().destroy()
  // A program may close its end whenever it likes; the writer sees that from `exited`.
  for (const source of [child, stdin, stdout, stderr]) source.on('error', () => {})
  const exited = exitOf(child)
  const hasExited = () => child.exitCode !== null || child.signalCode !== null
  let ended: Promise<void> | undefined
  const end = async () => {
    const isGone = await endTree({ pid, marker, graceMs: options.graceMs, hasExited })
    if (isGone) await exited
  }
  return { pid, stdin, stdout, stderr, exited, kill: () => (ended ??= end()) }
}

interface Started extends ChildProcess {
  readonly pid: number
  readonly stdout: Readable
  readonly stderr: Readable
}

async function start(options: SpawnOptions, markers: string): Promise<Started> {
  let child: ChildProcess
  try {
    child = spawn(options.file, options.args, {
      cwd: options.cwd,
      env: { ...options.env, [processTreeVariable]: markers },
      argv0: options.argv0 ?? options.file,
      detached: true,
      stdio: [options.stdinFd ?? 'pipe', 'pipe', 'pipe', ...(options.extraFds ?? [])],
    })
    if (isStarted(child)) return child
    const [fault] = await once(child, 'error').catch((error: unknown) => [error])
    throw fault
  } catch (error) {
    throw await startFailure(options, error)
  }
}

function isStarted(child: ChildProcess): child is Started {
  return child.pid !== undefined && child.stdout !== null && child.stderr !== null
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
  E2BIG: 'its arguments and environment are too long',
}

async function startFailure(options: SpawnOptions, error: unknown): Promise<HooklineError> {
  const { file, cwd } = options
  const errno = error instanceof Error && 'code' in error ? String(error.code) : ''
  const hasFolder = await stat(cwd).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
  const why = hasFolder
    ? (causes[errno] ?? messageOf(error))
    : `its working folder "${cwd}" cannot be used`
  return new HooklineError('EXEC_FAILED', `cannot start "${file}": ${why}`, {
    hint: hasFolder ? 'check the name of the program and the PATH' : 'run it in another folder',
    cause: error,
    details: { file, cwd, errno },
  })
}
