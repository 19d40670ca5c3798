import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { Socket } from 'node:net'
import type { Availability } from 'hookline'
import type { HostCommand } from './host-command.ts'
import {
  encodeMessage,
  lineReader,
  longestMs,
  mostLineChars,
  readHostMessage,
  type CellOutcome,
  type EvaluateMessage,
  type HostMessage,
} from './protocol.ts'

/** What came of a run, with what only this side of the channel can say. */
export type ClientOutcome =
  | CellOutcome
  | { readonly kind: 'crash' | 'unavailable'; readonly message: string }

export type Evaluate = Omit<EvaluateMessage, 'type' | 'cell'>

interface Call {
  readonly request: Evaluate
  readonly settle: (outcome: ClientOutcome) => void
  timer?: NodeJS.Timeout
}

/** When an answer must be there, and what is answered where it is not. */
interface Deadline {
  readonly ms: number
  readonly otherwise: ClientOutcome
}

/** How long a host may take to load the addon. */
const startMs = 10_000
/** What a host may take longer than its scripts, or to end one, before it counts as hanging. */
const graceMs = 1_000
const mostStderrChars = 4_000

/**
 * One host process, from its start to its end. It never keeps this process alive while nothing waits for it, and ends
 * with it: the host reads its stdin to the end of whoever holds the other side.
 */
export class HostClient {
  readonly ready: Promise<Availability>
  /** Settles when the process has ended and everything it said was read. */
  readonly ended: Promise<void>
  readonly #child: ChildProcessWithoutNullStreams
  readonly #calls = new Map<number, Call>()
  readonly #settleReady: (availability: Availability) => void
  #state: 'starting' | 'ready' | 'retired' = 'starting'
  /** Somebody waits for its start or its end. */
  #isAwaited = true
  #hasBegun = false
  #lastCell = 0
  #stderr = ''
  /** Why this side ended it. */
  #verdict: string | undefined

