import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnTree } from 'hookline/kit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contentOf } from './hooks-harness.ts'
import { PersistentProcess, type Question } from './persistent-process.ts'
import { graceMs } from './run.ts'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'hook-persistent-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Kept extends AsyncDisposable {
  readonly process: PersistentProcess
  readonly warned: readonly string[]
  ask(value: unknown, more?: Partial<Question>): ReturnType<PersistentProcess['ask']>
}

function keep(script: string): Kept {
  const warned: string[] = []
  const program = {
    file: '/bin/bash',
    args: ['-c', script],
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', SHLVL: '1' },
  }
  const kept = new PersistentProcess(
    () => spawnTree({ ...program, graceMs }),
    (message) => void warned.push(message),
  )
  return {
    process: kept,
    warned,
    ask: (value, more = {}) =>
      kept.ask({ json: JSON.stringify(value), timeoutSec: 20, signal: undefined, ...more }),
    [Symbol.asyncDispose]: () => kept.close(),
  }
}

const answer = (stdout: string) => ({ kind: 'exited', code: 0, stdout, stderr: '' })
const echo = 'while read -r line; do echo "{\\"pid\\":$$,\\"got\\":$line}"; done'

/** A dead process that nobody has taken note of yet does not count. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

const pidOf = (result: unknown) =>
  /"pid":(\d+)/.exec(JSON.stringify(result).replaceAll('\\', ''))?.[1]

describe('a kept process', () => {
  it('is started at its first question, and answers all of them', async () => {
    await using kept = keep(echo)
    const first = await kept.ask({ a: 1 })
    const second = await kept.ask({ b: 'ü\n' })
    expect(first).toMatchObject({ stdout: expect.stringContaining('"got":{"a":1}') })
    expect(second).toMatchObject({ stdout: expect.stringContaining('"got":{"b":"ü\\n"}') })
    expect(pidOf(first)).toBe(pidOf(second))
  })

  it('is asked one question at a time, in order', async () => {
    await using kept = keep(
      'n=0; while read -r line; do n=$((n+1)); echo "{\\"n\\":$n,\\"got\\":$line}"; done',
    )
    const results = await Promise.all([1, 2, 3, 4].map((at) => kept.ask(at)))
    expect(results).toEqual([1, 2, 3, 4].map((n) => answer(`{"n":${n},"got":${n}}`)))
  })

  it('may leave blank lines, and end its lines as it likes', async () => {
    await using kept = keep(`while read -r line; do printf '\\n{"a":1}\\r\\n\\n'; done`)
    expect(await kept.ask(1)).toEqual(answer('{"a":1}'))
    expect(await kept.ask(2)).toEqual(answer('{"a":1}'))
  })

  it('may be given and give long lines', async () => {
    await using kept = keep(echo)
    const long = 'x'.repeat(1_000_000)
    expect(await kept.ask(long)).toMatchObject({ stdout: expect.stringContaining(long) })
  })

  it('that fails to start is a failed run', async () => {
    const kept = new PersistentProcess(
      () => spawnTree({ file: '/no/such/program', args: [], cwd: folder, env: {} }),
      () => {},
    )
    expect(await kept.ask({ json: '1', timeoutSec: 5, signal: undefined })).toMatchObject({
      kind: 'broken',
      message: expect.stringContaining('there is no such program'),
    })
    await kept.close()
  })
})

describe('a kept process that fails', () => {
  it('fails what it was asked, and is started anew', async () => {
    await using kept = keep(
      'read -r line; if [ ! -e crashed ]; then touch crashed; echo why >&2; exit 3; fi; while :; do echo "{}"; read -r line; done',
    )
    expect(await kept.ask(1)).toEqual({
      kind: 'broken',
      message: 'hook process ended before it answered: why',
    })
    expect(await kept.ask(2)).toEqual(answer('{}'))
  })

  it('and has answered before it ended, has answered', async () => {
    await using kept = keep('read -r line; echo "{\\"last\\":$line}"')
    expect(await kept.ask(1)).toEqual(answer('{"last":1}'))
    let second = await kept.ask(2)
    // Whether its end is seen before the next question is a matter of luck.
    while (second.kind === 'broken') second = await kept.ask(2)
    expect(second).toEqual(answer('{"last":2}'))
  })

  it('again and again is given up', async () => {
    await using kept = keep('echo x >> starts; read -r line; exit 1')
    for (let at = 0; at < 7; at += 1) expect((await kept.ask(at)).kind).toBe('broken')
    expect((await readFile(join(folder, 'starts'), 'utf8')).trim().split('\n')).toHaveLength(5)
    expect(kept.warned).toEqual([expect.stringContaining('not started again')])
  })

  it('to answer in time is ended with its tree, and started anew', async () => {
    await using kept = keep(
      'trap "" TERM; while read -r line; do if [ "$line" = 1 ]; then sleep 60 & echo "$$ $!" > late; wait; fi; echo "{}"; done',
    )
    expect(await kept.ask(1, { timeoutSec: 1 })).toEqual({ kind: 'timed_out', seconds: 1 })
    expect(await kept.ask(2)).toEqual(answer('{}'))
    await kept.process.close()
    const pids = (await contentOf(join(folder, 'late'))).trim().split(' ').map(Number)
    expect(pids).toHaveLength(2)
    expect(pids.filter(isAlive)).toEqual([])
  })

  it('to answer with an object is started anew', async () => {
    await using kept = keep(
      'while read -r line; do if [ "$line" = 1 ]; then echo loaded; fi; echo "{\\"got\\":$line}"; done',
    )
    expect(await kept.ask(1)).toMatchObject({ message: expect.stringContaining('no JSON object') })
    expect(await kept.ask(2)).toEqual(answer('{"got":2}'))
  })

  it('to keep quiet is never believed for another question', async () => {
    await using kept = keep(
      `while read -r line; do printf '{"got":%s}\\n{"extra":%s}\\n' $line $line > two; cat two; done`,
    )
    for (const at of [1, 2, 3]) expect(await kept.ask(at)).toEqual(answer(`{"got":${at}}`))
    expect(kept.warned).toEqual([expect.stringContaining('more than its answers')])
  })

  it('to read closes nothing but its own run', async () => {
    await using kept = keep('exec 0<&-; sleep 60')
    const result = await kept.ask('x'.repeat(1_000_000), { timeoutSec: 5 })
    expect(['broken', 'timed_out']).toContain(result.kind)
  })

  it('to stop writing is ended', async () => {
    await using kept = keep('read -r line; head -c 100000000 /dev/zero | tr "\\0" x; sleep 60')
    expect(await kept.ask(1)).toMatchObject({ message: expect.stringContaining('longer than') })
  })
})

describe('an interruption', () => {
  it('ends the process, because its answer would be taken for another', async () => {
    await using kept = keep(
      'while read -r line; do if [ "$line" = 1 ]; then echo yes > asked; sleep 60; fi; echo "{\\"got\\":$line}"; done',
    )
    const controller = new AbortController()
    const first = kept.ask(1, { signal: controller.signal })
    const waiting = kept.ask(2, { signal: controller.signal })
    const other = kept.ask(3)
    await contentOf(join(folder, 'asked'))
    controller.abort()
    expect([await first, await waiting]).toEqual([{ kind: 'interrupted' }, { kind: 'interrupted' }])
    expect(await other).toEqual(answer('{"got":3}'))
  })

  it('of a question that waits does not touch the process', async () => {
    await using kept = keep(
      'while read -r line; do until [ -e go ]; do :; done; echo "{\\"pid\\":$$}"; done',
    )
    const controller = new AbortController()
    const first = kept.ask(1)
    const waiting = kept.ask(2, { signal: controller.signal })
    controller.abort()
    expect(await waiting).toEqual({ kind: 'interrupted' })
    await writeFile(join(folder, 'go'), '')
    expect(pidOf(await first)).toBe(pidOf(await kept.ask(3)))
  })
})

describe('the end of a session', () => {
  it('lets what is asked be answered, and the process end by itself', async () => {
    const kept = keep('while read -r line; do echo "{\\"got\\":$line}"; done; echo bye > farewell')
    const results = [kept.ask(1), kept.ask(2)]
    await kept.process.close()
    expect(await Promise.all(results)).toEqual([answer('{"got":1}'), answer('{"got":2}')])
    expect(await readFile(join(folder, 'farewell'), 'utf8')).toBe('bye\n')
    expect(await kept.ask(3)).toEqual({ kind: 'interrupted' })
  })

  it('ends a process that does not, and what it has left behind', async () => {
    const kept = keep(
      `trap '' TERM; setsid sleep 60 & echo "$$ $!" > left; read -r line; echo '{}'; while :; do sleep 60; done`,
    )
    await kept.ask(1)
    await kept.process.close()
    const pids = (await contentOf(join(folder, 'left'))).trim().split(' ').map(Number)
    expect(pids).toHaveLength(2)
    expect(pids.filter(isAlive)).toEqual([])
  })

  it('ends one that is busy', async () => {
    const kept = keep('read -r line; echo $$ > busy; sleep 60')
    const asked = kept.ask(1)
    const pid = Number(await contentOf(join(folder, 'busy')))
    await kept.process.close()
    expect((await asked).kind).toBe('broken')
    expect(isAlive(pid)).toBe(false)
  })

  it('starts nothing that was never asked', async () => {
    const kept = keep('touch started')
    await kept.process.close()
    await expect(readFile(join(folder, 'started'))).rejects.toThrow('ENOENT')
  })
})
