import type { Readable } from 'node:stream'
import type { ProcessExit } from '../points/exec.ts'
import { spawnTree } from './spawn.ts'
import type { SpawnOptions } from './spawn.ts'

/** What to run, what to tell it, and its limits. */
export interface RunOptions extends SpawnOptions {
  /** Written to its stdin, which is closed then; it need not read it. */
  readonly input?: string | Uint8Array
  readonly timeoutMs?: number
  /** How much of each stream is kept; more ends the run. 16 MiB without it. */
  readonly maxBytes?: number
  readonly signal?: AbortSignal
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
/** Where background processes never fall quiet. */
const longestDrainMs = 100

/**
 * Runs a program and collects its output. Does not wait for processes that it leaves behind with its pipes open: they
 * go on, but their output is lost. A timeout, an abort or too much output ends the whole tree.
 */
export async function runToEnd(options: RunOptions): Promise<EndedRun> {
  const { signal } = options
  if (signal?.aborted) return endedRun({}, [new Uint8Array(), new Uint8Array()], 'aborted')
  const running = await spawnTree(options)
  const gaveUp = Promise.withResolvers<ProcessExit>()
  let interruption: Interruption | undefined
  const interrupt = (why: Interruption) => {
    interruption ??= why
    void running.kill().then(() => gaveUp.resolve({}))
  }
  const limits = {
    maxBytes: options.maxBytes ?? defaultMaxBytes,
    onOverflow: () => interrupt('overflowed'),
  }
  const stdout = collect(running.stdout, limits)
  const stderr = collect(running.stderr, limits)
  const onAbort = () => interrupt('aborted')
  signal?.addEventListener('abort', onAbort, { once: true })
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(interrupt, options.timeoutMs, 'timedOut')
  running.stdin.end(options.input)
  const exit = await Promise.race([running.exited, gaveUp.promise])
  clearTimeout(timer)
  signal?.removeEventListener('abort', onAbort)
  if (interruption !== undefined) await running.kill()
  await drained([stdout, stderr])
  for (const stream of [running.stdin, running.stdout, running.stderr]) stream.destroy()
  return endedRun(exit, [stdout.bytes(), stderr.bytes()], interruption)
}

function endedRun(
  exit: ProcessExit,
  [stdout, stderr]: readonly [Uint8Array, Uint8Array],
  why: Interruption | undefined,
): EndedRun {
  return {
    exit,
    stdout,
    stderr,
    timedOut: why === 'timedOut',
    aborted: why === 'aborted',
    overflowed: why === 'overflowed',
  }
}

interface Collected {
  readonly closed: Promise<void>
  isClosed(): boolean
  /** All that came, what was not kept included. */
  received(): number
  bytes(): Uint8Array
}

function collect(
  stream: Readable,
  limits: { maxBytes: number; onOverflow: () => void },
): Collected {
  const chunks: Uint8Array[] = []
  let received = 0
  stream.on('data', (chunk: Uint8Array) => {
    const room = limits.maxBytes - received
    received += chunk.length
    if (room > 0) chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
    if (chunk.length > room) limits.onOverflow()
  })
  return {
    closed: new Promise((resolve) => stream.once('close', resolve)),
    isClosed: () => stream.closed,
    received: () => received,
    bytes: () => (chunks.length === 1 ? (chunks[0] ?? new Uint8Array()) : Buffer.concat(chunks)),
  }
}

async function drained(outputs: readonly Collected[]): Promise<void> {
  const giveUpAt = performance.now() + longestDrainMs
  const count = () => outputs.reduce((sum, output) => sum + output.received(), 0)
  for (;;) {
    const before = count()
    if (outputs.every((output) => output.isClosed())) return
    await quietOrClosed(outputs)
    if (count() === before || performance.now() > giveUpAt) return
  }
}

function quietOrClosed(outputs: readonly Collected[]): Promise<void> {
  return new Promise((resolve) => {
    // After a late timer the loop must look for data once more before it is called quiet.
    const timer = setTimeout(() => setImmediate(resolve), quietMs)
    void Promise.all(outputs.map((output) => output.closed)).then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
