import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DetachedRun } from './handler-run.ts'
import { contentOf } from './hooks-harness.ts'
import { runDetachable } from './run-detachable.ts'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'hook-detach-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

const env = { PATH: process.env['PATH'] ?? '', SHELL: '/bin/bash', SHLVL: '1' }

async function run(command: string, more: { timeoutSec?: number; signal?: AbortSignal } = {}) {
  const rests: DetachedRun[] = []
  const given = { command, cwd: folder, env, input: '{}', timeoutSec: 20, ...more }
  const result = await runDetachable(given, (rest) => void rests.push(rest))
  return { result, rest: rests[0] }
}

const silence = { kind: 'exited', code: 0, stdout: '', stderr: '' }

function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

describe('a run that says it goes on by itself', () => {
  it('is over at once, and its rest comes later', async () => {
    const { result, rest } = await run(
      `echo '{"async": true}'; until [ -e first ]; do sleep 0.01; done; echo rest; exit 3`,
    )
    expect(result).toEqual(silence)
    await writeFile(join(folder, 'first'), '')
    expect(await rest?.ended).toEqual({ kind: 'exited', code: 3, stdout: 'rest\n', stderr: '' })
  })

  it('may say so and end in one breath', async () => {
    const { result, rest } = await run(`printf '{"async":true,"asyncTimeout":9}\\nrest'`)
    expect(result).toEqual(silence)
    expect(await rest?.ended).toMatchObject({ stdout: 'rest' })
  })

  it('has from then on the time it asked for', async () => {
    const { rest } = await run(`echo '{"async":true,"asyncTimeout":200}'; sleep 60`)
    expect(await rest?.ended).toEqual({ kind: 'timed_out', seconds: 0.2 })
  })

  it('has otherwise its own time once more', async () => {
    const { rest } = await run(`echo '{"async":true}'; sleep 60`, { timeoutSec: 1 })
    expect(await rest?.ended).toEqual({ kind: 'timed_out', seconds: 1 })
  })

  it('does not end with the turn, but when it is told to', async () => {
    const controller = new AbortController()
    const command = `echo '{"async":true}'; echo $$ > pid; exec sleep 60`
    const { rest } = await run(command, { signal: controller.signal })
    const pid = Number(await contentOf(join(folder, 'pid')))
    controller.abort()
    expect(isAlive(pid)).toBe(true)
    rest?.abort()
    expect(await rest?.ended).toEqual({ kind: 'interrupted' })
    expect(isAlive(pid)).toBe(false)
  })
})

describe('a run that does not', () => {
  it.each([
    ['{"async": true}', { stdout: '{"async": true}' }],
    ['{"async": false}\nx\n', { stdout: '{"async": false}\nx\n' }],
    ['x\n{"async": true}\n', { stdout: 'x\n{"async": true}\n' }],
    ['{"async": true\n}\n', { stdout: '{"async": true\n}\n' }],
    ['', { stdout: '' }],
  ])('is waited for: %j', async (output, expected) => {
    await writeFile(join(folder, 'output'), output)
    const { result, rest } = await run('cat output; echo err >&2')
    expect(result).toEqual({ kind: 'exited', code: 0, stderr: 'err\n', ...expected })
    expect(rest).toBeUndefined()
  })

  it('ends with the turn, and at its time', async () => {
    const controller = new AbortController()
    const running = run('echo yes > began; exec sleep 60', { signal: controller.signal })
    await contentOf(join(folder, 'began'))
    controller.abort()
    expect((await running).result).toEqual({ kind: 'interrupted' })
    expect((await run('exec sleep 60', { timeoutSec: 1 })).result).toEqual({
      kind: 'timed_out',
      seconds: 1,
    })
  })

  it('may fail to start', async () => {
    const { result } = await run('x', {})
    expect(result).toMatchObject({ code: 127 })
    const given = { command: 'x', cwd: join(folder, 'gone'), env, input: '', timeoutSec: 5 }
    expect((await runDetachable(given, () => {})).kind).toBe('broken')
  })
})
