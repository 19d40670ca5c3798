import { spawnSync } from 'node:child_process'
import { constants } from 'node:fs'
import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cliStage, eventsOf, inputOf, readLines, type CliStage } from '../support/cli-stage.ts'

const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** The text and the pictures that were asked last. */
function asked(stage: CliStage): readonly unknown[] {
  const content = inputOf(stage.server, -1).at(-1)?.['content']
  return Array.isArray(content)
    ? content.map((part: { text?: string; image_url?: string }) => part.text ?? part.image_url)
    : []
}

function stageFor(runs: number): Promise<CliStage> {
  return cliStage(Array.from({ length: runs }, () => ['ok']))
}

describe('the prompt', () => {
  const both = 'ask\n\n<stdin>\npiped\n</stdin>'

  it.each([
    { what: 'is the argument', words: ['ask'], input: null, expected: 'ask' },
    { what: 'is followed by what is piped in', words: ['ask'], input: 'piped\n', expected: both },
    { what: 'stands alone when the pipe is blank', words: ['ask'], input: ' \n', expected: 'ask' },
    { what: 'may begin with a dash after --', words: ['--', '-x'], input: null, expected: '-x' },
    { what: 'is what is piped in for -', words: ['-'], input: 'a\n', expected: 'a\n' },
    { what: 'is what is piped in without an argument', words: [], input: 'a', expected: 'a' },
  ])('$what', async ({ words, input, expected }) => {
    await using stage = await stageFor(1)
    expect(await stage.exec(words, { input })).toMatchObject({ code: 0, stdout: 'ok\n' })
    expect(asked(stage)).toEqual([expected])
  })

  it.each([
    { words: [], input: null },
    { words: ['-'], input: '' },
    { words: [' '], input: null },
  ])('must be there: $words', async ({ words, input }) => {
    await using stage = await stageFor(0)
    const run = await stage.exec(words, { input })
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(run.stderr).toMatch(/^error\[PROMPT_MISSING\]: /m)
  })
})

describe('images', () => {
  it('stand before the text, and take all words up to the next flag or --', async () => {
    await using stage = await stageFor(3)
    await writeFile(join(stage.project, 'a.png'), Buffer.from(pixel, 'base64'))
    const image = [
      '<image name=[Image #1] path="a.png">',
      `data:image/png;base64,${pixel}`,
      '</image>',
    ]
    const second = image.map((text) => text.replace('#1', '#2'))
    await stage.exec(['-i', 'a.png', 'a.png', '--', 'ask'], { input: null })
    expect(asked(stage)).toEqual([...image, ...second, 'ask'])
    await stage.exec(['-i', 'a.png', '-m', 'gpt-5.5', 'ask'], { input: null })
    expect(asked(stage)).toEqual([...image, 'ask'])
    const missing = await stage.exec(['ask', '-i', 'b.png'], { input: null })
    expect(missing.code).toBe(0)
    expect(asked(stage)).toEqual([
      expect.stringMatching(/^The image b\.png could not be read/),
      'ask',
    ])
  })
})

describe('the final message', () => {
  it('is alone on stdout, and in the file that was asked for', async () => {
    await using stage = await stageFor(1)
    const run = await stage.exec(['-o', 'answer', 'ask'])
    expect(run).toMatchObject({ code: 0, stdout: 'ok\n' })
    expect(await readFile(join(stage.project, 'answer'), 'utf8')).toBe('ok')
  })

  it.skipIf(process.platform === 'win32')('is written to a pipe that has a name', async () => {
    await using stage = await stageFor(1)
    const path = join(stage.project, 'pipe')
    spawnSync('mkfifo', [path])
    // Opened for both, so that neither side has to wait for the other.
    await using pipe = await open(path, constants.O_RDWR | constants.O_NONBLOCK)
    expect(await stage.exec(['-o', 'pipe', 'ask'])).toMatchObject({ code: 0, stdout: 'ok\n' })
    const { bytesRead, buffer } = await pipe.read(Buffer.alloc(9), 0, 9)
    expect(buffer.toString('utf8', 0, bytesRead)).toBe('ok')
  })

  it('is still told when the file cannot be written', async () => {
    await using stage = await stageFor(1)
    const run = await stage.exec(['-o', 'missing/answer', 'ask'])
    expect(run).toMatchObject({ code: 1, stdout: 'ok\n' })
    expect(run.stderr).toMatch(/\nerror\[FILE_WRITE_FAILED\]: .*missing\/answer.*\n$/)
  })

  it('leaves an older file alone when the turn fails', async () => {
    await using stage = await cliStage([{ status: 400, body: { error: { message: 'no' } } }])
    await writeFile(join(stage.project, 'answer'), 'before')
    expect(await stage.exec(['-o', 'answer', 'ask'])).toMatchObject({ code: 1, stdout: '' })
    expect(await readFile(join(stage.project, 'answer'), 'utf8')).toBe('before')
  })

  it('is asked for in a shape', async () => {
    await using stage = await stageFor(1)
    const shape = { type: 'object', properties: { a: { type: 'string' } } }
    await writeFile(join(stage.project, 'good.json'), JSON.stringify(shape))
    await stage.exec(['--output-schema', 'good.json', 'ask'])
    expect(stage.server.requests[0]?.body).toMatchObject({ text: { format: { schema: shape } } })
    await writeFile(join(stage.project, 'bad.json'), '{oops')
    await writeFile(join(stage.project, 'list.json'), '[]')
    for (const file of ['bad.json', 'list.json', 'missing.json']) {
      const run = await stage.exec(['--output-schema', file, 'ask'])
      expect(run.code).toBe(1)
      expect(run.stderr).toMatch(
        new RegExp(`error\\[OUTPUT_SCHEMA_INVALID\\]: output schema ${file}`),
      )
    }
    expect(stage.server.requests).toHaveLength(1)
  })
})

