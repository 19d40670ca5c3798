import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { LogEntry, SessionMeta } from 'hookline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readRollout } from './read-rollout.ts'
import { RolloutLog, rolloutPath } from './rollout-log.ts'

const id = '01a1f7f1-0188-7da2-ae9d-769ea7f218d9'
const meta: SessionMeta = {
  id,
  cwd: '/somewhere',
  source: 'exec',
  product: 'codex',
  provider: 'mock',
  model: 'gpt-5.5',
  startedAt: '2026-03-04T05:06:07.000Z',
}

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hookline-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const pathOf = () => rolloutPath(join(folder, 'sessions'), meta)
const locks = () => join(folder, 'locks')
const newLog = () => new RolloutLog({ path: pathOf(), locks: locks(), id, meta })

function entry(text: string): LogEntry {
  const item = { type: 'message', id: 'm', role: 'user', parts: [{ type: 'text', text }] } as const
  return { type: 'item', item }
}

/** Takes the file up as the store does. */
async function reopened(): Promise<RolloutLog> {
  const log = new RolloutLog({ path: pathOf(), locks: locks(), id })
  await log.claim()
  log.goOn((await readRollout(pathOf())).end)
  return log
}

interface RolloutLine {
  readonly ordinal: number
  readonly type: string
  readonly timestamp: string
}

async function lines(): Promise<readonly RolloutLine[]> {
  const text = await readFile(pathOf(), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RolloutLine) // written by the code under test
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

describe('a new record', () => {
  it('is named for the day and time at which the session began here', () => {
    const at = new Date(meta.startedAt)
    const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())]
    const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two)
    expect(rolloutPath('/s', meta)).toBe(
      `/s/${day.join('/')}/rollout-${day.join('-')}T${time.join('-')}-${id}.jsonl`,
    )
  })

  it('is nothing before its first entry, and then begins with the session', async () => {
    const log = newLog()
    await log.append([])
    expect(await readdir(folder)).not.toContain('sessions')
    await Promise.all([log.append([entry('a'), entry('b')]), log.append([entry('c')])])
    await log.close()
    const types = (await lines()).map(({ ordinal, type }) => `${ordinal} ${type}`)
    expect(types).toEqual([
      '0 session_meta',
      '1 response_item',
      '2 response_item',
      '3 response_item',
    ])
    for (const { timestamp } of await lines()) expect(timestamp).toMatch(/^\d{4}-.*\.\d{3}Z$/)
    expect((await readRollout(pathOf())).items.map((item) => item.type)).toHaveLength(3)
  })

  it('belongs to its user alone', async () => {
    const log = newLog()
    await log.append([entry('a')])
    expect((await stat(pathOf())).mode & 0o777).toBe(0o600)
    for (let at = dirname(pathOf()); at !== folder; at = dirname(at)) {
      expect([at, (await stat(at)).mode & 0o777]).toEqual([at, 0o700])
    }
    await log.close()
  })

  it('cannot be made where a file stands in its way', async () => {
    await writeFile(join(folder, 'sessions'), '')
    const log = newLog()
    await expect(log.append([entry('a')])).rejects.toMatchObject({
      code: 'STORE_WRITE_FAILED',
      message: expect.stringContaining(pathOf()),
    })
    await rm(join(folder, 'sessions'))
    await log.append([entry('b')])
    await log.close()
    expect((await readRollout(pathOf())).items).toHaveLength(1)
  })
})

describe('a record that goes on', () => {
  it('is numbered on, behind the last whole line', async () => {
    const first = newLog()
    await first.append([entry('a')])
    await first.close()
    const whole = await readFile(pathOf(), 'utf8')
    await appendFile(pathOf(), '{"timestamp":"2026-0')
    const second = await reopened()
    await second.append([entry('b')])
    await second.close()
    expect((await readFile(pathOf(), 'utf8')).startsWith(`${whole}{`)).toBe(true)
    expect((await lines()).map(({ ordinal }) => ordinal)).toEqual([0, 1, 2])
  })

  it('is left as it is until there is something to add', async () => {
    const first = newLog()
    await first.append([entry('a')])
    await first.close()
    await appendFile(pathOf(), 'torn')
    const before = await readFile(pathOf(), 'utf8')
    await (await reopened()).close()
    expect(await readFile(pathOf(), 'utf8')).toBe(before)
  })
})

describe('the writer of a record', () => {
  it('is one at a time', async () => {
    const first = newLog()
    await first.append([entry('a')])
    const second = new RolloutLog({ path: pathOf(), locks: locks(), id })
    await expect(second.claim()).rejects.toMatchObject({ code: 'SESSION_BUSY' })
    await first.close()
    await second.claim()
    await second.close()
    expect(await readdir(locks())).toEqual([])
  })

  it('cuts nothing off that somebody else wrote', async () => {
    const log = newLog()
    await log.append([entry('a')])
    await appendFile(pathOf(), '{"type":"foreign"}\n')
    const before = await readFile(pathOf(), 'utf8')
    await expect(log.append([entry('b')])).rejects.toMatchObject({ code: 'SESSION_BUSY' })
    await log.close()
    expect(await readFile(pathOf(), 'utf8')).toBe(before)
  })

  it('writes no more once it is closed, and may be closed twice', async () => {
    const log = newLog()
    await log.append([entry('a')])
    await log.close()
    await log.close()
    await expect(log.append([entry('b')])).rejects.toMatchObject({ code: 'SESSION_CLOSED' })
  })
})
