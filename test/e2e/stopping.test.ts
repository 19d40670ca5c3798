import { randomUUID } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  cliStage,
  commandCall,
  eventsOf,
  inputOf,
  outputTeller,
  readLines,
  type CliStage,
} from '../support/cli-stage.ts'
import { endMarked, markedProcesses, markVariable } from '../support/marked-processes.ts'
import { startCli, type RunningCli } from '../support/run-cli.ts'

/** Leaves nothing undone to survive: children in the background, in another session, and deaf to SIGTERM. */
const stubborn =
  'sleep 1000 & (setsid sleep 1001 &); trap "" TERM; echo command-is-up; sleep 1002; sleep 1003'

let mark = ''
beforeEach(() => {
  mark = randomUUID()
})
afterEach(() => endMarked(mark))

function stageWithCommand(): Promise<CliStage> {
  const call = commandCall(stubborn, { yield_time_ms: 30_000 })
  return cliStage([[call], ['after']], { files: outputTeller })
}

/** Starts a run and waits until its command is up. */
async function inMidCommand(stage: CliStage, ...words: readonly string[]): Promise<RunningCli> {
  const run = stage.start(['--use', '../teller.ts', ...words, 'hi'], {
    input: null,
    env: { [markVariable]: mark },
  })
  await run.line(/^command-is-up$/)
  expect(markedProcesses(mark).length).toBeGreaterThanOrEqual(4)
  return run
}

const linux = { skip: process.platform !== 'linux' }

describe('a signal in mid-command', linux, () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    '%s ends the command with all it started, the stream and the record',
    async (signal, code) => {
      await using stage = await stageWithCommand()
      const run = await inMidCommand(stage, '--json')
      run.kill(signal)
      const result = await run.ended
      expect(result).toMatchObject({ code, signal: null })
      expect(markedProcesses(mark)).toEqual([])
      const events = eventsOf(result)
      expect(events.at(-1)).toEqual({
        type: 'turn.failed',
        error: { message: `stopped by ${signal}`, code: 'TURN_INTERRUPTED' },
      })
      expect(events).toContainEqual({
        type: 'item.completed',
        item: expect.objectContaining({ type: 'command_execution', status: 'failed' }),
      })
      const [file = ''] = await stage.rollouts()
      const recorded = (await readLines(file))
        .slice(-3)
        .map(({ payload }) => JSON.stringify(payload))
      expect(recorded).toEqual([
        expect.stringMatching(/"function_call_output".*aborted by user/),
        expect.stringContaining('<turn_aborted>'),
        expect.stringContaining('"turn_aborted"'),
      ])
    },
  )

  it('is told in text, and leaves stdout empty', async () => {
    await using stage = await cliStage([{ items: [], cut: 'hang' }])
    const run = stage.start(['hi'], { input: null })
    await run.line(/^hi$/)
    run.kill('SIGINT')
    expect(await run.ended).toMatchObject({
      code: 130,
      stdout: '',
      stderr: expect.stringMatching(/\nstopped by SIGINT\n$/),
    })
  })

  it('that comes a second time ends everything at once, and the stream all the same', async () => {
    await using stage = await stageWithCommand()
    const run = await inMidCommand(stage, '--json')
    run.kill('SIGINT')
    run.kill('SIGTERM')
    const result = await run.ended
    expect([130, 143]).toContain(result.code)
    // They are killed, but nobody waits for them any more.
    await expect.poll(() => markedProcesses(mark), { interval: 10 }).toEqual([])
    expect(eventsOf(result).at(-1)).toMatchObject({ type: 'turn.failed' })
  })
})

