import { spawn } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { acquireLock } from './lock.ts'

let folder = ''
let path = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kit-lock-'))
  path = join(folder, 'x.lock')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const holder = (pid: number, host = hostname()) =>
  JSON.stringify({ pid, host, started_at: new Date().toISOString() })

async function deadPid(): Promise<number> {
  const child = spawn('true')
  await new Promise((resolve) => child.once('exit', resolve))
  return child.pid ?? 0
}

describe('acquireLock', () => {
  it('makes a file that says who holds it, and removes it', async () => {
    const lock = await acquireLock(path, { timeoutMs: 1_000 })
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      pid: process.pid,
      host: hostname(),
      started_at: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await lock[Symbol.asyncDispose]()
    expect(await readdir(folder)).toEqual([])
  })

  it('lets one in at a time', async () => {
    let inside = 0
    let most = 0
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        await using _ = await acquireLock(path, { timeoutMs: 20_000 })
        inside += 1
        most = Math.max(most, inside)
        await readdir(folder)
        inside -= 1
      }),
    )
    expect([most, await readdir(folder)]).toEqual([1, []])
  })

  it('lets one of several processes in at a time, also over a lock that was left behind', async () => {
    await writeFile(path, holder(await deadPid()))
    const script = `
      import { acquireLock } from ${JSON.stringify(import.meta.resolve('./lock.ts'))}
      import { appendFileSync } from 'node:fs'
      for (let round = 0; round < 5; round += 1) {
        await using _ = await acquireLock(process.argv[1], { timeoutMs: 20_000 })
        appendFileSync(process.argv[2], 'in ')
        await new Promise((resolve) => setTimeout(resolve, 1))
        appendFileSync(process.argv[2], 'out ')
      }`
    const log = join(folder, 'log')
    const codes = await Promise.all(
      Array.from({ length: 4 }, () => {
        const args = ['--input-type=module', '-e', script, path, log]
        const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
        return new Promise((resolve) => child.once('exit', resolve))
      }),
    )
    expect(codes).toEqual([0, 0, 0, 0])
    expect(await readFile(log, 'utf8')).toBe('in out '.repeat(20))
    expect(await readdir(folder)).toEqual(['log'])
  })

  it('gives up after its time and names the lock', async () => {
    await using _ = await acquireLock(path, { timeoutMs: 0 })
    await expect(acquireLock(path, { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'LOCK_TIMEOUT',
      message: expect.stringContaining(path),
    })
  })

  it.each([
    ['whose process has ended', async () => holder(await deadPid())],
    [
      'of an earlier process with our pid',
      async () =>
        JSON.stringify({
          pid: process.pid,
          host: hostname(),
          started_at: '2020-01-01T00:00:00.000Z',
        }),
    ],
  ])('takes over a lock %s at once', async (_, content) => {
    await writeFile(path, await content())
    const lock = await acquireLock(path, { timeoutMs: 1_000 })
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid })
    await lock[Symbol.asyncDispose]()
  })

  it.each([
    ['of a process that runs', () => holder(process.ppid)],
    ['of another machine', () => holder(1, 'elsewhere')],
    ['that says nothing', () => ''],
  ])('takes over a lock %s only once nobody has touched it for long', async (_, content) => {
    await writeFile(path, content())
    await expect(acquireLock(path, { timeoutMs: 20, staleMs: 5_000 })).rejects.toMatchObject({
      code: 'LOCK_TIMEOUT',
    })
    const longAgo = new Date(Date.now() - 6_000)
    await utimes(path, longAgo, longAgo)
    const lock = await acquireLock(path, { timeoutMs: 1_000, staleMs: 5_000 })
    await lock[Symbol.asyncDispose]()
  })

  it('touches its file while it is held', async () => {
    await using _ = await acquireLock(path, { timeoutMs: 0, staleMs: 80 })
    const first = (await stat(path)).mtimeMs
    await vi.waitFor(async () => expect((await stat(path)).mtimeMs).toBeGreaterThan(first), {
      timeout: 10_000,
      interval: 5,
    })
  })

  it('leaves alone what another one has taken over meanwhile', async () => {
    const lock = await acquireLock(path, { timeoutMs: 0 })
    await rm(path)
    await writeFile(path, 'theirs')
    await lock[Symbol.asyncDispose]()
    expect(await readFile(path, 'utf8')).toBe('theirs')
  })

  it('gets over a takeover that was cut short', async () => {
    await writeFile(path, holder(await deadPid()))
    await writeFile(`${path}.takeover`, '')
    const longAgo = new Date(Date.now() - 60_000)
    await utimes(`${path}.takeover`, longAgo, longAgo)
    await using _ = await acquireLock(path, { timeoutMs: 5_000 })
    expect(await readdir(folder)).toEqual(['x.lock'])
  })

  it('can be aborted while it waits', async () => {
    await using _ = await acquireLock(path, { timeoutMs: 0 })
    const controller = new AbortController()
    const waiting = acquireLock(path, { timeoutMs: 60_000, signal: controller.signal })
    setImmediate(() => controller.abort())
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('says why it cannot make the file', async () => {
    await expect(acquireLock(join(folder, 'no', 'lock'), { timeoutMs: 0 })).rejects.toMatchObject({
      code: 'FILE_WRITE_FAILED',
    })
  })
})
