import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryHome } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { bundledHost } from './bundled-host.ts'
import { findHostCommand } from './host-command.ts'
import { IsolateHosts } from './isolate-hosts.ts'

const limits = { timeoutMs: 20_000 }

/** A host of a few lines: `on(message)` is called for each message, `say(message)` answers. */
const frame = `
import { writeSync } from 'node:fs'
const say = (message) => writeSync(1, JSON.stringify(message) + '\\n')
const answer = (cell, value) => say({ type: 'answer', cell, outcome: { kind: 'value', json: JSON.stringify(value) } })
const start = (on) => {
  let text = ''
  process.stdin.setEncoding('utf8').on('data', (piece) => {
    const lines = (text + piece).split('\\n')
    text = lines.pop()
    for (const line of lines) on(JSON.parse(line))
  })
}
`

async function fakeHost(code: string) {
  const home = await temporaryHome({ 'package.json': '{"type":"module"}', 'host.js': frame + code })
  const hosts = new IsolateHosts(() => findHostCommand(join(home.path, 'host.js')))
  return {
    hosts,
    run: (source: string, more: object = {}) =>
      hosts.run({ source, input: 0, limits, name: 'hook.js', ...more }),
    async [Symbol.asyncDispose]() {
      await hosts[Symbol.asyncDispose]()
      await home[Symbol.asyncDispose]()
    },
  }
}

describe('a host that fails', () => {
  it('is killed when it does not answer, and the next one answers', async () => {
    await using fake = await fakeHost(`
      say({ type: 'ready' })
      start(({ source, cell }) => {
        if (source === 'hang') for (;;);
        answer(cell, process.pid)
      })`)
    const first = await fake.run('pid')
    const hanging = await fake.run('hang', { limits: { timeoutMs: 10 } })
    expect(hanging).toEqual({
      ok: false,
      kind: 'timeout',
      message: 'hook.js takes longer than 10 ms',
    })
    const second = await fake.run('pid')
    expect([first.ok, second.ok]).toEqual([true, true])
    expect(second).not.toEqual(first)
  })

  it('does not hold up one who gave up on it', async () => {
    await using fake = await fakeHost(`
      say({ type: 'ready' })
      start(({ source }) => {
        for (;;);
      })`)
    const controller = new AbortController()
    expect(await fake.hosts.available()).toEqual({ ok: true })
    const hanging = fake.run('hang', { limits: { timeoutMs: 600_000 }, signal: controller.signal })
    controller.abort()
    expect(await hanging).toEqual({ ok: false, kind: 'aborted', message: 'hook.js was aborted' })
  })

  it('is not believed', async () => {
    await using fake = await fakeHost(`
      say({ type: 'ready' })
      start(({ source, cell }) => {
        if (source === 'nonsense') writeSync(1, 'nonsense\\n')
        else if (source === 'endless') for (;;) writeSync(1, 'x'.repeat(65536))
        else if (source === 'false') say({ type: 'answer', cell, outcome: { kind: 'value', json: '{' } })
        else if (source === 'others') [7, 8, cell + 1, -1].forEach((other) => answer(other, 'not asked'))
        if (source === 'others' || source === 'pid') answer(cell, 'asked')
      })`)
    const broken = {
      ok: false,
      kind: 'crash',
      message: 'the process that ran hook.js ended: it said what no host says',
    }
    expect(await fake.run('nonsense')).toEqual(broken)
    expect(await fake.run('endless')).toEqual(broken)
    expect(await fake.run('false')).toMatchObject({ ok: false, kind: 'error' })
    expect(await fake.run('others')).toEqual({ ok: true, value: 'asked' })
    expect(await fake.run('pid')).toEqual({ ok: true, value: 'asked' })
  })

  it('is given no more work once a run is stuck in it, but ends what it has', async () => {
    await using fake = await fakeHost(`
      let held
      say({ type: 'ready' })
      start(({ type, source, cell }) => {
        if (type === 'cancel') answer(held, process.pid)
        else if (source === 'hold') held = cell
        else if (source === 'pid') answer(cell, process.pid)
        else { say({ type: 'stuck', cell }); answer(cell, process.pid) }
      })`)
    const controller = new AbortController()
    const held = fake.run('hold', { signal: controller.signal })
    const stuck = await fake.run('stick')
    const next = await fake.run('pid')
    controller.abort()
    expect(next).toMatchObject({ ok: true })
    expect(next).not.toEqual(stuck)
    expect(await held).toEqual(stuck)
  })

  it('takes down the run that it was alone with', async () => {
    await using fake = await fakeHost(`
      say({ type: 'ready' })
      start(() => {
        process.stderr.write('#\\n# Fatal JavaScript something\\n#\\n')
        process.kill(process.pid, 'SIGKILL')
      })`)
    expect(await fake.run('x')).toEqual({
      ok: false,
      kind: 'crash',
      message: 'the process that ran hook.js ended: SIGKILL, Fatal JavaScript something',
    })
  })
})

