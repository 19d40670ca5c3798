import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  childrenOf,
  env,
  hasAgent,
  isRunning,
  said,
  sh,
  starterOf,
  until,
} from './agent-harness.ts'
import { spawnAgent } from './spawn-agent.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kit-agent-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const imported = (path: string) => JSON.stringify(join(import.meta.dirname, path))

/** A Node process of its own that runs scripts by way of an agent. */
async function owner(name: string, ending: string) {
  const file = join(folder, `${name}.ts`)
  const text = [
    `import { sh } from ${imported('agent-harness.ts')}`,
    `import { spawnAgent } from ${imported('spawn-agent.ts')}`,
    'const agent = spawnAgent()',
    `const run = (script) => sh(agent, script, { cwd: ${JSON.stringify(folder)} })`,
    ending,
  ]
  await writeFile(file, text.join('\n'))
  return spawn(process.execPath, [file], { env: { ...env, SECRET: 'hunter2' }, stdio: 'inherit' })
}

/** A pid that a script writes into a file. */
async function pidIn(name: string): Promise<number> {
  const file = join(folder, name)
  await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'))
  return Number(readFileSync(file, 'utf8'))
}

const exitOf = (child: ReturnType<typeof spawn>) =>
  new Promise<number | null>((resolve) => child.once('exit', resolve))

describe.skipIf(!hasAgent)('the agent', () => {
  it('has nothing of our environment, and does not show jobs', async () => {
    await using agent = spawnAgent()
    const starter = await starterOf(agent)
    await said(agent, 'true', { env: { ...env, TOKEN: 'hunter2' } })
    for (const pid of [starter, ...childrenOf(starter)]) {
      expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toMatch(/PATH|TOKEN/)
      expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).not.toContain('hunter2')
    }
  })

  it('is not started before it is needed', async () => {
    const before = childrenOf(process.pid)
    await using agent = spawnAgent()
    expect(agent).toBeDefined()
    expect(childrenOf(process.pid)).toEqual(before)
  })

  it('ends when it is disposed, with what still runs, but not with what was left behind', async () => {
    const agent = spawnAgent()
    const starter = await starterOf(agent)
    await said(agent, `setsid sh -c 'echo $$ > kept; exec sleep 300' &`, { cwd: folder })
    const left = await pidIn('kept')
    const spares = childrenOf(starter)
    const running = sh(agent, 'echo $$ > disposed; sleep 300', { cwd: folder })
    const pid = await pidIn('disposed')
    await agent[Symbol.asyncDispose]()
    expect([starter, ...spares, pid].filter(isRunning)).toEqual([])
    expect((await running).exit.signal).toMatch(/^SIG(TERM|KILL)$/)
    expect(isRunning(left)).toBe(true)
    process.kill(left, 'SIGKILL')
    expect(await said(agent, 'echo $PPID')).toBe(String(process.pid))
  })

  it('does not keep a process alive that has nothing else to do', async () => {
    const child = await owner('idle', `await run('echo $PPID > idle')`)
    expect(await exitOf(child)).toBe(0)
    const starter = await pidIn('idle')
    await until(() => !isRunning(starter))
  })
})

