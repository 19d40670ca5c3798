import { spawn } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { callOf, cliStage, outputOf, toolsOf, type CliStage } from '../support/cli-stage.ts'

const root = resolve(import.meta.dirname, '../..')

/** A program of its own, in a project that has hookline installed. */
const program = `
import { definePlugin, toolKey } from 'hookline'
import { runCli } from 'hookline/cli'

const greeter = definePlugin({
  name: 'greeter',
  power: 'shape',
  setup({ services, hooks }) {
    services.provide(toolKey, 'greet', () => ({
      name: 'greet',
      description: 'Greets.',
      input: { kind: 'json', schema: { type: 'object' }, parse: (value) => value },
      parallel: true,
      repeatable: true,
      run: async ({ name }) => ({ output: 'hello ' + name, response: name }),
    }))
    hooks.postToolUse.tap('louder', (outcome) => ({ ...outcome, output: outcome.output + '!' }))
  },
})

process.exitCode = await runCli({
  plugins: (builtins) => [...builtins.filter(({ name }) => !/^tool-/.test(name)), greeter],
})
`

/** The same command line, run again and again in one process. */
const repeating = `
import { definePlugin } from 'hookline'
import { runCli } from 'hookline/cli'

const seen = []
const watcher = definePlugin({
  name: 'watcher',
  setup: ({ hooks }) => hooks.event.tap('see', ({ type }) => void seen.push(type)),
})
const listeners = () => [
  ...['SIGINT', 'SIGTERM', 'exit', 'uncaughtException'].map((name) => process.listenerCount(name)),
  ...[process.stdout, process.stderr].map((stream) => stream.listenerCount('error')),
]
const argv = ['exec', '--skip-git-repo-check', 'hi']
const run = (...more) => runCli({ argv: [...argv, ...more], plugins: (all) => [...all, watcher] })
const codes = [await run()]
const before = listeners()
codes.push(await run('too', 'much'), await run(), await run())
console.log(JSON.stringify({ codes, seen, same: String(before) === String(listeners()) }))
`

async function runProgram(stage: CliStage, code: string, words: readonly string[] = []) {
  await mkdir(join(stage.project, 'node_modules'))
  await symlink(root, join(stage.project, 'node_modules/hookline'))
  await writeFile(join(stage.project, 'own.ts'), code)
  const child = spawn(process.execPath, ['--conditions=hookline-source', 'own.ts', ...words], {
    cwd: stage.project,
    env: { PATH: process.env['PATH'], HOME: stage.home, HOOKLINE_HOME: stage.home },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return text(child.stdout)
}

it('is a program that chooses its plugins', async () => {
  await using stage = await cliStage([[callOf('greet', { name: 'Ann' }, 'c1')], ['done']])
  const words = ['exec', '--skip-git-repo-check', 'greet Ann']
  expect(await runProgram(stage, program, words)).toBe('done\n')
  expect(toolsOf(stage.server, 1)).toEqual(['greet'])
  expect(outputOf(stage.server, 'c1')).toBe('hello Ann!')
})

it('leaves the process as it was, so that it can be run again', async () => {
  await using stage = await cliStage([['one'], ['two'], { status: 400, body: {} }])
  const told = await runProgram(stage, repeating)
  expect(told).toMatch(/^one\ntwo\n\{/)
  const { codes, seen, same } = JSON.parse(told.slice(8)) as Record<string, unknown[]>
  expect(codes).toEqual([0, 2, 0, 1])
  expect(seen?.filter((type) => /^turn_(completed|failed)$/.test(String(type)))).toEqual([
    'turn_completed',
    'turn_completed',
    'turn_failed',
  ])
  expect(same).toBe(true)
})