describe('flags', () => {
  it.each([
    { words: ['--nope', 'ask'], code: 2, says: /^error\[USAGE\]: .*--nope/m },
    { words: ['-m'], code: 2, says: /^error\[USAGE\]: .*--model/m },
    { words: ['--json=1', 'ask'], code: 2, says: /^error\[USAGE\]: .*--json/m },
    { words: ['ask', 'more'], code: 2, says: /^error\[USAGE\]: .*"more"/m },
    { words: ['--color', 'some', 'ask'], code: 2, says: /^error\[USAGE\]: .*"some"/m },
    { words: ['-s', 'some', 'ask'], code: 2, says: /^error\[USAGE\]: .*"some"/m },
    {
      words: ['-c', 'some', 'ask'],
      code: 1,
      says: /^error\[CONFIG_INVALID\]: Invalid override .*: some\./m,
    },
    {
      words: ['--session-source', '', 'ask'],
      code: 2,
      says: /^error\[USAGE\]: .*source is empty/m,
    },
    { words: ['-C', 'missing', 'ask'], code: 1, says: /^error\[FILE_UNREADABLE\]: .*"missing"/m },
    {
      words: ['-p', 'some', 'ask'],
      code: 1,
      says: /^error\[CONFIG_INVALID\]: there is no profile/m,
    },
    {
      words: ['--strict-config', '-c', 'some=1', 'ask'],
      code: 1,
      says: /^error\[CONFIG_UNKNOWN_KEY\]: .*`some`/m,
    },
  ])('that are wrong are told before anything happens: $words', async ({ words, code, says }) => {
    await using stage = await stageFor(0)
    const run = await stage.exec(words, { input: null })
    expect(run).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(says) })
    expect(stage.server.requests).toEqual([])
    expect(await stage.rollouts()).toEqual([])
  })

  it('-c takes TOML, words, dotted and quoted keys, the last one winning', async () => {
    await using stage = await stageFor(1)
    const settings = [
      'model=first',
      'model = "second"',
      'model_reasoning_effort=high',
      'model_providers.mock.http_headers={ "x-a" = "1", "x-b" = "a=b" }',
      'model_providers."mock".http_headers.x-c=with blank',
    ]
    const run = await stage.exec([...settings.flatMap((setting) => ['-c', setting]), 'ask'])
    expect(run.code).toBe(0)
    expect(stage.server.requests[0]).toMatchObject({
      body: { model: 'second', reasoning: { effort: 'high' } },
      headers: { 'x-a': '1', 'x-b': 'a=b', 'x-c': 'with blank' },
    })
  })

  it('say who starts the session, and for which product', async () => {
    await using stage = await stageFor(2)
    await stage.exec(['ask'])
    await stage.exec(['--session-source', 'ChatGPT', '--product', 'own', 'ask'])
    const [first = '', second = ''] = await stage.rollouts()
    const [[exec], [named]] = [await readLines(first), await readLines(second)]
    expect(exec?.['payload']).toMatchObject({ source: 'exec', product: 'codex' })
    expect(named?.['payload']).toMatchObject({ source: 'chatgpt', product: 'own' })
  })
})

/** Gives the words that follow a terminal of their own, as far as the machine can. */
const inTerminal = ['bash', '-c', 'script -qec "$(printf "%q " "$@")" /dev/null', 'bash']

describe('output', () => {
  it.each([
    { where: 'a pipe', words: [], env: {}, has: false },
    {
      where: 'a pipe, by --color always',
      words: ['--color=always'],
      env: { NO_COLOR: '1' },
      has: true,
    },
    { where: 'a terminal', words: [], env: {}, has: true, terminal: true },
    {
      where: 'a terminal, with NO_COLOR',
      words: [],
      env: { NO_COLOR: '1' },
      has: false,
      terminal: true,
    },
    {
      where: 'a terminal, by --color never',
      words: ['--color', 'never'],
      env: {},
      has: false,
      terminal: true,
    },
  ])('has colours where they are wanted: $where is $has', async ({ words, env, has, terminal }) => {
    await using stage = await stageFor(1)
    const through = terminal ? { through: inTerminal } : {}
    const run = await stage.exec([...words, 'ask'], { env, input: null, ...through })
    expect(run.code).toBe(0)
    // A terminal is one stream.
    expect(`${run.stdout}${run.stderr}`.includes('\u001B[')).toBe(has)
  })

  it('as events ends with the turn, whatever hooks do when the session closes', async () => {
    const hook = { hooks: [{ type: 'command', command: 'echo bye' }] }
    await using stage = await cliStage([['ok']], {
      files: { 'hooks.json': JSON.stringify({ hooks: { SessionEnd: [hook] } }) },
    })
    const run = await stage.exec(['--json', '--dangerously-bypass-hook-trust', 'ask'])
    const events = eventsOf(run)
    expect(events.map(({ type }) => type)).toEqual([
      'thread.started',
      'turn.started',
      'item.completed',
      'item.completed',
      'turn.completed',
    ])
    expect(events[3]).toMatchObject({ item: { type: 'hook_run', event: 'SessionEnd' } })
  })
})
