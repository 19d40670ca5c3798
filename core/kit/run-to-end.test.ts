import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runToEnd } from './run-to-end.ts'
import type { RunOptions } from './run-to-end.ts'

let folder = ''
const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kit-run-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = (script: string, more: Partial<RunOptions> = {}) =>
  runToEnd({ file: 'sh', args: ['-c', script], cwd: folder, env, graceMs: 50, ...more })

const show = (bytes: Uint8Array) => Buffer.from(bytes).toString()

function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

describe('runToEnd', () => {
  it('collects both streams and the exit code', async () => {
    const { exit, stdout, stderr, ...flags } = await run('echo out; echo err >&2; exit 2')
    expect([exit, show(stdout), show(stderr)]).toEqual([{ code: 2 }, 'out\n', 'err\n'])
    expect(flags).toEqual({ timedOut: false, aborted: false, overflowed: false })
  })

  it('writes the input, also more than a pipe holds', async () => {
    const input = 'ä'.repeat(500_000)
    expect(show((await run('cat', { input })).stdout)).toBe(input)
    expect(show((await run('cat', { input: Buffer.from(input) })).stdout)).toBe(input)
  })

  it('lets a program open its stdin by name', async () => {
    expect(show((await run('cat /dev/stdin', { input: 'told' })).stdout)).toBe('told')
    expect((await run('cat /dev/stdin')).exit).toEqual({ code: 0 })
  })

  it('gives an empty stdin without input', async () => {
    expect(show((await run('cat; echo end')).stdout)).toBe('end\n')
  })

  it.each(['exit 0', 'exec <&-; sleep 0.05'])(
    'does not mind that nobody reads the input: %s',
    async (script) => {
      expect((await run(script, { input: 'x'.repeat(1_000_000) })).exit).toEqual({ code: 0 })
    },
  )

  it('reads all that was written before the exit', async () => {
    const { stdout, stderr } = await run('seq 1 100000; sleep 300 & echo $! >&2')
    process.kill(Number(show(stderr)))
    expect(stdout.length).toBe(588_895)
  })

  it('does not wait for a background process that holds the pipes, nor end it', async () => {
    const started = performance.now()
    const { exit, stdout } = await run('sleep 300 & echo $!', { timeoutMs: 20_000 })
    expect(performance.now() - started).toBeLessThan(5_000)
    const pid = Number(show(stdout))
    expect([exit, isRunning(pid)]).toEqual([{ code: 0 }, true])
    process.kill(pid)
  })

  it('does not wait for one that never stops writing', async () => {
    const script = '(while :; do echo x; done) & echo $! >&2'
    const { stderr, exit } = await run(script)
    process.kill(Number(show(stderr)))
    expect(exit).toEqual({ code: 0 })
  })

  it('takes a timeout of months for a long one', async () => {
    const { exit, timedOut } = await run('sleep 0.1', { timeoutMs: 3_000_000_000 })
    expect({ exit, timedOut }).toEqual({ exit: { code: 0 }, timedOut: false })
  })

  it('ends the whole tree at the timeout and keeps the output so far', async () => {
    const { stdout, timedOut, exit } = await run(`setsid sh -c 'echo $$; exec sleep 300' & wait`, {
      timeoutMs: 300,
    })
    expect([timedOut, isRunning(Number(show(stdout)))]).toEqual([true, false])
    expect(exit).toEqual({ signal: 'SIGTERM' })
  })

  it('ends the whole tree when it is aborted', async () => {
    const controller = new AbortController()
    const pending = run('echo $$; sleep 300', { signal: controller.signal, timeoutMs: 60_000 })
    setImmediate(() => controller.abort())
    const { aborted, timedOut, exit } = await pending
    expect([aborted, timedOut, exit]).toEqual([true, false, { signal: 'SIGTERM' }])
  })

  it('starts nothing when it was aborted before', async () => {
    const result = await run('touch started', { signal: AbortSignal.abort() })
    expect(result).toMatchObject({ aborted: true, exit: {} })
    expect((await run('ls')).stdout).toHaveLength(0)
  })

  it('ends a process that writes more than is wanted', async () => {
    const { stdout, stderr, overflowed } = await run('echo few >&2; yes', { maxBytes: 1000 })
    expect([stdout.length, show(stderr), overflowed]).toEqual([1000, 'few\n', true])
    expect((await run('head -c 1000 /dev/zero', { maxBytes: 1000 })).overflowed).toBe(false)
  })

  it('rejects when the program cannot be started', async () => {
    await expect(
      runToEnd({ file: 'no-such-program', args: [], cwd: folder, env }),
    ).rejects.toMatchObject({
      code: 'EXEC_FAILED',
    })
  })
})
