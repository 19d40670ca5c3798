import { appendFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  cliStage,
  commandCall,
  eventsOf,
  inputOf,
  parsedLines,
  readLines,
  type CliStage,
} from '../support/cli-stage.ts'

const reasoning = {
  type: 'reasoning',
  summary: [{ type: 'summary_text', text: 'thinking é' }],
  encrypted_content: 'abc==',
  content: null,
}

/** What the last request sent of the conversation, as text. */
function sent(stage: CliStage): readonly string[] {
  return inputOf(stage.server, -1).map((item) => JSON.stringify(item))
}

/** The id in the first line of a record. */
function idIn(meta: Readonly<Record<string, unknown>> | undefined): string {
  expect(meta).toMatchObject({ type: 'session_meta', payload: { id: expect.any(String) } })
  return (meta as { payload: { id: string } }).payload.id // looked at one line above
}

async function fileOf(stage: CliStage): Promise<string> {
  const [file = '', ...others] = await stage.rollouts()
  expect(others).toEqual([])
  return file
}

describe('a session that is taken up again', () => {
  it('sends every earlier item byte for byte, by its id and as the last one', async () => {
    await using stage = await cliStage([
      [reasoning, commandCall('printf "a\\tb\\n"')],
      ['one ✓ \u2028 </stdin> \\u0041'],
      { items: ['two'], response: { end_turn: true } },
      ['three'],
    ])
    expect((await stage.exec(['first "quoted"\n'], { input: 'piped é\n' })).code).toBe(0)
    const [first, requests] = [sent(stage), stage.server.requests.length]
    expect(requests).toBe(2)
    expect((await stage.exec(['resume', '--last', 'second'])).code).toBe(0)
    const second = sent(stage)
    expect(second.slice(0, first.length)).toEqual(first)
    expect(second).toHaveLength(first.length + 2)
    const [meta] = await readLines(await fileOf(stage))
    const id = idIn(meta)
    const run = await stage.exec(['resume', '--json', id, '-'], { input: 'third' })
    expect(eventsOf(run)[0]).toEqual({ type: 'thread.started', thread_id: id })
    expect(eventsOf(run).at(-1)).toMatchObject({
      usage: { input_tokens: 100 },
      thread_usage: { input_tokens: 400 },
    })
    expect(sent(stage).slice(0, second.length)).toEqual(second)
    expect(
      stage.server.requests.map(
        ({ body }) => (body as { prompt_cache_key?: string }).prompt_cache_key,
      ),
    ).toEqual(Array.from({ length: 4 }, () => id))
    const ordinals = (await readLines(await fileOf(stage))).map(({ ordinal }) => ordinal)
    expect(ordinals).toEqual(ordinals.map((_, at) => at))
  })

  it('belongs to its folder, however that is reached', async () => {
    await using stage = await cliStage([['one'], ['two'], ['three']])
    const other = join(stage.home, 'other')
    await mkdir(other)
    await stage.exec(['hi'])
    const elsewhere = await stage.exec(['resume', '--last', 'more'], { cwd: other })
    expect(elsewhere).toMatchObject({ code: 1, stdout: '' })
    expect(elsewhere.stderr).toMatch(/error\[SESSION_NOT_FOUND\]: .*\/other/)
    const byFlag = await stage.exec(['-C', '../project/.', 'resume', '--last', 'more'], {
      cwd: other,
    })
    expect(byFlag.stdout).toBe('two\n')
    const all = await stage.exec(['resume', '--last', '--all', 'more'], { cwd: other })
    expect(all.stdout).toBe('three\n')
    expect(await stage.rollouts()).toHaveLength(1)
  })

  it('has one writer at a time', async () => {
    await using stage = await cliStage([['one'], { items: [], cut: 'hang' }, ['three']])
    await stage.exec(['hi'])
    const first = stage.start(['resume', '--last', 'second'], { input: null })
    await first.line(/^second$/)
    const busy = await stage.exec(['resume', '--last', 'third'])
    expect(busy).toMatchObject({ code: 1, stdout: '' })
    expect(busy.stderr).toMatch(/error\[SESSION_BUSY\]: /)
    first.kill('SIGTERM')
    expect((await first.ended).code).toBe(143)
    expect((await stage.exec(['resume', '--last', 'third'])).stdout).toBe('three\n')
    expect(sent(stage).filter((item) => /"text":"(second|third)"/.test(item))).toHaveLength(2)
  })

  it('is missing by any name that is not its own', async () => {
    await using stage = await cliStage([])
    for (const name of ['0190aaaa-0000-7000-8000-000000000000', '../../../etc/passwd', 'a name']) {
      const run = await stage.exec(['resume', name, 'hi'])
      expect(run).toMatchObject({ code: 1, stdout: '' })
      expect(run.stderr).toMatch(/^error\[SESSION_NOT_FOUND\]: /m)
    }
    expect((await stage.exec(['resume'])).code).toBe(2)
  })
})

