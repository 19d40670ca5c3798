import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, constants as fsConstants, fstatSync, ftruncateSync, readSync } from 'node:fs'
import { Socket } from 'node:net'
import { constants } from 'node:os'
import { Readable, Writable } from 'node:stream'
import { HooklineError } from '../../errors.ts'
import type { ProcessExit, Running } from '../../points/exec.ts'
import { killTree, processTreeVariable, type Tree } from '../process-tree.ts'
import { endWithUs, killOf, withMark, type SpawnOptions } from '../spawn.ts'
import { openUnnamedFile } from '../unnamed-file.ts'
import { encodeJob, farewell, frameReader, type AgentFrame } from './agent-frames.ts'
import { agentScript } from './agent-script.ts'

/** Not looked for on the PATH: what is found there might be anything. */
const perl = '/usr/bin/perl'
/** What setsid is for the system; Perl cannot call it by name without loading half of its library. */
const setsid: Readonly<Partial<Record<NodeJS.Architecture, number>>> = { x64: 112, arm64: 157 }
/** An agent that is silent for so long hangs, and is ended. */
const patienceMs = 5_000

/** False where there can be no agent, as far as that is known without starting one. */
export const canHaveAgent = process.platform === 'linux' && setsid[process.arch] !== undefined

interface Job {
  readonly marker: string
  readonly graceMs: number | undefined
  readonly stdout: Readable
  readonly stderr: Readable
  readonly began: PromiseWithResolvers<Running | undefined>
  readonly exited: PromiseWithResolvers<ProcessExit>
  hasExited: boolean
}

interface Channel {
  readonly child: ChildProcess
  readonly jobs: Socket
  readonly frames: Socket
  /** A file in which spares note the job that they are about to become, and their pid. */
  readonly starts: number
}

/** One process that starts others for us, until it ends. Idle, it does not keep this process alive. */
export class AgentProcess {
  readonly #channel: Channel | undefined
  readonly #ready = Promise.withResolvers<boolean>()
  readonly #closed = Promise.withResolvers<void>()
  readonly #jobs = new Map<number, Job>()
  #made = 0
  #cameUp = false
  #isOver = false

