import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createHost, isolateKey, type IsolateService, type Session } from 'hookline'
import { scriptedModel, temporaryHome, testKernel } from 'hookline/testing'
import { describe, expect, it, vi } from 'vitest'
import { isolateHost } from './index.ts'

const limits = { timeoutMs: 20_000 }

/** The hosts that a process has started. */
function hostsOf(parent: number | undefined): readonly number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
  return stdout.split('\n').flatMap((line) => {
    const [pid, ppid, ...args] = line.trim().split(/\s+/)
    return Number(ppid) === parent && args.join(' ').includes('isolate-host/host.')
      ? [Number(pid)]
      : []
  })
}

function isRunning(pid: number | undefined): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z')
}

const serviceOf = (session: Session): IsolateService =>
  session.kernel.services.get(isolateKey, 'default')

describe('the plugin', () => {
  it('starts no process until a script is run, and one for all scripts', async () => {
    await using test = await testKernel([isolateHost])
    const isolates = test.services.get(isolateKey, 'default')
    expect(hostsOf(process.pid)).toEqual([])
    const run = (input: unknown) => isolates.run({ source: 'return event', input, limits })
    expect(await Promise.all([run(1), run({ a: 2 })])).toEqual([
      { ok: true, value: 1 },
      { ok: true, value: { a: 2 } },
    ])
    expect(hostsOf(process.pid)).toHaveLength(1)
    expect(test.errors).toEqual([])
  })

  it('says whether scripts can run, and starts what runs them', async () => {
    await using test = await testKernel([isolateHost])
    expect(await test.services.get(isolateKey, 'default').available()).toEqual({ ok: true })
    expect(hostsOf(process.pid)).toHaveLength(1)
  })

  it('shares the process between sessions and ends it with the last one', async () => {
    await using home = await temporaryHome()
    await using host = createHost({
      home: home.path,
      plugins: [scriptedModel([]).plugin, isolateHost],
    })
    const settings = { model: 'm', model_provider: 'scripted' }
    const open = () => host.session({ cwd: home.path, source: 'test', ephemeral: true, settings })
    const [first, second] = [await open(), await open()]
    const request = { source: 'return 1', input: 0, limits }
    await Promise.all([serviceOf(first).run(request), serviceOf(second).run(request)])
    const [pid, ...others] = hostsOf(process.pid)
    expect(others).toEqual([])
    await first.close()
    expect(await serviceOf(second).run(request)).toEqual({ ok: true, value: 1 })
    expect(hostsOf(process.pid)).toEqual([pid])
    await second.close()
    expect(isRunning(pid)).toBe(false)
  })
})

/** Runs a script in a process of its own that says `done` when the script has ended, and never closes anything. */
function startUser(source: string) {
  const module = new URL('isolate-hosts.ts', import.meta.url)
  const code = `
    import { IsolateHosts } from ${JSON.stringify(module.href)}
    const hosts = new IsolateHosts()
    await hosts.available()
    console.log('ready')
    const outcome = await hosts.run(${JSON.stringify({ source, input: 0, limits: { timeoutMs: 60_000 } })})
    console.log(outcome.ok ? 'done' : outcome.message)`
  const args = ['--conditions=hookline-source', '--input-type=module', '--eval', code]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

describe('the process of the isolates', () => {
  it('keeps nobody waiting who has no script to run any more', async () => {
    const user = startUser('return 1')
    const text: string[] = []
    user.stdout.setEncoding('utf8').on('data', (piece: string) => text.push(piece))
    expect(await once(user, 'close')).toEqual([0, null])
    expect(text.join('')).toBe('ready\ndone\n')
  })

  it.each(['for (;;);', 'let x = 3n; for (;;) x *= x'])(
    'ends with whoever started it, whatever it does: %s',
    async (source) => {
      const user = startUser(source)
      await once(user.stdout, 'data')
      const [pid, ...others] = hostsOf(user.pid)
      expect([typeof pid, others]).toEqual(['number', []])
      user.kill('SIGKILL')
      await once(user, 'exit')
      await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 10_000 })
    },
  )
})