describe('a record that was damaged', () => {
  it('loses a last line that was torn off, with a warning, and goes on behind the good ones', async () => {
    await using stage = await cliStage([['one'], ['two'], ['three']])
    await stage.exec(['hi'])
    const file = await fileOf(stage)
    const whole = await readFile(file, 'utf8')
    await appendFile(file, '{"timestamp":"2026-')
    const run = await stage.exec(['resume', '--last', '--json', 'more'])
    expect(eventsOf(run)[1]).toMatchObject({
      type: 'item.completed',
      item: { type: 'error', message: expect.stringMatching(/last line .* cut off/) },
    })
    expect((await readFile(file, 'utf8')).startsWith(`${whole}{"timestamp"`)).toBe(true)
    expect(await readLines(file)).toEqual(expect.any(Array))
    const next = await stage.exec(['resume', '--last', '--json', 'more'])
    expect(eventsOf(next)[1]).toEqual({ type: 'turn.started' })
  })

  it.each(['function_call', 'function_call_output'])(
    'is used without a line in its middle that cannot be read: a %s',
    async (type) => {
      await using stage = await cliStage([[commandCall('echo hello')], ['one'], ['two']])
      await stage.exec(['hi'])
      const file = await fileOf(stage)
      const lines = (await readFile(file, 'utf8')).split('\n')
      const at = lines.findIndex((line) => line.includes(`"payload":{"type":"${type}"`))
      lines[at] = `${lines[at]?.slice(0, 60)}\u0000`
      await writeFile(file, lines.join('\n'))
      const run = await stage.exec(['resume', '--last', '--json', 'more'])
      expect(eventsOf(run)[1]).toMatchObject({
        item: { type: 'error', message: expect.stringContaining(`line ${at + 1} of ${file}`) },
      })
      expect(run.code).toBe(0)
      // A call and its output go together, or an endpoint refuses the conversation.
      const items = inputOf(stage.server, -1)
      const named = (kind: RegExp) => items.filter((item) => kind.test(String(item['type']))).length
      expect(named(/_call$/)).toBe(named(/_output$/))
      expect(await readFile(file, 'utf8')).toContain(lines.slice(0, -1).join('\n'))
    },
  )

  it('that has no first line is refused, and passed over by --last', async () => {
    await using stage = await cliStage([['one'], ['two']])
    await stage.exec(['hi'])
    const file = await fileOf(stage)
    const [meta = '', ...rest] = (await readFile(file, 'utf8')).split('\n')
    await writeFile(file, rest.join('\n'))
    const id = idIn(parsedLines(meta)[0])
    expect((await stage.exec(['resume', id, 'more'])).stderr).toMatch(/error\[STORE_UNREADABLE\]: /)
    expect((await stage.exec(['resume', '--last', 'more'])).stderr).toMatch(
      /error\[SESSION_NOT_FOUND\]: /,
    )
    expect(await readdir(join(stage.home, 'thread-writer-locks'))).toEqual([])
  })
})

describe('what is kept of a session', () => {
  it('is readable for its user alone, in a home that is made for it', async () => {
    await using stage = await cliStage([['one']])
    const home = join(stage.home, 'new/home')
    const run = await stage.exec(['-c', `model_provider="offline"`, 'hi'], {
      env: { HOOKLINE_HOME: home },
    })
    expect(run.code).toBe(0)
    const names = await readdir(home, { recursive: true, withFileTypes: true })
    const files = names.filter((entry) => entry.isFile())
    expect(files.map(({ name }) => name)).toEqual([expect.stringMatching(/^rollout-.*\.jsonl$/)])
    for (const entry of names) {
      const { mode } = await stat(join(entry.parentPath, entry.name))
      const wanted = entry.isFile() ? 0o600 : 0o700
      expect({ name: entry.name, mode: mode & 0o777 }).toEqual({ name: entry.name, mode: wanted })
    }
  })

  it('is in the usual place when the variable for another one is empty', async () => {
    await using stage = await cliStage([['one']])
    const run = await stage.exec(['-c', 'model_provider="offline"', 'hi'], {
      env: { HOOKLINE_HOME: '' },
    })
    expect(run.code).toBe(0)
    expect(await readdir(stage.project)).toEqual([])
    expect(await readdir(join(stage.home, '.hookline'))).toContain('sessions')
  })

  it('is nothing where that was asked for', async () => {
    await using stage = await cliStage([['one']])
    const before = await readdir(stage.home, { recursive: true })
    expect((await stage.exec(['--ephemeral', 'hi'])).stdout).toBe('one\n')
    expect(await readdir(stage.home, { recursive: true })).toEqual(before)
    const run = await stage.exec(['resume', '--last', 'more'])
    expect(run).toMatchObject({ code: 1, stdout: '' })
  })
})
