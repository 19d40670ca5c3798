import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findSession, latestSession } from './find.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hookline-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

interface Recorded {
  readonly id: string
  readonly day?: string
  readonly cwd?: string
  readonly parent?: string
  /** Minutes since some time at which it was written last. */
  readonly at?: number
  readonly first?: string
}

async function put({ id, day = '2026/03/04', at = 0, ...facts }: Recorded): Promise<string> {
  const file = join(folder, day, `rollout-2026-03-04T05-06-07-${id}.jsonl`)
  const parent = facts.parent === undefined ? {} : { parent_thread_id: facts.parent }
  const payload = { id, cwd: facts.cwd ?? '/here', ...parent }
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, facts.first ?? `${JSON.stringify({ type: 'session_meta', payload })}\n{}\n`)
  const time = new Date(1_770_000_000_000 + at * 60_000)
  await utimes(file, time, time)
  return file
}

const [one, two, three] = [1, 2, 3].map((at) => `019cb6f${at}-0000-7000-8000-000000000000`) as [
  string,
  string,
  string,
]

describe('a session is found by its id', () => {
  it('on the day that its id tells, and on any other', async () => {
    const started = Number.parseInt(one.replaceAll('-', '').slice(0, 12), 16)
    const day = new Date(started).toISOString().slice(0, 10).replaceAll('-', '/')
    const files = [await put({ id: one, day }), await put({ id: two, day: '2020/01/01' })]
    expect([await findSession(folder, one), await findSession(folder, two)]).toEqual(files)
  })

  it('and by nothing else', async () => {
    await put({ id: one })
    for (const name of [two, one.slice(1), `x${one}`, '', '..', `../${one}`, '*']) {
      expect([name, await findSession(folder, name)]).toEqual([name, undefined])
    }
    expect(await findSession(join(folder, 'missing'), one)).toBeUndefined()
  })
})

describe('the latest session', () => {
  it('is the one that was written last, in one folder or in all', async () => {
    await put({ id: one, at: 3, day: '2020/01/01' })
    await put({ id: two, at: 2 })
    await put({ id: three, at: 5, cwd: '/there' })
    expect(await latestSession(folder, '/here')).toBe(one)
    expect(await latestSession(folder, '/there')).toBe(three)
    expect(await latestSession(folder, undefined)).toBe(three)
    expect(await latestSession(folder, '/nowhere')).toBeUndefined()
  })

  it('is none of a subagent, and none that cannot be read', async () => {
    await put({ id: one, at: 1 })
    await put({ id: two, at: 2, parent: one })
    await put({ id: three, at: 3, first: '{"type":"session_meta","payl' })
    await writeFile(join(folder, '2026/03/04/notes.jsonl'), '{}\n')
    await symlink(join(folder, 'gone'), join(folder, '2026/03/04/rollout-x.jsonl'))
    await writeFile(join(folder, 'file'), '')
    expect(await latestSession(folder, undefined)).toBe(one)
  })

  it('is none where nothing was ever recorded', async () => {
    expect(await latestSession(join(folder, 'missing'), undefined)).toBeUndefined()
  })
})