describe('scripts are unavailable', () => {
  it('where the host ends before it is ready, at most twice', async () => {
    await using fake = await fakeHost(`process.stderr.write('no luck\\n', () => process.exit(3))`)
    const expected = {
      ok: false,
      kind: 'unavailable',
      message: 'scripts cannot run: the isolate host cannot start: exit code 3, no luck',
    }
    expect(await Promise.all([fake.run('x'), fake.run('x')])).toEqual([expected, expected])
    expect(await fake.hosts.available()).toMatchObject({ ok: false })
    const began = performance.now()
    expect(await fake.run('x')).toEqual(expected)
    expect(performance.now() - began).toBeLessThan(20)
  })

  it('where the addon cannot be loaded', async () => {
    await using host = await bundledHost()
    const found = findHostCommand(host.file)
    if (!found.ok) throw new Error(found.reason)
    const args = [...found.command.args.slice(0, -1), host.file]
    await using hosts = new IsolateHosts(() => ({ ok: true, command: { ...found.command, args } }))
    const availability = await hosts.available()
    expect(availability).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^the isolate host cannot start: .*host\.js/),
      remedy: expect.stringContaining('Node 24'),
    })
    expect(await hosts.run({ source: 'return 1', input: 0 })).toMatchObject({ kind: 'unavailable' })
  })

  it('where Node cannot be started', async () => {
    const command = { file: '/nowhere/node', args: [], cwd: '/', env: {} }
    await using hosts = new IsolateHosts(() => ({ ok: true, command }))
    expect(await hosts.run({ source: 'return 1', input: 0 })).toEqual({
      ok: false,
      kind: 'unavailable',
      message: 'scripts cannot run: the isolate host cannot start: spawn /nowhere/node ENOENT',
    })
  })

  it('where the host is not installed', async () => {
    await using home = await temporaryHome()
    const file = join(home.path, 'host.js')
    await using hosts = new IsolateHosts(() => findHostCommand(file))
    expect(await hosts.available()).toMatchObject({ ok: false, reason: `"${file}" is missing` })
    expect(await hosts.run({ source: 'return 1', input: 0 })).toEqual({
      ok: false,
      kind: 'unavailable',
      message: `scripts cannot run: "${file}" is missing`,
    })
  })

  it('after the end', async () => {
    const fake = await fakeHost(`say({ type: 'ready' }); start(() => {})`)
    await fake.hosts.available()
    const running = fake.run('x')
    await fake[Symbol.asyncDispose]()
    expect(await running).toMatchObject({ ok: false, kind: 'aborted' })
    expect(await fake.run('x')).toMatchObject({ ok: false, kind: 'unavailable' })
  })
})

describe('the process of a host', () => {
  it('has nothing but its own code', async () => {
    await using fake = await fakeHost(`
      import { readFileSync, writeFileSync } from 'node:fs'
      import { spawnSync } from 'node:child_process'
      import { Worker } from 'node:worker_threads'
      const codeOf = (work) => { try { work(); return 'allowed' } catch (error) { return error.code } }
      say({ type: 'ready' })
      start(({ cell }) => answer(cell, {
        env: Object.keys(process.env),
        cwd: process.cwd(),
        flags: process.execArgv,
        fds: [3, 4, 5].filter((fd) => codeOf(() => writeSync(fd, '')) === 'allowed'),
        own: codeOf(() => readFileSync(import.meta.filename)),
        read: codeOf(() => readFileSync('/etc/hosts')),
        write: codeOf(() => writeFileSync('/tmp/x', '')),
        spawn: codeOf(() => spawnSync('id')),
        worker: codeOf(() => new Worker('', { eval: true })),
        wasm: typeof WebAssembly,
      }))`)
    const outcome = await fake.run('x')
    expect(outcome).toMatchObject({
      ok: true,
      value: {
        env: process.platform === 'win32' ? ['SystemRoot'] : [],
        flags: expect.arrayContaining(['--jitless', '--permission', '--no-node-snapshot']),
        fds: [],
        own: 'allowed',
        read: 'ERR_ACCESS_DENIED',
        write: 'ERR_ACCESS_DENIED',
        spawn: 'ERR_ACCESS_DENIED',
        worker: 'ERR_ACCESS_DENIED',
        wasm: 'undefined',
      },
    })
    expect(outcome).not.toHaveProperty('value.cwd', realpathSync(process.cwd()))
  })

  it('is our module as it lies in the sources', () => {
    const found = findHostCommand()
    if (!found.ok) throw new Error(found.reason)
    const [file = '', addon = ''] = found.command.args.slice(-2)
    expect(file).toBe(join(import.meta.dirname, 'host.ts'))
    expect(existsSync(addon)).toBe(true)
    expect(addon).toMatch(/\.node$/)
  })
})
