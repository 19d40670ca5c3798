import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { ExecPlan } from '../points/exec.ts'
import { spawnPlan } from './spawn-plan.ts'

const sandbox = {
  mode: 'danger-full-access',
  writableRoots: [],
  network: true,
  deniedReads: [],
  deniedReadGlobs: [],
  backend: 'none',
} as const

function planFor(script: string, tty = false): ExecPlan {
  const env = { PATH: process.env['PATH'] ?? '', MARK: 'yes' }
  return { command: ['sh', '-c', script], cwd: '/', env, tty, sandbox }
}

describe('a plan without a sandbox', () => {
  it('runs with its folder and its environment', async () => {
    const running = await spawnPlan(
      planFor('pwd; echo $MARK; exit 4'),
      new AbortController().signal,
    )
    expect(await text(running.stdout)).toBe('/\nyes\n')
    expect(await running.exited).toEqual({ code: 4 })
  })

  it('gets a terminal where it asks for one', async () => {
    const running = await spawnPlan(planFor('test -t 1', true), new AbortController().signal)
    running.stdout.resume()
    expect(await running.exited).toEqual({ code: 0 })
  })

  it('is ended by the signal, and not started after it', async () => {
    const stop = new AbortController()
    const running = await spawnPlan(planFor('echo up; sleep 60'), stop.signal)
    running.stdout.once('data', () => stop.abort())
    expect(await running.exited).toEqual({ signal: 'SIGTERM' })
    await expect(spawnPlan(planFor('true'), stop.signal)).rejects.toThrow('aborted')
  })
})