describe('a run that is killed in mid-command', linux, () => {
  it('is taken up with its call answered as aborted, and no item lost', async () => {
    await using stage = await stageWithCommand()
    const run = await inMidCommand(stage)
    run.kill('SIGKILL')
    expect(await run.ended).toMatchObject({ code: null, signal: 'SIGKILL' })
    endMarked(mark)
    const before = inputOf(stage.server, 0)
    expect(await stage.exec(['resume', '--last', 'go on'])).toMatchObject({
      code: 0,
      stdout: 'after\n',
    })
    const after = inputOf(stage.server, 1)
    expect(after.slice(0, before.length)).toEqual(before)
    expect(after.slice(before.length)).toEqual([
      expect.objectContaining({ type: 'function_call', call_id: 'call_command' }),
      expect.objectContaining({
        type: 'function_call_output',
        call_id: 'call_command',
        output: expect.stringMatching(/^aborted/),
      }),
      expect.objectContaining({
        role: 'user',
        content: [{ type: 'input_text', text: expect.stringMatching(/^<turn_aborted>/) }],
      }),
      expect.objectContaining({ content: [{ type: 'input_text', text: 'go on' }] }),
    ])
  })

  const sandboxed =
    spawnSync('bwrap', ['--ro-bind', '/', '/', '--unshare-pid', 'true']).status === 0
  it.skipIf(!sandboxed)('leaves nothing behind of a command in the sandbox', async () => {
    await using stage = await stageWithCommand()
    const run = await inMidCommand(stage, '-s', 'workspace-write')
    run.kill('SIGKILL')
    await run.ended
    await expect.poll(() => markedProcesses(mark), { interval: 10 }).toEqual([])
  })
})

describe('a reader that goes away', () => {
  it('stops the turn without a word of complaint', async () => {
    await using stage = await cliStage(
      [[commandCall('echo command-is-up; read -r _ < go'), commandCall('sleep 1000')], ['after']],
      { files: outputTeller },
    )
    spawnSync('mkfifo', [join(stage.project, 'go')])
    const run = stage.start(['--use', '../teller.ts', '--json', 'hi'], {
      input: null,
      env: { [markVariable]: mark },
    })
    await run.line(/^command-is-up$/)
    run.closeStdout()
    await writeFile(join(stage.project, 'go'), '\n')
    const { code, stderr } = await run.ended
    expect(code).toBe(141)
    expect(stderr).toBe('command-is-up\n')
    expect(markedProcesses(mark)).toEqual([])
    expect(stage.server.requests).toHaveLength(1)
  })

  it('is no fault of a command that only lists something', async () => {
    await using stage = await cliStage([])
    const run = startCli(['--help'], { home: stage.home, source: true })
    run.closeStdout()
    expect(await run.ended).toMatchObject({ code: 0, stderr: '' })
  })

  it.skipIf(process.platform !== 'linux')(
    'and a full disk behind stdout are told apart',
    async () => {
      await using stage = await cliStage([['hello']])
      const run = await stage.exec(['hi'], {
        through: ['/bin/sh', '-c', 'exec "$@" > /dev/full', 'sh'],
      })
      expect(run.code).toBe(1)
      expect(run.stderr).toMatch(
        /\nerror\[FILE_WRITE_FAILED\]: the output cannot be written: ENOSPC.*\n$/,
      )
    },
  )
})

function stray(when: string): string {
  return `
import { definePlugin } from 'hookline'
const fail = () => { setTimeout(() => { throw new Error('stray') }, 0) }
export default definePlugin({ name: 'stray', setup({ hooks }) { ${when} } })
`
}

describe('an error that nobody awaits', () => {
  it.each([
    ['while plugins are set up', `Promise.reject(new Error('stray'))`],
    ['in the middle of a turn', `hooks.turnStart.tap('fail', fail)`],
  ])('%s fails the run with one line, and the turn if it has begun', async (_when, code) => {
    await using stage = await cliStage([{ items: [], cut: 'hang' }], {
      files: { 'stray.ts': stray(code) },
    })
    const run = await stage.exec(['--json', '--use', '../stray.ts', 'hi'], { input: null })
    expect(run).toMatchObject({ code: 1, stderr: 'error[INTERNAL]: stray.\n' })
    const types = eventsOf(run).map(({ type }) => type)
    expect(types.at(-1)).toBe(types.includes('turn.started') ? 'turn.failed' : undefined)
  })
})
