import { readFileSync, rmSync, statSync } from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { HooklineError, messageOf } from '../errors.ts'

/** How long to wait for a lock, and when another one's counts as left behind. */
export interface LockOptions {
  readonly timeoutMs: number
  /** A lock that was not touched for so long is stale; 15 s without it. Its holder touches it eight times as often. */
  readonly staleMs?: number
  readonly signal?: AbortSignal
}

const defaultStaleMs = 15_000
const longestPollMs = 64

/**
 * Takes a lock between processes: a file that only one of them can make. Waits while another process holds it, takes
 * over what a dead one left behind, and throws LOCK_TIMEOUT. Dispose it to let go.
 */
export async function acquireLock(path: string, options: LockOptions): Promise<AsyncDisposable> {
  const { timeoutMs, staleMs = defaultStaleMs, signal } = options
  const deadline = performance.now() + timeoutMs
  for (let wait = 4; ; wait = Math.min(wait * 2, longestPollMs)) {
    signal?.throwIfAborted()
    const file = await create(path)
    if (file !== undefined) return hold(path, file, staleMs)
    if (await removeStale(path, staleMs)) continue
    const left = deadline - performance.now()
    if (left <= 0) throw timeout(path, timeoutMs)
    // Several that wait must not try in step.
    await delay(Math.min(left, wait * (0.5 + Math.random())), undefined, { signal })
  }
}

async function create(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx', 0o600)
  } catch (error) {
    if (isFault(error, 'EEXIST')) return undefined
    throw notMade(path, error)
  }
}

function notMade(path: string, error: unknown): HooklineError {
  return new HooklineError('FILE_WRITE_FAILED', `cannot make "${path}": ${messageOf(error)}`, {
    hint: 'check the permissions of its folder and the space on the disk',
    cause: error,
  })
}

async function hold(path: string, file: FileHandle, staleMs: number): Promise<AsyncDisposable> {
  const holder = { pid: process.pid, host: hostname(), started_at: new Date().toISOString() }
  try {
    await file.writeFile(JSON.stringify(holder))
  } catch (error) {
    // Without its holder it would lock everybody out until it is stale.
    rmSync(path, { force: true })
    await file.close()
    throw notMade(path, error)
  }
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
        if (!isFault(error, 'ENOENT')) throw error
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
    // Whoever had the guard before may have made a new lock; nothing may come between this look and the removal.
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
    return isLeftBehind(holderOf(path)) ? 'stale' : 'held'
  } catch (error) {
    return isFault(error, 'ENOENT') ? 'gone' : 'held'
  }
}

interface Holder {
  readonly pid?: unknown
  readonly host?: unknown
  readonly started_at?: unknown
}

function isLeftBehind({ pid, host, started_at: startedAt }: Holder): boolean {
  if (host !== hostname() || !Number.isSafeInteger(pid) || Number(pid) <= 0) return false
  // After a restart of a container we may be our own predecessor.
  if (pid === process.pid) return Date.parse(String(startedAt)) < performance.timeOrigin
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return isFault(error, 'ESRCH')
  }
}

/** Throws what reading the file throws; a file that says nothing has nobody as its holder. */
function holderOf(path: string): Holder {
  const text = readFileSync(path, 'utf8')
  try {
    // What comes out is an object of any kind; its fields are checked where they are used.
    return Object(JSON.parse(text)) as Holder
  } catch {
    return {}
  }
}

function timeout(path: string, timeoutMs: number): HooklineError {
  const message = `"${path}" was not free within ${timeoutMs} ms`
  const hint = 'try again when the process named in that file is done'
  return new HooklineError('LOCK_TIMEOUT', message, { hint })
}

function isFault(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
