import { openSync, closeSync, readFileSync, existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile, chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { killTree, processTreeVariable } from './process-tree.ts'
import { spawnTree } from './spawn.ts'
import type { SpawnOptions } from './spawn.ts'

let folder = ''
const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kit-spawn-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const shell = (script: string, more: Partial<SpawnOptions> = {}) =>
  spawnTree({ file: 'sh', args: ['-c', script], cwd: folder, env, ...more })

async function line(stream: Readable): Promise<string> {
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) return String(chunk).trim()
  return ''
}

/** True for processes that run; those that nobody has reaped yet are dead. */
function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

describe('spawnTree', () => {
  it('leads a session and process group of its own', async () => {
    const child = await shell('cat /proc/$$/stat')
    const fields = (await text(child.stdout)).split(') ')[1]?.split(' ') ?? []
    expect(fields.slice(2, 4).map(Number)).toEqual([child.pid, child.pid])
    expect(await child.exited).toEqual({ code: 0 })
  })

  it('gives exactly the environment, the working folder and the name it is told to', async () => {
    const child = await shell('pwd; echo "$0"; env', {
      args: ['-c', 'pwd; env'],
      argv0: 'other',
      env: { ...env, X: 'a b' },
    })
    const [cwd, ...variables] = (await text(child.stdout)).trim().split('\n')
    expect(cwd).toBe(folder)
    const names = variables
      .map((variable) => variable.split('=')[0])
      .filter((name) => !['PWD', '_', 'SHLVL', 'OLDPWD'].includes(name ?? ''))
    expect(new Set(names)).toEqual(new Set([processTreeVariable, 'PATH', 'X']))
    const named = await spawnTree({
      file: 'cat',
      args: ['/proc/self/cmdline'],
      cwd: folder,
      env,
      argv0: 'renamed',
    })
    expect(await text(named.stdout)).toBe('renamed\0/proc/self/cmdline\0')
  })

  it('passes on open files as 3 and 4', async () => {
    await writeFile(join(folder, 'a'), 'from a\n')
    const fds = [openSync(join(folder, 'a'), 'r'), openSync(join(folder, 'b'), 'w')] as const
    const child = await shell('cat <&3 >&4', { extraFds: fds })
    await child.exited
    for (const fd of fds) closeSync(fd)
    expect(await readFile(join(folder, 'b'), 'utf8')).toBe('from a\n')
  })

  it('takes an open file for its stdin, and then has none to write to', async () => {
    await writeFile(join(folder, 'in'), 'from in\n')
    const stdinFd = openSync(join(folder, 'in'), 'r')
    const child = await shell('cat', { stdinFd })
    closeSync(stdinFd)
    expect(await text(child.stdout)).toBe('from in\n')
    child.stdin.write('lost')
    child.stdin.end()
    expect(child.stdin.writable).toBe(false)
  })

  it('says how the process ended', async () => {
    expect(await (await shell('exit 3')).exited).toEqual({ code: 3 })
    expect(await (await shell('kill -KILL $$')).exited).toEqual({ signal: 'SIGKILL' })
  })

  it('survives writing to a process that does not read', async () => {
    const child = await shell('exec <&-; echo closed; read x < /dev/null; exit 0')
    await line(child.stdout)
    child.stdin.write('x'.repeat(1_000_000))
    expect(await child.exited).toEqual({ code: 0 })
    await new Promise((resolve) =>
      child.stdin.destroyed ? resolve(0) : child.stdin.once('close', resolve),
    )
  })

  it('nests the marks of trees, so that an outer one still finds everything', async () => {
    const child = await shell(`echo $${processTreeVariable}`, {
      env: { ...env, [processTreeVariable]: 'outer' },
    })
    expect(await text(child.stdout)).toMatch(/^outer,[\da-f-]{36}\n$/)
  })

  it.each([
    [
      'a program that does not exist',
      { file: 'no-such-program' },
      /"no-such-program".*no such program/,
    ],
    ['a file that is not executable', { file: './plain' }, /may not be executed/],
    [
      'a working folder that does not exist',
      { cwd: '/no/such/folder' },
      /working folder "\/no\/such\/folder" cannot be used/,
    ],
    ['a working folder that is a file', { cwd: '/etc/passwd' }, /working folder/],
    ['arguments with a NUL', { args: ['a\0b'] }, /null bytes/],
    ['arguments that are too long', { args: ['x'.repeat(3_000_000)] }, /too long/],
  ])('refuses %s with a reason', async (_, options, message) => {
    await writeFile(join(folder, 'plain'), 'text')
    await chmod(join(folder, 'plain'), 0o644)
    await expect(shell('true', options)).rejects.toMatchObject({
      code: 'EXEC_FAILED',
      message: expect.stringMatching(message),
      hint: expect.any(String),
    })
  })
})

