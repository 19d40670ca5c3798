import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { processTreeVariable } from '../process-tree.ts'
import { runToEnd } from '../run-to-end.ts'
import { env, hasAgent, isRunning, said, sh, starterOf, textOf, until } from './agent-harness.ts'
import { spawnAgent, type SpawnAgent } from './spawn-agent.ts'

let folder = ''
let agent: SpawnAgent

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kit-agent-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
beforeEach(() => {
  agent = spawnAgent()
})
afterEach(() => agent[Symbol.asyncDispose]())

describe.skipIf(!hasAgent)('a program that the agent starts', () => {
  it('is started by another process than this one', async () => {
    const starter = await starterOf(agent)
    expect(starter).not.toBe(process.pid)
    expect(await starterOf(agent)).toBe(starter)
  })

  it.each([
    ['both streams and a code', 'echo out; echo err >&2; exit 2'],
    ['a signal', 'kill -KILL $$'],
    ['input that it does not read', 'exit 0'],
    ['input that it passes on', 'cat; cat >&2'],
    ['much output', 'seq 1 200000; seq 1 100000 >&2'],
    ['its folder', 'pwd'],
    ['closed streams', 'exec >&- 2>&-; exit 5'],
  ])('ends as it would without: %s', async (_, script) => {
    const more = { input: 'ä\0b\n'.repeat(50_000), cwd: folder }
    expect(await sh(agent, script, more)).toEqual(await sh(undefined, script, more))
  })

  it('leads a session and process group of its own', async () => {
    const stat = await said(agent, '', { file: 'cat', args: ['/proc/self/stat'] })
    const [pid, , , , group, session] = stat.split(' ')
    expect([group, session]).toEqual([pid, pid])
  })

  it('can open its streams by name', async () => {
    const script = 'cat /dev/stdin; echo out > /dev/stdout; echo err > /dev/stderr'
    const { stdout, stderr } = await sh(agent, script, { input: 'told\n' })
    expect([textOf(stdout), textOf(stderr)]).toEqual(['told\nout\n', 'err\n'])
  })

  it('gets exactly the environment it is given, and the marks', async () => {
    const own = { ...env, A: "it's = $(id)\nB=2", EMPTY: '', ÄÖ: 'ü' }
    const [out] = (await said(agent, 'env -0', { env: own, file: 'env', args: ['-0'] })).split(
      '\0\0',
    )
    const variables = Object.fromEntries(
      (out ?? '').split('\0').map((entry) => [entry.split('=')[0], entry.replace(/^[^=]*=/, '')]),
    )
    const { [processTreeVariable]: marks, '': _, ...rest } = variables
    expect(rest).toEqual(own)
    expect(marks).toMatch(/^[\da-f-]{36},[\da-f-]{36}$/)
  })

  it('is given words as data, whatever is in them', async () => {
    const words = ['$(touch x)', '`id`', "'; exit 3 #", 'a\nb', '', ' ', '\\', 'ä', '-e', '*']
    const cwd = join(folder, 'a "b" $(c)\n\'d')
    await mkdir(cwd)
    const ended = await runToEnd({ file: 'printf', args: ['%s|', ...words], cwd, env, agent })
    expect(textOf(ended.stdout)).toBe(words.map((word) => `${word}|`).join(''))
    expect(await said(agent, 'pwd; ls', { cwd })).toBe(cwd)
  })

  it('sees the name it is to have', async () => {
    const args = ['/proc/self/cmdline']
    const { stdout } = await sh(agent, '', { file: 'cat', args, argv0: 'renamed' })
    expect(textOf(stdout)).toBe('renamed\0/proc/self/cmdline\0')
  })

  it('inherits no descriptor, signal handler or mask', async () => {
    const commands = [
      { file: 'ls', args: ['/proc/self/fd'] },
      { file: 'grep', args: ['-E', 'Sig(Blk|Ign|Cgt)|Umask', '/proc/self/status'] },
    ]
    for (const command of commands)
      expect(await said(agent, '', command)).toBe(await said(undefined, '', command))
  })

  it('runs beside others', async () => {
    const script = ': > $A; until [ -e $B ]; do sleep 0.01; done; echo met'
    const pair = [
      { ...env, A: 'p', B: 'q' },
      { ...env, A: 'q', B: 'p' },
    ].map((own) => said(agent, script, { cwd: folder, env: own, timeoutMs: 10_000 }))
    expect(await Promise.all(pair)).toEqual(['met', 'met'])
  })

  it('is not waited for by way of what it leaves behind', async () => {
    const began = performance.now()
    const { stdout, stderr } = await sh(agent, 'sleep 300 & echo $! >&2; seq 1 100000')
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(textOf(stdout)).toMatch(/\n100000\n$/)
    const pid = Number(textOf(stderr))
    expect(isRunning(pid)).toBe(true)
    process.kill(pid, 'SIGKILL')
  })
})

