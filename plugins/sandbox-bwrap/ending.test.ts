import { spawn as startProcess, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { at, finish, planFor, run, spawn, usable } from './sandbox-fixture.ts'

describe.runIf(usable)('the end of a command', () => {
  it('comes with the signal, for all that it has started', async () => {
    const stop = new AbortController()
    const running = await spawn(planFor('setsid sh -c "echo up; sleep 60" & wait'), stop.signal)
    running.stdout.once('data', () => stop.abort())
    const ended = await finish(running)
    expect(ended.code === undefined || ended.code > 128).toBe(true)
    await expect(spawn(planFor('true'), stop.signal)).rejects.toThrow('aborted')
  })

  it('is asked for first', async () => {
    const running = await spawn(
      planFor('trap "echo bye > $WORK/bye; exit 5" TERM; echo up; while :; do sleep 0.01; done'),
    )
    running.stdout.once('data', () => void running.kill())
    await finish(running)
    await running.kill()
    expect(readFileSync(join(at.work, 'bye'), 'utf8')).toBe('bye\n')
  })

  it('comes with the end of the process that started it, however that ends', async () => {
    const program = `import(process.env.MODULE).then(({ bwrapBackend }) =>
      bwrapBackend.spawn(JSON.parse(process.env.PLAN), new AbortController().signal))`
    spawnSync('mkfifo', [join(at.work, 'fifo')])
    const plan = planFor('setsid sh -c "echo up; sleep 60" > fifo & wait')
    const owner = startProcess(process.execPath, ['--conditions=hookline-source', '-e', program], {
      env: {
        ...process.env,
        MODULE: new URL('backend.ts', import.meta.url).href,
        PLAN: JSON.stringify(plan),
      },
    })
    const written = createReadStream(join(at.work, 'fifo'))
    await once(written, 'data')
    owner.kill('SIGKILL')
    // It ends once nobody can write any more, long before the command would.
    await Promise.all([once(written, 'end'), once(owner, 'exit')])
    rmSync(join(at.work, 'fifo'))
    await run('true')
    await vi.waitFor(() => expect(readdirSync(at.work)).toEqual([]))
  })
})
