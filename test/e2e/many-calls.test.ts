import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { callOf, cliStage, commandCall, eventsOf, inputOf, outputOf } from '../support/cli-stage.ts'
import { endMarked, markedProcesses, markVariable } from '../support/marked-processes.ts'

const isLinux = process.platform === 'linux'

it('answers 50 calls at once in their order, however long their outputs are', async () => {
  const ids = Array.from({ length: 50 }, (_, at) => `c${at}`)
  const calls = ids.map((id) =>
    commandCall(`echo ${id} first; seq 1 20000`, { call_id: id, max_output_tokens: 200 }),
  )
  await using stage = await cliStage([calls, ['done']])
  const run = await stage.exec(['--json', 'go'])
  expect(run.code).toBe(0)
  const outputs = inputOf(stage.server, -1).filter(({ type }) => type === 'function_call_output')
  expect(outputs.map(({ call_id: id }) => id)).toEqual(ids)
  for (const [at, { output }] of outputs.entries()) {
    expect(output).toMatch(new RegExp(String.raw`^c${at} first$`, 'm'))
    expect(output).toMatch(/tokens? truncated|truncated/)
    expect(String(output).length).toBeLessThan(2_000)
  }
  // Whoever follows the events reads all of it.
  const shown = eventsOf(run).flatMap(({ type, item }) =>
    type === 'item.completed' ? [(item as { aggregated_output?: string }).aggregated_output] : [],
  )
  const whole = Array.from({ length: 20_000 }, (_, at) => `${at + 1}\n`).join('')
  expect(shown.filter((text) => text?.endsWith(whole))).toHaveLength(50)
})

it.runIf(isLinux)('ends what still runs when the session does, and shows its end', async () => {
  const mark = randomUUID()
  try {
    await using stage = await cliStage([
      [
        commandCall('echo here; trap "" TERM; sleep 1000; sleep 1000', { yield_time_ms: 250 }),
        commandCall('(setsid sleep 1001 &); echo left', { call_id: 'c2' }),
      ],
      ['done'],
    ])
    const run = await stage.exec(['--json', 'go'], { env: { [markVariable]: mark } })
    expect(run.code).toBe(0)
    expect(markedProcesses(mark)).toEqual([])
    expect(outputOf(stage.server, 'call_command')).toMatch(/session ID \d+/)
    const events = eventsOf(run)
    expect(events.at(-1)).toMatchObject({ type: 'turn.completed' })
    expect(events.at(-2)).toMatchObject({
      type: 'item.completed',
      item: { type: 'command_execution', aggregated_output: 'here\n', status: 'failed' },
    })
  } finally {
    endMarked(mark)
  }
})

it.runIf(isLinux)('holds no more files open after 1,000 calls than after a few', async () => {
  const count = 1_000
  const args = { cmd: ':', shell: '/bin/sh', login: false }
  const turns = Array.from({ length: count }, (_, at) => [callOf('exec_command', args, `c${at}`)])
  await using stage = await cliStage([...turns, ['done']])
  await writeFile(
    join(stage.project, 'counter.ts'),
    `
import { appendFileSync, readdirSync } from 'node:fs'
import { definePlugin } from 'hookline'
let calls = 0
export default definePlugin({
  name: 'counter',
  setup: ({ hooks }) => hooks.modelEvent.tap('count', ({ type }) => {
    if (type !== 'completed') return
    calls += 1
    if (calls % 100 === 10) appendFileSync('counts', readdirSync('/proc/self/fd').length + '\\n')
  }),
})
`,
  )
  const run = await stage.exec(['--use', 'counter.ts', 'go'])
  expect(run).toMatchObject({ code: 0, stdout: 'done\n' })
  const counts = (await readFile(join(stage.project, 'counts'), 'utf8'))
    .trim()
    .split('\n')
    .map(Number)
  expect(counts).toHaveLength(count / 100)
  expect(Math.max(...counts)).toBeLessThanOrEqual(Math.min(...counts) + 5)
  expect(
    inputOf(stage.server, -1).filter(({ type }) => type === 'function_call_output'),
  ).toHaveLength(count)
})
