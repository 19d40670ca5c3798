import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import { Readable, Writable } from 'node:stream'
import { HooklineError } from '../../errors.ts'
import type { ProcessExit, Running } from '../../points/exec.ts'
import { endTree, processTreeVariable } from '../process-tree.ts'
import { endWithUs, killOf, withMark, type SpawnOptions } from '../spawn.ts'
import { encodeJob, farewell, frameReader, type AgentFrame } from './agent-frames.ts'
import { agentScript } from './agent-script.ts'

/** Not looked for on the PATH: what is there instead of it might be anything. */
const perl = '/usr/bin/perl'
/** Numbers of setsid. */
const setsid: Readonly<Partial<Record<NodeJS.Architecture, number>>> = { x64: 112, arm64: 157 }

/** What is silent for so long hangs. */
const patienceMs = 2_000

/** False where there can be no agent, as far as that is known without starting one. */
export const canHaveAgent = process.platform === 'linux' && setsid[process.arch] !== undefined

interface Job {
  readonly marker: string
  readonly stdout: Readable
  readonly stderr: Readable
  readonly began: PromiseWithResolvers<number | undefined>
  readonly exited: PromiseWithResolvers<ProcessExit>
  /** Known from the moment on from which it may run. */
  pid?: number
  hasExited: boolean
  kill?: () => Promise<void>
}

/** One process that starts others for us, until it ends. Idle, it does not keep this process alive. */
export class AgentProcess {
  readonly #child
  readonly #ready = Promise.withResolvers<boolean>()
  readonly #closed = Promise.withResolvers<void>()
  readonly #jobs = new Map<number, Job>()
  #made = 0
  #isOver = false

  /** All that is started carries the mark, and ends when this process is gone without having said farewell. */
  constructor(mark: string) {
    const outer = process.env[processTreeVariable]
    this.#child = spawn(perl, ['-e', agentScript, mark, String(setsid[process.arch])], {
      cwd: '/',
      env: outer === undefined ? {} : { [processTreeVariable]: outer },
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
    })
    const { stdin, stdout } = this.#child
    const acknowledged = this.#acknowledged()
    for (const part of [this.#child, stdin, stdout, acknowledged]) part.on('error', () => {})
    stdout.on('data', frameReader((frame) => this.#take(frame)))
    acknowledged.on('data', pairs((id, pid) => this.#acknowledge(id, pid)))
    this.#child.once('error', () => this.#end())
    this.#child.once('exit', () => (this.#isOver = true))
    this.#child.once('close', () => this.#end())
    this.#hold(false)
  }

  /** Whether it came up. */
  get ready(): Promise<boolean> {
    return this.#ready.promise
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Undefined: the program was not started, and will not be. Throws where it is unknown what became of it. */
  async spawn(options: SpawnOptions): Promise<Running | undefined> {
    const marker = randomUUID()
    const id = (this.#made += 1)
    const frame = encodeJob(id, { ...options, env: withMark(options.env, marker) })
    if (!frame || this.#isOver) return undefined
    const job = makeJob(marker)
    this.#jobs.set(id, job)
    this.#hold(true)
    const timer = setTimeout(() => void this.#kill(), patienceMs)
    this.#child.stdin.write(frame)
    const pid = await job.began.promise.finally(() => clearTimeout(timer))
    if (pid === undefined) return undefined
    const { stdout, stderr, kill = noKill } = job
    return { pid, stdin: new Writable().destroy(), stdout, stderr, exited: job.exited.promise, kill }
  }
}