describe.skipIf(!hasAgent)('when this process is killed', () => {
  it('nothing that it started goes on, not even what it had left behind', async () => {
    const scripts = [
      `(setsid sh -c 'echo $$ > left; exec sleep 300' &) ; echo $PPID > starter`,
      `(setsid sh -c 'trap "" TERM HUP; echo $$ > away; while :; do sleep 1; done' &); echo $$ > main; sleep 300`,
      `env -i /bin/sh -c 'echo $$ > bare; exec /bin/sleep 300'`,
    ]
    const [first, ...others] = scripts.map((script) => `run(${JSON.stringify(script)})`)
    const child = await owner('killed', `await ${first}\n${others.join('\n')}`)
    const names = ['left', 'starter', 'away', 'main', 'bare']
    const pids = await Promise.all(names.map(pidIn))
    expect(pids.filter((pid) => !isRunning(pid))).toEqual([])
    const spares = childrenOf(pids[1] ?? 0)
    child.kill('SIGKILL')
    await until(() => ![...pids, ...spares].some(isRunning))
  })

  it('neither does what it started before there was an agent', async () => {
    const script = `(setsid sh -c 'echo $$ > early; exec sleep 300' &); exec sleep 300`
    const urgent = `sh(agent, ${JSON.stringify(script)}, { cwd: ${JSON.stringify(folder)}, urgent: true })`
    const child = await owner('hurried', `${urgent}\nawait run('echo $PPID > late')`)
    const pids = await Promise.all(['early', 'late'].map(pidIn))
    expect(pids.every(isRunning)).toBe(true)
    child.kill('SIGKILL')
    await until(() => !pids.some(isRunning))
  })

  it('or ends in another way, that is so too', async () => {
    const ending = `run('echo $$ > thrown; sleep 300')\nsetInterval(() => process.exit(3), 300)`
    const child = await owner('thrown', ending)
    const pid = await pidIn('thrown')
    expect(await exitOf(child)).toBe(3)
    await until(() => !isRunning(pid))
  })
})

describe.skipIf(!hasAgent)('when the agent is killed', () => {
  it('what it ran fails and ends, and the next run has another agent', async () => {
    await using agent = spawnAgent()
    const starter = await starterOf(agent)
    const script = `echo x >> crashed; setsid sleep 300 & echo $! > held; sleep 300`
    const running = sh(agent, script, { cwd: folder })
    const held = await pidIn('held')
    process.kill(starter, 'SIGKILL')
    // It fails to start where the agent had not told yet that it did.
    const exit = await running.then((ended) => ended.exit, String)
    expect(JSON.stringify(exit)).toMatch(/SIGKILL|process that starts programs ended/)
    expect(isRunning(held)).toBe(false)
    expect(await readFile(join(folder, 'crashed'), 'utf8')).toBe('x\n')
    const next = await starterOf(agent)
    expect([starter, process.pid]).not.toContain(next)
  })

  it('nothing runs twice, and all that could not have run yet is run by others', async () => {
    await using agent = spawnAgent()
    for (const round of ['a', 'b', 'c', 'd']) {
      process.kill(await starterOf(agent), 'SIGKILL')
      const files = [1, 2, 3].map((own) => join(folder, `once-${round}-${own}`))
      const runs = files.map((file) => sh(agent, `echo x >> ${file}`))
      const ends = await Promise.allSettled(runs)
      const failed = ends.filter(({ status }) => status === 'rejected')
      const times = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')))
      expect(times.filter((text) => text.length > 2)).toEqual([])
      expect(times.filter((text) => text === '').length).toBeLessThanOrEqual(failed.length)
    }
  })

  it('again and again, programs are started directly', async () => {
    await using agent = spawnAgent()
    const starters = new Set<number>()
    for (let at = 0; at < 20; at += 1) {
      const starter = await starterOf(agent)
      if (starter === process.pid) continue
      starters.add(starter)
      process.kill(starter, 'SIGKILL')
      await until(() => !isRunning(starter))
    }
    expect(starters.size).toBeLessThanOrEqual(5)
    expect(await starterOf(agent)).toBe(process.pid)
  })
})

describe.skipIf(!hasAgent)('many runs', () => {
  it('leave no process, descriptor or timer behind', async () => {
    await using agent = spawnAgent()
    const starter = await starterOf(agent)
    const many = async (count: number) => {
      for (let at = 0; at < count; at += 5)
        await Promise.all(Array.from({ length: 5 }, () => said(agent, 'cat', { input: 'x' })))
    }
    const held = () => ({
      ours: readdirSync('/proc/self/fd').length,
      theirs: readdirSync(`/proc/${starter}/fd`).length,
      children: childrenOf(starter).length,
      timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
    })
    await many(10)
    const before = held()
    await many(300)
    await until(() => childrenOf(starter).length === before.children)
    const after = held()
    expect([after.theirs, after.children]).toEqual([before.theirs, before.children])
    // Others may hold something for a moment here.
    expect(after.ours - before.ours).toBeLessThan(5)
    expect(after.timers - before.timers).toBeLessThan(5)
  })
})
