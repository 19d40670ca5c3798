import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand, type CommandRun } from './run.ts'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'hook-run-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

const env = { PATH: process.env['PATH'] ?? '', SHELL: '/bin/bash' }
const run = (command: string, more: Partial<CommandRun> = {}) =>
  runCommand({ command, cwd: folder, env, input: '{"a":1}', timeoutSec: 20, ...more })

/** A dead process that nobody has taken note of yet does not count. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** The ids of processes that a command wrote down, once it has written so many. */
async function idsIn(name: string, count: number): Promise<readonly number[]> {
  for (;;) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => '')
    const ids = text.trim().split('\n').filter(Boolean).map(Number)
    if (ids.length >= count) return ids
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('a command', () => {
  it('is a shell line, with the input on stdin', async () => {
    const result = await run('X=abc; echo "got $X" | tr a-z A-Z; cat')
    expect(result).toEqual({ kind: 'exited', code: 0, stdout: 'GOT ABC\n{"a":1}', stderr: '' })
  })

  it('runs in $SHELL, else in /bin/sh', async () => {
    expect(await run('echo ${BASH_VERSION:+bash}')).toMatchObject({ stdout: 'bash\n' })
    expect(await run('echo "$0"', { env: { PATH: env.PATH } })).toMatchObject({
      stdout: '/bin/sh\n',
    })
  })

  it('leads a session and a process group of its own', async () => {
    const result = await run('ps -o pid=,pgid=,sid= -p $$')
    const [pid, group, session] = result.kind === 'exited' ? result.stdout.trim().split(/\s+/) : []
    expect([group, session]).toEqual([pid, pid])
  })

  it('does not read the start-up files of its shell', async () => {
    await writeFile(join(folder, '.bashrc'), 'echo from bashrc')
    expect(await run('echo only this', { env: { ...env, HOME: folder } })).toMatchObject({
      stdout: 'only this\n',
    })
  })

  it('has only the environment it is given', async () => {
    expect(await run('echo "$ONE-$HOME"', { env: { ...env, ONE: '1' } })).toMatchObject({
      stdout: '1-\n',
    })
  })

  it('tells its exit code and both streams', async () => {
    expect(await run('echo out; echo err >&2; exit 3')).toEqual({
      kind: 'exited',
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    })
  })

  it('may end by a signal', async () => {
    expect(await run('kill -9 $$')).toEqual({ kind: 'killed', signal: 'SIGKILL' })
  })

  it('need not read its stdin, however long that is', async () => {
    const input = JSON.stringify({ long: 'x'.repeat(2_000_000) })
    expect(await run('echo unread', { input })).toMatchObject({ code: 0, stdout: 'unread\n' })
    expect(await run('exec 0<&-; echo closed', { input })).toMatchObject({
      code: 0,
      stdout: 'closed\n',
    })
  })

  it('reads all of a long stdin', async () => {
    const input = JSON.stringify({ long: 'x'.repeat(2_000_000) })
    expect(await run('wc -c', { input })).toMatchObject({ stdout: `${input.length}\n` })
  })

  it('may write bytes that are no text', async () => {
    expect(await run(`printf 'a\\377b\\n'`)).toMatchObject({ stdout: 'a\uFFFDb\n' })
  })

  it('may write megabytes', async () => {
    const result = await run('head -c 5000000 /dev/zero | tr "\\0" x')
    expect(result.kind === 'exited' && result.stdout.length).toBe(5_000_000)
  })

  it('is ended when it writes without end', async () => {
    expect((await run('yes')).kind).toBe('broken')
  })

  it('does not hold up by what it leaves in the background', async () => {
    const result = await run('(sleep 30 >&2) & echo $! > left; echo done')
    expect(result).toMatchObject({ code: 0, stdout: 'done\n' })
    for (const pid of await idsIn('left', 1)) process.kill(pid, 'SIGKILL')
  })

  it('that cannot start is no crash', async () => {
    expect((await run('echo', { env: { ...env, SHELL: '/no/such/shell' } })).kind).toBe('broken')
    expect((await run('echo', { cwd: join(folder, 'gone') })).kind).toBe('broken')
  })
})

describe('a time limit', () => {
  it('ends the whole tree, also who has left the session or ignores to be asked', async () => {
    const script = [
      `trap '' TERM`,
      'echo $$ >> pids',
      '(trap "" TERM; echo $BASHPID >> pids; sleep 60 & echo $! >> pids; wait) &',
      `setsid sh -c 'echo $$ >> pids; exec sleep 60' &`,
      'while :; do sleep 60; done',
    ].join('\n')
    const running = run(script, { timeoutSec: 1 })
    const pids = await idsIn('pids', 4)
    expect(await running).toEqual({ kind: 'timed_out', seconds: 1 })
    expect(pids.filter(isAlive)).toEqual([])
  })

  it('takes what was written before with it', async () => {
    expect(await run('echo start; exec sleep 60', { timeoutSec: 1 })).toEqual({
      kind: 'timed_out',
      seconds: 1,
    })
  })
})

describe('an interruption', () => {
  it('ends the tree', async () => {
    const controller = new AbortController()
    const running = run('echo $$ > interrupted; sleep 60', { signal: controller.signal })
    const [pid = 0] = await idsIn('interrupted', 1)
    controller.abort()
    expect(await running).toEqual({ kind: 'interrupted' })
    expect(isAlive(pid)).toBe(false)
  })

  it('before the start means no start', async () => {
    expect(await run('touch ran', { signal: AbortSignal.abort() })).toEqual({ kind: 'interrupted' })
    await expect(readFile(join(folder, 'ran'))).rejects.toThrow('ENOENT')
  })
})