  constructor(command: HostCommand) {
    const { promise: ready, resolve: settleReady } = Promise.withResolvers<Availability>()
    this.ready = ready
    this.#settleReady = settleReady
    const { file, args, cwd, env } = command
    this.#child = spawn(file, args, { cwd, env, detached: true, windowsHide: true })
    const { promise: ended, resolve: settleEnded } = Promise.withResolvers<void>()
    this.ended = ended
    const onEnd = () => void this.#onEnd().then(settleEnded)
    this.#child.on('close', onEnd).on('error', (error) => {
      if (this.#child.pid !== undefined) return
      this.#verdict ??= error.message
      onEnd()
    })
    this.#listen()
    void this.#awaitStart()
  }

  /** False: calls go to another host. */
  get isUsable(): boolean {
    return this.#state !== 'retired'
  }

  /** Runs a source; never rejects. */
  evaluate(request: Evaluate, signal: AbortSignal | undefined): Promise<ClientOutcome> {
    this.#lastCell += 1
    const cell = this.#lastCell
    const { promise, resolve } = Promise.withResolvers<ClientOutcome>()
    const onAbort = () => this.#abort(cell, request.name)
    signal?.addEventListener('abort', onAbort, { once: true })
    const settle = (outcome: ClientOutcome) => {
      signal?.removeEventListener('abort', onAbort)
      resolve(outcome)
    }
    this.#calls.set(cell, { request, settle })
    this.#child.stdin.write(encodeMessage({ type: 'evaluate', cell, ...request }))
    // After the host has got its work, which goes on beside this.
    if (this.#hasBegun) this.#limit(cell)
    this.#keepAlive()
    return promise
  }

  /** Takes no more calls; ends when those it has are answered. */
  retire(): void {
    this.#state = 'retired'
    if (this.#calls.size === 0) this.kill('it was retired')
  }

  /** Ends the process at once. */
  kill(verdict: string): void {
    this.#state = 'retired'
    this.#verdict ??= verdict
    this.#child.kill('SIGKILL')
  }

  /** Answers what is still running as aborted, and ends. */
  async close(): Promise<void> {
    for (const [cell, { request }] of this.#calls) {
      this.#settle(cell, {
        kind: 'aborted',
        message: `${request.name} was aborted: the session ended`,
      })
    }
    this.#isAwaited = true
    this.#keepAlive()
    this.kill('it was closed')
    await this.ended
  }

  async #awaitStart(): Promise<void> {
    const timer = setTimeout(() => this.kill('it did not start in time'), startMs)
    await this.ready
    clearTimeout(timer)
    this.#isAwaited = false
    this.#keepAlive()
  }

  #listen(): void {
    const { stdin, stdout, stderr } = this.#child
    for (const stream of [stdin, stdout, stderr]) stream.on('error', () => {})
    stderr.setEncoding('utf8').on('data', (piece: string) => {
      this.#stderr = (this.#stderr + piece).slice(0, mostStderrChars)
    })
    const broken = () => this.kill('it said what no host says')
    const onLine = (line: string) => {
      const message = readHostMessage(line)
      if (message) this.#onMessage(message)
      else broken()
    }
    const read = lineReader({ onLine, mostChars: mostLineChars, onOverflow: broken })
    stdout.setEncoding('utf8').on('data', read)
  }

  #onMessage(message: HostMessage): void {
    switch (message.type) {
      case 'ready':
        this.#begin()
        return
      case 'unusable':
        this.#settleReady(cannotStart(message.reason))
        this.kill(message.reason)
        return
      case 'stuck':
        this.retire()
        return
      case 'answer':
        this.#settle(message.cell, message.outcome)
    }
  }

  #begin(): void {
    // Said again it would give its runs more time.
    if (this.#hasBegun) return
    this.#hasBegun = true
    if (this.#state === 'starting') this.#state = 'ready'
    for (const cell of this.#calls.keys()) this.#limit(cell)
    this.#settleReady({ ok: true })
  }

  #settle(cell: number, outcome: ClientOutcome): void {
    const call = this.#calls.get(cell)
    if (!call) return
    this.#calls.delete(cell)
    clearTimeout(call.timer)
    call.settle(outcome)
    if (this.#calls.size > 0) return
    this.#keepAlive()
    if (this.#state === 'retired') this.kill('it was retired')
  }

  #abort(cell: number, name: string): void {
    const otherwise = { kind: 'aborted', message: `${name} was aborted` } as const
    this.#child.stdin.write(encodeMessage({ type: 'cancel', cell }))
    if (this.#hasBegun) this.#expect(cell, { ms: graceMs, otherwise })
    else this.#settle(cell, otherwise)
  }

  /** The host keeps the time itself; this is for one that no longer does. */
  #limit(cell: number): void {
    const request = this.#calls.get(cell)?.request
    if (!request) return
    const message = `${request.name} takes longer than ${request.timeoutMs} ms`
    const ms = longestMs(request.timeoutMs) + graceMs
    this.#expect(cell, { ms, otherwise: { kind: 'timeout', message } })
  }

  #expect(cell: number, { ms, otherwise }: Deadline): void {
    const call = this.#calls.get(cell)
    if (!call) return
    const overdue = () => {
      if (!this.#calls.has(cell)) return
      this.kill('it hung')
      this.#settle(cell, otherwise)
    }
    clearTimeout(call.timer)
    // Where this process was busy itself, the answer may wait to be read: it is read before the immediate.
    call.timer = setTimeout(() => setImmediate(overdue), ms)
  }

  #keepAlive(): void {
    const isAwaited = this.#isAwaited || this.#calls.size > 0
    const { stdin, stdout, stderr } = this.#child
    const pipes = [stdin, stdout, stderr].filter((stream) => stream instanceof Socket)
    for (const handle of [this.#child, ...pipes]) {
      if (isAwaited) handle.ref()
      else handle.unref()
    }
  }

  async #onEnd(): Promise<void> {
    this.#state = 'retired'
    const why = this.#verdict ?? describeEnd(this.#child, this.#stderr)
    this.#settleReady(cannotStart(why))
    const availability = await this.ready
    for (const [cell, { request }] of this.#calls) {
      const message = `the process that ran ${request.name} ended: ${why}`
      this.#settle(
        cell,
        availability.ok
          ? { kind: 'crash', message }
          : { kind: 'unavailable', message: `scripts cannot run: ${availability.reason}` },
      )
    }
  }
}

function cannotStart(reason: string): Availability {
  return {
    ok: false,
    reason: `the isolate host cannot start: ${reason}`,
    remedy: 'install hookline again with a Node that isolated-vm has a build for, such as Node 24',
  }
}

function describeEnd(child: ChildProcessWithoutNullStreams, stderr: string): string {
  const lines = stderr.split('\n').map((line) =>
    line
      .replace(/^#/, '')
      .replaceAll(/\p{Cc}/gu, '')
      .trim()
      .slice(0, 200),
  )
  const told =
    lines.find((line) => /^(FATAL ERROR|Fatal JavaScript)/.test(line)) ??
    lines.findLast((line) => line !== '')
  const end = child.signalCode === null ? `exit code ${child.exitCode}` : child.signalCode
  return told === undefined ? end : `${end}, ${told}`
}
