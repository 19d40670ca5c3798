import type { ServerTurn } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { callOf, cliStage, eventsOf, inputOf } from '../support/cli-stage.ts'

/** The last line of stderr, which is where a run says why it failed. */
function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? ''
}

const stray = /^\s+at .*:\d+|Node\.js v/m

describe('a session that cannot start', () => {
  it('names the place in a config.toml that cannot be parsed', async () => {
    await using stage = await cliStage([], { tables: 'x = = 1' })
    const run = await stage.exec(['hi'])
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(lastLine(run.stderr)).toMatch(
      /^error\[CONFIG_UNREADABLE\]: \/\S+\/config\.toml:\d+:5 \S.*/,
    )
    expect(stage.server.requests).toEqual([])
  })

  it('lists the known providers when the one that is asked for is not among them', async () => {
    await using stage = await cliStage([])
    const run = await stage.exec(['-c', 'model_provider="nope"', '-o', 'answer', 'hi'])
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(lastLine(run.stderr)).toMatch(/^error\[PROVIDER_UNKNOWN\]: .*"nope".*\bmock\b/)
    expect(await stage.rollouts()).toEqual([])
  })

  it('runs without a hooks.json that cannot be read, and says so', async () => {
    await using stage = await cliStage([['fine']], { files: { 'hooks.json': '{ "hooks": [' } })
    const run = await stage.exec(['--json', 'hi'])
    expect(run.code).toBe(0)
    expect(eventsOf(run)).toContainEqual({
      type: 'item.completed',
      item: {
        id: 'item_0',
        type: 'error',
        message: expect.stringMatching(/hooks\.json:1:\d+: no hook of it runs/),
      },
    })
  })
})

interface Silence {
  readonly what: string
  readonly code: string
  readonly setting?: string
  readonly turn?: ServerTurn
}

describe('an endpoint that gives no answer', () => {
  const garbage = ['data: {oops\n\n', 'garbage\n\n', 'event: x\ndata: [1,2]\n\n', '\u0000\n\n']

  const page = { status: 200, body: '<html>hello</html>' }
  const failure = { status: 500, body: { error: { message: 'boom' } } }
  const cases: readonly Silence[] = [
    { what: 'has no key', code: 'AUTH_ENV_KEY_MISSING', setting: 'env_key="NOPE_KEY"' },
    {
      what: 'is not there',
      code: 'MODEL_UNREACHABLE',
      setting: 'base_url="http://127.0.0.1:1/v1"',
    },
    { what: 'hangs up', code: 'MODEL_UNREACHABLE', turn: { cut: 'drop' } },
    { what: 'answers with a page', code: 'MODEL_STREAM_BROKEN', turn: page },
    { what: 'streams garbage', code: 'MODEL_STREAM_BROKEN', turn: { raw: garbage } },
    { what: 'says that it failed', code: 'MODEL_REQUEST_FAILED', turn: failure },
  ]

  it.each(cases)(
    'because it $what fails the turn with one clear error',
    async ({ code, setting, turn }) => {
      await using stage = await cliStage(turn ? [turn] : [])
      const override = setting === undefined ? [] : ['-c', `model_providers.mock.${setting}`]
      const run = await stage.exec(['--json', ...override, '-o', 'answer', 'hi'])
      expect(run.code).toBe(1)
      expect(run.stderr.match(/^error\[/gm)).toHaveLength(1)
      expect(lastLine(run.stderr)).toMatch(new RegExp(String.raw`^error\[${code}\]: \S`))
      expect(run.stderr).not.toMatch(stray)
      const events = eventsOf(run)
      expect(events.at(-1)).toMatchObject({ type: 'turn.failed', error: { code } })
      expect(events.filter(({ type }) => type === 'turn.failed')).toHaveLength(1)
    },
  )
})

function textCall(name: string, input: string, callId: string) {
  return { type: 'custom_tool_call', name, call_id: callId, input }
}

it('tells the model what is wrong with each call, and goes on', async () => {
  await using stage = await cliStage([
    [
      callOf('nope', { a: 1 }, 'c1'),
      callOf('exec_command', '{oops', 'c2'),
      callOf('exec_command', { cmd: 5 }, 'c3'),
      callOf('exec_command', '', 'c4'),
      callOf('exec_command', 'null', 'c5'),
      textCall('exec_command', 'ls', 'c6'),
      textCall('apply_patch', 'ls', 'c7'),
      callOf('exec_command', { cmd: 'echo good' }, 'c8'),
    ],
    ['fine'],
  ])
  const run = await stage.exec(['hi'])
  expect(run).toMatchObject({ code: 0, stdout: 'fine\n' })
  const outputs = inputOf(stage.server, -1).filter(({ type }) => String(type).endsWith('_output'))
  expect(outputs.map(({ call_id: id }) => id)).toEqual('12345678'.split('').map((at) => `c${at}`))
  expect(outputs.map(({ output }) => output)).toEqual([
    'unsupported call: nope',
    expect.stringMatching(/^failed to parse function arguments: .*JSON/),
    expect.stringMatching(/^failed to parse function arguments: .*`cmd`/),
    expect.stringMatching(/^failed to parse function arguments: .*`cmd`/),
    expect.stringMatching(/^failed to parse function arguments: /),
    expect.stringMatching(/^failed to parse function arguments: /),
    expect.stringMatching(/Begin Patch/),
    expect.stringMatching(/good/),
  ])
})
