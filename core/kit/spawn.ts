import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { Readable, Writable } from 'node:stream'
import { HooklineError, messageOf } from '../errors.ts'
import type { ProcessExit, Running } from '../points/exec.ts'
import { endTree, endTreeNow, processTreeVariable, type Tree } from './process-tree.ts'

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
  /** It gets our own stdin, stdout and stderr; the streams of the result are empty then. */
  readonly stdio?: 'inherit' | undefined
  /** Open files of ours that the child gets as 3, 4, …; they stay ours to close. `ignore` passes a number over. */
  readonly extraFds?: readonly (number | 'ignore')[]
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
  const child = await start(options, withMark(options.env, marker))
  const { pid } = child
  const stdin = child.stdin ?? new Writable().destroy()
  const stdout = child.stdout ?? Readable.from([])
  const stderr = child.stderr ?? Readable.from([])
  // A program may close its end whenever it likes; the writer sees that from `exited`.
  for (const source of [child, stdin, stdout, stderr]) source.on('error', () => {})
  const exited = exitOf(child)
  const hasExited = () => child.exitCode !== null || child.signalCode !== null
  const tree: Tree = { pid, marker, graceMs: options.graceMs, hasExited }
  // A tree counts until nobody holds its pipes any more, not even a process that its first one has left behind.
  child.once('close', endWithUs(tree))
  return { pid, stdin, stdout, stderr, exited, kill: killOf(tree, exited) }
}

/** The environment of a process in a tree of that mark; marks nest, so that an outer one still finds everything. */
export function withMark(
  env: Readonly<Record<string, string>>,
  marker: string,
): Readonly<Record<string, string>> {
  const outer = env[processTreeVariable] ?? process.env[processTreeVariable]
  return { ...env, [processTreeVariable]: outer === undefined ? marker : `${outer},${marker}` }
}

/** Ends a tree once for all callers. */
export function killOf(tree: Tree, exited: Promise<unknown>): () => Promise<void> {
  let ended: Promise<void> | undefined
  const end = async () => {
    const isGone = await endTree(tree)
    if (isGone) await exited
  }
  return () => (ended ??= end())
}

// Whatever way this process ends, short of SIGKILL, nothing that it started may go on.
const trees = new Set<Tree>()
let watchesExit = false

/** Lets a tree end with this process, until what is returned is called. */
export function endWithUs(tree: Tree): () => void {
  trees.add(tree)
  if (!watchesExit) process.once('exit', () => trees.forEach(endTreeNow))
  watchesExit = true
  return () => void trees.delete(tree)
}

interface Started extends ChildProcess {
  readonly pid: number
}

async function start(options: SpawnOptions, env: SpawnOptions['env']): Promise<Started> {
  const own = options.stdio ?? 'pipe'
  let child: ChildProcess
  try {
    child = spawn(options.file, options.args, {
      cwd: options.cwd,
      env,
      argv0: options.argv0 ?? options.file,
      detached: true,
      stdio: [options.stdinFd ?? own, own, own, ...(options.extraFds ?? [])],
    })
    if (isStarted(child)) return child
    const [fault] = await once(child, 'error').catch((error: unknown) => [error])
    throw fault
  } catch (error) {
    throw await startFailure(options, error)
  }
}

function isStarted(child: ChildProcess): child is Started {
  return child.pid !== undefined
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
