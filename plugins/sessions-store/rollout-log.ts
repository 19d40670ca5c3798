import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  HooklineError,
  isHooklineError,
  messageOf,
  type LogEntry,
  type SessionLog,
  type SessionMeta,
} from 'hookline'
import { acquireLock } from 'hookline/kit'
import { lineOf, lineText, metaLine } from './rollout-line.ts'

const two = (value: number) => String(value).padStart(2, '0')

/** Where a new session is kept: by its local start day and time. */
export function rolloutPath(folder: string, meta: SessionMeta): string {
  const at = new Date(meta.startedAt)
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())] as const
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join('-')
  return join(folder, ...day.map(String), `rollout-${day.join('-')}T${time}-${meta.id}.jsonl`)
}

/** Where a file ends that can be read: its good bytes and the number of its next line. */
export interface RolloutEnd {
  readonly bytes: number
  readonly ordinal: number
}

export interface RolloutOptions {
  readonly path: string
  /** Folder of the lock files. */
  readonly locks: string
  readonly id: string
  /** A new file: its first line. */
  readonly meta?: SessionMeta
}

async function takeLock(locks: string, id: string): Promise<AsyncDisposable> {
  mkdirSync(locks, { recursive: true, mode: 0o700 })
  return acquireLock(join(locks, `${id}.lock`), { timeoutMs: 0 })
}

function notWritten(path: string, error: unknown): HooklineError {
  return new HooklineError('STORE_WRITE_FAILED', `${path} cannot be written: ${messageOf(error)}`, {
    cause: error,
    hint: 'free some space, or make the folder writable; what was recorded before is safe',
  })
}

/** The open file of one session. Lines are written whole or not at all; the file is made with its first entry. */
export class RolloutLog implements SessionLog {
  readonly path: string
  readonly #options: RolloutOptions
  #fd: number | undefined
  #bytes = 0
  #ordinal = 0
  #goesOn = false
  #claiming: Promise<AsyncDisposable> | undefined
  #closed = false

  constructor(options: RolloutOptions) {
    this.path = options.path
    this.#options = options
  }

  /** Says where an existing file goes on; what stands behind is cut off with the first entry. */
  goOn({ bytes, ordinal }: RolloutEnd): void {
    this.#bytes = bytes
    this.#ordinal = ordinal
    this.#goesOn = true
  }

  /** Becomes the only writer, or throws SESSION_BUSY. */
  async claim(): Promise<void> {
    const { locks, id, path } = this.#options
    this.#claiming ??= takeLock(locks, id)
    try {
      await this.#claiming
    } catch (error) {
      this.#claiming = undefined
      if (!isHooklineError(error) || error.code !== 'LOCK_TIMEOUT') throw notWritten(path, error)
      throw new HooklineError('SESSION_BUSY', `another process writes session ${id}`, {
        cause: error,
        hint: 'end it there first',
      })
    }
  }

  async append(entries: readonly LogEntry[]): Promise<void> {
    if (this.#closed)
      throw new HooklineError('SESSION_CLOSED', 'the record of the session is closed')
    const bodies = entries.map(lineOf).filter((body) => body !== undefined)
    if (bodies.length === 0) return
    await this.claim()
    const fd = this.#open()
    const { meta } = this.#options
    if (this.#bytes === 0 && meta) bodies.unshift(metaLine(meta))
    const now = new Date()
    const text = bodies.map((body, at) => lineText(body, this.#ordinal + at, now)).join('')
    this.#write(fd, Buffer.from(text))
    this.#ordinal += bodies.length
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    if (this.#fd !== undefined) closeSync(this.#fd)
    const lock = await this.#claiming?.catch(() => undefined)
    await lock?.[Symbol.asyncDispose]()
  }

  #open(): number {
    if (this.#fd !== undefined) return this.#fd
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 })
      this.#fd = openSync(this.path, 'a', 0o600)
      // A line that a crash tore off was never part of the session.
      if (this.#goesOn) ftruncateSync(this.#fd, this.#bytes)
      return this.#fd
    } catch (error) {
      throw notWritten(this.path, error)
    }
  }

  #write(fd: number, data: Buffer): void {
    if (fstatSync(fd).size !== this.#bytes) {
      throw new HooklineError('SESSION_BUSY', `another process wrote to ${this.path}`, {
        hint: 'resume the session again',
      })
    }
    let written = 0
    try {
      while (written < data.length) written += writeSync(fd, data, written)
    } catch (error) {
      if (written > 0) ftruncateSync(fd, this.#bytes)
      throw notWritten(this.path, error)
    }
    this.#bytes += data.length
  }
}
