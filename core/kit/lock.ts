import { readFileSync, rmSync, statSync } from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { HooklineError, messageOf } from '../errors.ts'

/** How long to wait for a lock, and when another one's counts as left behind. */
export interface LockOptions {
  readonly timeoutMs: number
  /** A lock that was not touched for so long is stale; 15 s without it. A living holder touches it eight times as often. */
  readonly staleMs?: number
  readonly signal?: AbortSignal
}

const defaultStaleMs = 15_000
const firstPollMs = 4
const longestPollMs = 64

/**
 * Takes a lock between processes: a file that only one of them can make. Waits while another process holds it, takes
 * over what a dead one left behind, and throws LOCK_TIMEOUT. Dispose it to let go.
 */
export async function acquireLock(path: string, options: LockOptions): Promise<AsyncDisposable> {
  const staleMs = options.staleMs ?? defaultStaleMs
  const deadline = performance.now() + options.timeoutMs
  for (let wait = firstPollMs; ; wait = Math.min(wait * 2, longestPollMs)) {
    options.signal?.throwIfAborted()
    const file = await create(path)
    if (file !== undefined) return held(path, file, staleMs)
    if (await removeStale(path, staleMs)) continue
    const left = deadline - performance.now()
    if (left <= 0) throw timeout(path, options.timeoutMs)
    // Several that wait must not try in step.
    await delay(Math.min(left, wait * (0.5 + Math.random())), undefined, { signal: options.signal })
  }
}

async function create(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx', 0o600)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined
    throw new HooklineError(
      'FILE_WRITE_FAILED',
      `cannot make the lock "${path}": ${messageOf(error)}`,
      {
        hint: 'check the permissions of its folder',
        cause: error,
      },
    )
  }
}

async function held(path: string, file: FileHandle, staleMs: number): Promise<AsyncDisposable> {
  const holder = { pid: process.pid, host: hostname(), started_at: new Date().toISOString() }
  await file.writeFile(JSON.stringify(holder))
  const touch = setInterval(() => {
    const now = new Date()
    // By its handle, so that a lock that was taken over is not touched.
    file.utimes(now, now).catch(() => clearInterval(touch))
  }, staleMs / 8)
  touch.unref()
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(touch)
      try {
        const [ours, there] = await Promise.all([file.stat(), stat(path)])
        if (ours.ino === there.ino && ours.dev === there.dev) await rm(path, { force: true })
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error
      } finally {
        await file.close()
      }
    },
  }
}

/** True when the lock is gone and can be tried for at once. */
async function removeStale(path: string, staleMs: number): Promise<boolean> {
  const state = stateOf(path, staleMs)
  if (state !== 'stale') return state === 'gone'
  const guardPath = `${path}.takeover`
  const guard = await create(guardPath)
  if (guard === undefined) {
    if (stateOf(guardPath, staleMs) === 'stale') rmSync(guardPath, { force: true })
    return false
  }
  try {
    // Whoever had the guard before may have made a new lock since; nothing may come between this look and the removal.
    if (stateOf(path, staleMs) === 'stale') rmSync(path, { force: true })
  } finally {
    await guard.close()
    rmSync(guardPath, { force: true })
  }
  return true
}

function stateOf(path: string, staleMs: number): 'held' | 'stale' | 'gone' {
  try {
    if (Date.now() - statSync(path).mtimeMs > staleMs) return 'stale'
    return isOfTheDead(readFileSync(path, 'utf8')) ? 'stale' : 'held'
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'gone' : 'held'
  }
}

function isOfTheDead(text: string): boolean {
  const { pid, host, startedAt } = holderOf(text)
  if (pid === undefined || host !== hostname()) return false
  // After a restart of a container we may be our own predecessor.
  if (pid === process.pid) return startedAt < performance.timeOrigin
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return codeOf(error) === 'ESRCH'
  }
}

function holderOf(text: string): { pid: number | undefined; host: string; startedAt: number } {
  const none = { pid: undefined, host: '', startedAt: Number.NaN }
  try {
    const holder: unknown = JSON.parse(text)
    if (typeof holder !== 'object' || holder === null) return none
    const { pid, host, started_at: at } = holder as Record<string, unknown> // each field is checked below
    const isWhole = Number.isSafeInteger(pid) && Number(pid) > 0
    return {
      pid: isWhole ? Number(pid) : undefined,
      host: String(host),
      startedAt: Date.parse(String(at)),
    }
  } catch {
    return none
  }
}

function timeout(path: string, timeoutMs: number): HooklineError {
  let holder = 'another process'
  try {
    holder = `process ${holderOf(readFileSync(path, 'utf8')).pid ?? 'unknown'}`
  } catch {
    // It was let go a moment ago.
  }
  return new HooklineError(
    'LOCK_TIMEOUT',
    `the lock "${path}" was not free within ${timeoutMs} ms: ${holder} holds it`,
    {
      hint: 'try again when the other process is done',
    },
  )
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