describe('kill', () => {
  it('ends a process that listens to SIGTERM without waiting for the grace time', async () => {
    const child = await shell(
      'trap "echo asked; exit 7" TERM; echo ready; while :; do sleep 0.01; done',
      { graceMs: 60_000 },
    )
    await line(child.stdout)
    await child.kill()
    expect(await child.exited).toEqual({ code: 7 })
  })

  it('forces what ignores SIGTERM', async () => {
    const child = await shell('trap "" TERM; echo ready; while :; do sleep 1; done', {
      graceMs: 20,
    })
    await line(child.stdout)
    await child.kill()
    expect(await child.exited).toEqual({ signal: 'SIGKILL' })
  })

  it.each([
    ['in the group', 'sleep 300 & echo $!; wait'],
    ['in sessions of their own', `setsid sh -c 'echo $$; exec sleep 300' & wait`],
    ['whose parent has ended', `(sleep 300 & echo $!); exec sleep 300`],
    [
      'whose parent has ended, in sessions of their own',
      `(setsid sh -c 'echo $$; exec sleep 300' &); exec sleep 300`,
    ],
    ['of a first process that has ended', `setsid sh -c 'echo $$; exec sleep 300' & exit 0`],
    [
      'that ignore SIGTERM in a session of their own',
      `setsid sh -c 'trap "" TERM; echo $$; while :; do sleep 1; done' & wait`,
    ],
    [
      'in a session of their own without the mark',
      `env -i PATH="$PATH" setsid sh -c 'echo $$; exec sleep 300' & wait`,
    ],
  ])('ends descendants %s', async (_, script) => {
    const child = await shell(script, { graceMs: 50 })
    const pid = Number(await line(child.stdout))
    expect(isRunning(pid)).toBe(true)
    await child.kill()
    expect(isRunning(pid)).toBe(false)
    await child.exited
  })

  it('ends what is started while it is being ended', async () => {
    const child = await shell(
      `trap "setsid sleep 300 & echo \\$! ; wait" TERM; echo ready; while :; do sleep 0.01; done`,
      { graceMs: 50 },
    )
    let output = ''
    await new Promise((resolve) =>
      child.stdout.on('data', (chunk) => resolve((output += String(chunk)))),
    )
    await child.kill()
    const pids = output.match(/\d+/g) ?? []
    expect(pids.length).toBeGreaterThan(0)
    expect(pids.map(Number).filter(isRunning)).toEqual([])
  })

  it('leaves other trees alone, also those started by the same process', async () => {
    const [one, other] = await Promise.all([
      shell('echo; exec sleep 300'),
      shell('echo; exec sleep 300'),
    ])
    await Promise.all([line(one.stdout), line(other.stdout)])
    await one.kill()
    expect(isRunning(other.pid)).toBe(true)
    await other.kill()
  })

  it('settles for a tree that is gone, and once for all callers', async () => {
    const child = await shell('exit 0')
    await child.exited
    expect(child.kill()).toBe(child.kill())
    await child.kill()
    expect(await child.exited).toEqual({ code: 0 })
  })
})

describe('killTree', () => {
  it('ends a tree of which only the pid and the mark are known', async () => {
    const child = await shell(`(setsid sh -c 'echo $$; exec sleep 300' &); exec sleep 300`, {
      env: { ...env, [processTreeVariable]: 'known-mark' },
    })
    const pid = Number(await line(child.stdout))
    await killTree(child.pid, 'known-mark', 50)
    expect([child.pid, pid].filter(isRunning)).toEqual([])
  })

  it('settles for a pid that nobody has', async () => {
    await killTree(4_194_303, undefined, 50)
    expect(existsSync('/proc/4194303')).toBe(false)
  })
})
