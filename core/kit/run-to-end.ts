import { closeSync, openSync, writeSync } from 'node:fs'
import { devNull } from 'node:os'
import type { Readable } from 'node:stream'
import type { ProcessExit } from '../points/exec.ts'
import type { AgentSpawnOptions, SpawnAgent } from './agent/spawn-agent.ts'
import { spawnTree } from './spawn.ts'
import { openUnnamedFile } from './unnamed-file.ts'

/** What to run, what to tell it, and its limits. */
export interface RunOptions extends Omit<AgentSpawnOptions, 'stdinFd'> {
  /** What it reads from its stdin; it need not read it. */
  readonly input?: string | Uint8Array
  readonly timeoutMs?: number
  /** How much of each stream is kept; more ends the run. 16 MiB without it. */
  readonly maxBytes?: number
  /** Hears stdout as it comes, before it is kept. */
  readonly onStdout?: (chunk: Uint8Array) => void
  readonly signal?: AbortSignal
  /** Starts it in our place. */
  readonly agent?: SpawnAgent | undefined
}

/** How a run ended; at most one of the three flags is set. */
export interface EndedRun {
  /** Empty when the run was aborted before it began. */
  readonly exit: ProcessExit
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  readonly timedOut: boolean
  readonly aborted: boolean
  readonly overflowed: boolean
}

type Interruption = 'timedOut' | 'aborted' | 'overflowed'

const defaultMaxBytes = 16 * 1024 * 1024
/** Output that was written before the exit is read within this time. */
const quietMs = 5
const longestTimerMs = 2 ** 31 - 1
/** Where background processes never fall quiet. */
const longestDrainMs = 100

/**
 * Runs a program and collects its output. Does not wait for processes that it leaves behind with its pipes open: they
 * go on, but their output is lost. A timeout, an abort or too much output ends the whole tree.
 */
export async function runToEnd(options: RunOptions): Promise<EndedRun> {
  const { signal, input, agent, maxBytes = defaultMaxBytes } = options
  if (signal?.aborted) return { ...flags('aborted'), exit: {}, stdout: empty(), stderr: empty() }
  const stdinFd = inputFile(input)
  const plan = { ...options, stdinFd }
  const starting = agent ? agent.spawn(plan) : spawnTree(plan)
  const running = await starting.finally(() => closeIfOpen(stdinFd))
  const gaveUp = Promise.withResolvers<ProcessExit>()
  let interruption: Interruption | undefined
  const interrupt = (why: Interruption) => {
    interruption ??= why
    void running.kill().then(() => gaveUp.resolve({}))
  }
  passOn(running.stdout, options.onStdout)
  const onOverflow = () => interrupt('overflowed')
  const stdout = collect(running.stdout, maxBytes, onOverflow)
  const stderr = collect(running.stderr, maxBytes, onOverflow)
  const onAbort = () => interrupt('aborted')
  signal?.addEventListener('abort', onAbort, { once: true })
  // It may have been aborted while it was being started.
  if (signal?.aborted) onAbort()
  const timer = timerFor(options.timeoutMs, () => interrupt('timedOut'))
  if (stdinFd === undefined) running.stdin.end(input)
  const exit = await Promise.race([running.exited, gaveUp.promise])
  clearTimeout(timer)
  signal?.removeEventListener('abort', onAbort)
  if (interruption !== undefined) await running.kill()
  await drained([stdout, stderr])
  for (const stream of [running.stdin, running.stdout, running.stderr]) stream.destroy()
  return { ...flags(interruption), exit, stdout: stdout.bytes(), stderr: stderr.bytes() }
}

const empty = () => new Uint8Array()

/** Node fires a timer at once that is set for longer than it can count. */
function timerFor(ms: number | undefined, onTime: () => void): NodeJS.Timeout | undefined {
  return ms === undefined ? undefined : setTimeout(onTime, Math.min(ms, longestTimerMs))
}

function passOn(stream: Readable, listener: RunOptions['onStdout']): void {
  if (listener) stream.on('data', listener)
}

function flags(why: Interruption | undefined): Record<Interruption, boolean> {
  return {
    timedOut: why === 'timedOut',
    aborted: why === 'aborted',
    overflowed: why === 'overflowed',
  }
}

/** A file without a name: unlike the sockets that Node makes, programs can open it again as `/dev/stdin`. */
function inputFile(input: string | Uint8Array = ''): number | undefined {
  if (input.length === 0) return openSync(devNull, 'r')
  if (process.platform !== 'linux') return undefined
  let fd: number | undefined
  try {
    fd = openUnnamedFile()
    const bytes = Buffer.from(input)
    // At given offsets, so that the child begins to read at the start.
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at, at)
    return fd
  } catch {
    closeIfOpen(fd)
    return undefined
  }
}

function closeIfOpen(fd: number | undefined): void {
  if (fd !== undefined) closeSync(fd)
}

interface Collected {
  readonly stream: Readable
  readonly closed: Promise<unknown>
  /** All that came, what was not kept included. */
  received(): number
  bytes(): Uint8Array
}

function collect(stream: Readable, maxBytes: number, onOverflow: () => void): Collected {
  const chunks: Uint8Array[] = []
  let received = 0
  stream.on('data', (chunk: Uint8Array) => {
    const room = maxBytes - received
    received += chunk.length
    if (room > 0) chunks.push(chunk.subarray(0, room))
    if (chunk.length > room) onOverflow()
  })
  const closed = new Promise((resolve) => stream.once('close', resolve))
  return { stream, closed, received: () => received, bytes: () => Buffer.concat(chunks) }
}

async function drained(outputs: readonly Collected[]): Promise<void> {
  const giveUpAt = performance.now() + longestDrainMs
  const count = () => outputs.reduce((sum, output) => sum + output.received(), 0)
  for (let before = -1; before !== count() && performance.now() < giveUpAt;) {
    before = count()
    if (outputs.every(({ stream }) => stream.closed)) return
    await quietOrClosed(outputs)
  }
}

function quietOrClosed(outputs: readonly Collected[]): Promise<unknown> {
  const quiet = Promise.withResolvers<void>()
  // After a late timer the loop must look for data once more before it is called quiet.
  const timer = setTimeout(() => setImmediate(quiet.resolve), quietMs)
  const closed = Promise.all(outputs.map((output) => output.closed))
  return Promise.race([quiet.promise, closed]).finally(() => clearTimeout(timer))
}
