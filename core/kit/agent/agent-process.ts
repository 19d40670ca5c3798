import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { Socket } from 'node:net'
import { constants } from 'node:os'
import { Readable, Writable } from 'node:stream'
import { HooklineError } from '../../errors.ts'
import type { ProcessExit, Running } from '../../points/exec.ts'
import { killTree, processTreeVariable, type Tree } from '../process-tree.ts'
import { endWithUs, killOf, withMark, type SpawnOptions } from '../spawn.ts'
import { encodeJob, farewell, frameReader, type AgentFrame } from './agent-frames.ts'
import { agentScript } from './agent-script.ts'

/** Not looked for on the PATH: what is there instead of it might be anything. */
const perl = '/usr/bin/perl'
/** Numbers of setsid. */
const setsid: Readonly<Partial<Record<NodeJS.Architecture, number>>> = { x64: 112, arm64: 157 }
/** An agent that is silent for so long hangs. */
const patienceMs = 2_000

interface Job {
  readonly marker: string
  readonly graceMs: number | undefined
  readonly stdout: Readable
  readonly stderr: Readable
  readonly began: PromiseWithResolvers<Running | undefined>
  readonly exited: PromiseWithResolvers<ProcessExit>
  /** Set as soon as it may run. */
  pid?: number
  running?: Running
  hasExited: boolean
}

interface Channel {
  readonly child: ChildProcess
  readonly jobs: Socket
  readonly frames: Socket
  /** The spares say here what they are about to start. */
  readonly starts: Socket
}

/** One process that starts others for us, until it ends. Idle, it does not keep this process alive. */
export class AgentProcess {
  readonly #channel: Channel | undefined
  readonly #ready = Promise.withResolvers<boolean>()
  readonly #closed = Promise.withResolvers<void>()
  readonly #jobs = new Map<number, Job>()
  #made = 0
  #isOver = false

  /** What it starts carries the mark, and ends when this process is gone without having closed its agent. */
  constructor(mark: string) {
    this.#channel = openChannel(mark)
    if (this.#channel) this.#listen(this.#channel)
    else this.#end()
  }

  #listen({ child, frames, starts }: Channel): void {
    const read = frameReader((frame) => this.#take(frame))
    frames.on('data', read)
    starts.on('data', (pairs: Buffer) => {
      // Eight bytes are written at once, so they arrive at once.
      for (let at = 0; at < pairs.length; at += 8)
        this.#mayRun(pairs.readUInt32BE(at), pairs.readUInt32BE(at + 4))
    })
    child.once('exit', () => (this.#isOver = true))
    // By then no spare is left that could still start something.
    child.once('close', () => this.#end())
  }

  /** Whether it came up. */
  get ready(): Promise<boolean> {
    return this.#ready.promise
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Undefined: nothing was started. Throws EXEC_FAILED where it is unknown how far it came. */
  async spawn(options: SpawnOptions): Promise<Running | undefined> {
    const marker = randomUUID()
    const id = (this.#made += 1)
    const frame = encodeJob(id, { ...options, env: withMark(options.env, marker) })
    if (!frame || !this.#channel || this.#isOver) return undefined
    const { child, frames, jobs } = this.#channel
    const job = makeJob(marker, options.graceMs)
    this.#jobs.set(id, job)
    frames.ref()
    jobs.write(frame)
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
    return job.began.promise.finally(() => clearTimeout(timer))
  }

  /** Ends what still runs, and then the agent. */
  async close(): Promise<void> {
    await Promise.all([...this.#jobs.values()].map((job) => job.running?.kill()))
    if (!this.#channel) return
    const { child, frames, jobs } = this.#channel
    frames.ref()
    jobs.end(farewell)
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
    await this.#closed.promise
    clearTimeout(timer)
  }

  #rest(): void {
    if (this.#jobs.size === 0) this.#channel?.frames.unref()
  }

  #mayRun(id: number, pid: number): void {
    const job = this.#jobs.get(id)
    if (job) job.pid = pid
  }

  #take({ kind, id, data }: AgentFrame): void {
    if (kind === 'ready') this.#ready.resolve(true)
    if (kind === 'ready') this.#rest()
    const job = this.#jobs.get(id)
    if (!job) return
    if (kind === 'outpt') job.stdout.push(data)
    else if (kind === 'error') job.stderr.push(data)
    else if (kind === 'begun') begin(job, data.readUInt32BE())
    else this.#finish(id, job, kind === 'ended' ? exitOf(data.readUInt32BE()) : undefined)
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
    for (const [id, job] of this.#jobs) {
      if (job.pid === undefined) this.#finish(id, job, undefined)
      else void this.#lose(id, job, job.pid)
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

function openChannel(mark: string): Channel | undefined {
  const outer = process.env[processTreeVariable]
  try {
    const child = spawn(perl, ['-e', agentScript, mark, String(setsid[process.arch])], {
      cwd: '/',
      env: outer === undefined ? {} : { [processTreeVariable]: outer },
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
    })
    child.on('error', () => {})
    const [jobs, frames, , starts] = child.stdio ?? []
    if (!(jobs instanceof Socket && frames instanceof Socket && starts instanceof Socket))
      return undefined
    for (const socket of [jobs, frames, starts]) socket.on('error', () => {})
    for (const socket of [jobs, starts]) socket.unref()
    child.unref()
    return child.pid === undefined ? undefined : { child, jobs, frames, starts }
  } catch {
    return undefined
  }
}

function makeJob(marker: string, graceMs: number | undefined): Job {
  const read = () => {}
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
  job.pid = pid
  const stdin = new Writable().destroy()
  job.running = { pid, stdin, stdout, stderr, exited, kill: killOf(tree, exited) }
  job.began.resolve(job.running)
}

/** The status as waitpid gives it. */
function exitOf(status: number): ProcessExit {
  const number = status & 127
  if (number === 0) return { code: status >> 8 }
  const names = Object.entries(constants.signals)
  return { signal: names.find(([, other]) => other === number)?.[0] ?? `SIG${number}` }
}

/** False where there can be no agent, as far as that is known without starting one. */
export const canHaveAgent = process.platform === 'linux' && setsid[process.arch] !== undefined