describe.skipIf(!hasAgent)('a program that has to be ended', () => {
  it.each([
    ['in its group', 'sleep 300 & echo $!; wait'],
    ['in another session', `setsid sh -c 'echo $$; exec sleep 300' & wait`],
    ['left by its parent', `(setsid sh -c 'echo $$; exec sleep 300' &); exec sleep 300`],
    ['that ignores SIGTERM', `trap '' TERM; echo $$; while :; do sleep 1; done`],
    ['that clears its environment', `exec env -i sh -c 'echo $$; exec /bin/sleep 300'`],
  ])('ends with everything %s', async (_, script) => {
    const stop = new AbortController()
    const onStdout = () => stop.abort()
    const { stdout, aborted } = await sh(agent, script, { signal: stop.signal, onStdout })
    const pid = Number(textOf(stdout))
    expect([aborted, pid > 1, isRunning(pid)]).toEqual([true, true, false])
  })

  it('ends when its time is over', async () => {
    const { timedOut, exit } = await sh(agent, 'sleep 300', { timeoutMs: 100 })
    expect([timedOut, exit.code]).toEqual([true, undefined])
  })

  it('ends when it is aborted, also while it is being started', async () => {
    await starterOf(agent)
    const stop = new AbortController()
    const file = join(folder, 'begun')
    const running = sh(agent, `: > ${file}; sleep 300`, { signal: stop.signal })
    await until(() => existsSync(file))
    stop.abort()
    expect((await running).aborted).toBe(true)
    const early = new AbortController()
    const starting = sh(agent, 'sleep 300', { signal: early.signal })
    early.abort()
    expect((await starting).aborted).toBe(true)
  })

  it('ends when it writes too much, and little of that is ever held by the agent', async () => {
    const starter = await starterOf(agent)
    const { stdout, overflowed } = await sh(agent, 'exec yes', { maxBytes: 1_000_000 })
    expect([stdout.length, overflowed]).toEqual([1_000_000, true])
    const long = await sh(agent, 'head -c 100000000 /dev/zero', { maxBytes: 200_000_000 })
    expect(long.stdout.length).toBe(100_000_000)
    const status = await readFile(`/proc/${starter}/status`, 'utf8')
    expect(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1])).toBeLessThan(16_000)
  })
})

describe('a program that cannot be started', () => {
  it.each([
    ['a program that does not exist', { file: 'no-such-program' }],
    ['a path that does not exist', { file: '/no/such/program' }],
    ['a file that is not executable', { file: './plain' }],
    ['a script whose interpreter is missing', { file: './orphan' }],
    ['a folder that does not exist', { cwd: '/no/such/folder' }],
    ['arguments with a NUL', { args: ['a\0b'] }],
    ['arguments that are too long', { args: ['x'.repeat(3_000_000)] }],
  ])('is refused as it would be without the agent: %s', async (_, options) => {
    await writeFile(join(folder, 'plain'), 'text')
    await writeFile(join(folder, 'orphan'), '#!/no/such/interpreter\n')
    await chmod(join(folder, 'orphan'), 0o755)
    const more = { cwd: folder, ...options }
    const direct = await sh(undefined, 'true', more).catch((error: unknown) => error)
    expect(direct).toMatchObject({ code: 'EXEC_FAILED' })
    await expect(sh(agent, 'true', more)).rejects.toThrow(String(Object(direct).message))
    expect(await said(agent, 'echo goes on')).toBe('goes on')
  })
})

describe.skipIf(!hasAgent)('what is urgent', () => {
  it('does not wait for an agent, and is followed by one if it takes long', async () => {
    const script = 'echo $PPID; echo $PPID > up; while [ -e wait ]; do sleep 0.01; done'
    await writeFile(join(folder, 'wait'), '')
    const running = said(agent, script, { cwd: folder, urgent: true })
    await until(() => existsSync(join(folder, 'up')))
    await rm(join(folder, 'wait'))
    expect(await running).toBe(String(process.pid))
    const starter = await starterOf(agent)
    expect(starter).not.toBe(process.pid)
    expect(await said(agent, 'echo $PPID', { urgent: true })).toBe(String(starter))
  })
})