  /** What it starts carries the mark, and ends when this process is gone without having closed its agent. */
  constructor(mark: string) {
    this.#channel = openChannel(mark)
    if (this.#channel) this.#listen(this.#channel)
    else this.#end()
  }

  /** It came up, whatever became of it. */
  get cameUp(): boolean {
    return this.#cameUp
  }

  /** It ended, or never began. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Undefined: nothing was started. Throws EXEC_FAILED where it is unknown how far it came. */
  async spawn(options: SpawnOptions): Promise<Running | undefined> {
    if (!(await this.#ready.promise)) return undefined
    const marker = randomUUID()
    const id = (this.#made += 1)
    const frame = encodeJob(id, { ...options, env: withMark(options.env, marker) })
    if (!frame || !this.#channel || this.#isOver) return undefined
    const job = makeJob(marker, options.graceMs)
    this.#jobs.set(id, job)
    hold(this.#channel)
    this.#channel.jobs.write(frame)
    return patiently(job.began.promise, this.#channel)
  }

  /** Ends what still runs, and then the agent. */
  async close(): Promise<void> {
    await this.#ready.promise
    this.#isOver = true
    const ends = [...this.#jobs.values()].map(async ({ began }) => (await began.promise)?.kill())
    await Promise.allSettled(ends)
    if (!this.#channel) return
    hold(this.#channel)
    this.#channel.jobs.end(farewell)
    await patiently(this.#closed.promise, this.#channel)
  }

  #listen(channel: Channel): void {
    const { child, frames } = channel
    const read = frameReader((frame) => this.#take(frame))
    frames.on('data', read)
    child.once('exit', () => (this.#isOver = true))
    // By then no spare is left that could still start something.
    child.once('close', () => this.#end())
    void patiently(this.#ready.promise, channel)
  }

  #take({ kind, id, data }: AgentFrame): void {
    const job = this.#jobs.get(id)
    if (kind === 'ready') this.#welcome()
    else if (!job) return
    else if (kind === 'outpt') job.stdout.push(data)
    else if (kind === 'error') job.stderr.push(data)
    else if (kind === 'begun') begin(job, data.readUInt32BE())
    else this.#finish(id, job, kind === 'ended' ? exitOf(data.readUInt32BE()) : undefined)
  }

  #welcome(): void {
    this.#cameUp = true
    this.#ready.resolve(true)
    this.#rest()
  }

  #rest(): void {
    if (!this.#channel || this.#jobs.size > 0) return
    const { child, frames, starts } = this.#channel
    for (const part of [child, frames]) part.unref()
    if (!this.#isOver) ftruncateSync(starts)
  }

  /** Without an exit it never began. */
  #finish(id: number, job: Job, exit: ProcessExit | undefined): void {
    this.#jobs.delete(id)
    this.#rest()
    job.hasExited = true
    for (const stream of [job.stdout, job.stderr]) stream.push(null)
    job.exited.resolve(exit ?? {})
    job.began.resolve(undefined)
  }

  #end(): void {
    this.#isOver = true
    this.#ready.resolve(false)
    this.#closed.resolve()
    const started = this.#channel ? takePids(this.#channel.starts) : new Map<number, number>()
    for (const [id, job] of this.#jobs) {
      const pid = started.get(id)
      if (pid === undefined) this.#finish(id, job, undefined)
      else void this.#lose(id, job, pid)
    }
  }

  async #lose(id: number, job: Job, pid: number): Promise<void> {
    await killTree(pid, job.marker, 0)
    job.began.reject(
      new HooklineError('EXEC_FAILED', 'the process that starts programs ended while it did so', {
        hint: 'try again; another one is started',
      }),
    )
    this.#finish(id, job, { signal: 'SIGKILL' })
  }
}

/** Keeps this process alive for what the agent will say. */
function hold({ child, frames }: Channel): void {
  for (const part of [child, frames]) part.ref()
}

/** What was started, by number of the job; ends the notes. */
function takePids(starts: number): ReadonlyMap<number, number> {
  const notes = Buffer.alloc(fstatSync(starts).size)
  readSync(starts, notes, 0, notes.length, 0)
  closeSync(starts)
  const rows = Array.from({ length: Math.floor(notes.length / 8) }, (_, at) => at * 8)
  return new Map(rows.map((at) => [notes.readUInt32BE(at), notes.readUInt32BE(at + 4)]))
}

/** Waits for the agent, and ends it where it hangs. */
async function patiently<T>(waited: Promise<T>, { child }: Channel): Promise<T> {
  const end = () => child.pid !== undefined && void killTree(child.pid, undefined, 0)
  const timer = setTimeout(end, patienceMs)
  try {
    return await waited
  } finally {
    clearTimeout(timer)
  }
}

/** The agent gets nothing of our environment but the outer marks, which it hands on; it ends with its owner. */
function openChannel(mark: string): Channel | undefined {
  const outer = process.env[processTreeVariable]
  let starts: number | undefined
  try {
    starts = openUnnamedFile(fsConstants.O_APPEND)
    const child = spawn(perl, ['-e', agentScript, mark, String(setsid[process.arch])], {
      cwd: '/',
      env: outer === undefined ? {} : { [processTreeVariable]: outer },
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore', starts],
    })
    child.on('error', () => {})
    const [jobs, frames] = child.pid === undefined ? [] : child.stdio
    if (jobs instanceof Socket && frames instanceof Socket) {
      for (const socket of [jobs, frames]) socket.on('error', () => {})
      jobs.unref()
      return { child, jobs, frames, starts }
    }
  } catch {
    // Without it programs are started directly.
  }
  if (starts !== undefined) closeSync(starts)
  return undefined
}

const read = () => {}

function makeJob(marker: string, graceMs: number | undefined): Job {
  return {
    marker,
    graceMs,
    stdout: new Readable({ read }),
    stderr: new Readable({ read }),
    began: Promise.withResolvers(),
    exited: Promise.withResolvers(),
    hasExited: false,
  }
}

function begin(job: Job, pid: number): void {
  const { marker, graceMs, stdout, stderr } = job
  const exited = job.exited.promise
  const tree: Tree = { pid, marker, graceMs, hasExited: () => job.hasExited }
  void exited.then(endWithUs(tree))
  const stdin = new Writable().destroy()
  job.began.resolve({ pid, stdin, stdout, stderr, exited, kill: killOf(tree, exited) })
}

/** Of a status as waitpid gives it. */
function exitOf(status: number): ProcessExit {
  const number = status & 127
  if (number === 0) return { code: status >> 8 }
  const names = Object.entries(constants.signals)
  return { signal: names.find(([, other]) => other === number)?.[0] ?? `SIG${number}` }
}
