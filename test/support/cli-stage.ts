import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { modelServer, type ModelServer } from 'hookline/testing'
import { startCli, type CliOptions, type CliResult, type RunningCli } from './run-cli.ts'
import { homeFor, type HomeContent } from './temp-home.ts'

type Json = Readonly<Record<string, unknown>>

/** What a run is given beside its words. */
export type StageOptions = Partial<Omit<CliOptions, 'home'>>

/** A home, an empty folder to work in, and a scripted model that both are connected to. */
export interface CliStage extends AsyncDisposable {
  readonly server: ModelServer
  readonly home: string
  readonly project: string
  /** Runs `exec` there, outside of a repository and unconfined unless the words say otherwise. */
  exec(words: readonly string[], options?: StageOptions): Promise<CliResult>
  start(words: readonly string[], options?: StageOptions): RunningCli
  /** The rollout files, oldest first. */
  rollouts(): Promise<readonly string[]>
}

/** Puts up a stage. Disposing takes it down. */
export async function cliStage(
  turns: Parameters<typeof modelServer>[0],
  content: HomeContent = {},
): Promise<CliStage> {
  const server = await modelServer(turns)
  const home = await homeFor(server.url, {
    ...content,
    settings: `sandbox_mode = "danger-full-access"\n${content.settings ?? ''}`,
  })
  const project = join(home.path, 'project')
  await mkdir(project, { recursive: true })
  const start = (words: readonly string[], options: StageOptions = {}) =>
    startCli(['exec', '--skip-git-repo-check', ...words], {
      home: home.path,
      cwd: project,
      // What is tested is how it behaves, and sources are never older than they look.
      source: process.env['HOOKLINE_TEST_COMMAND'] !== 'build',
      ...options,
    })
  return {
    server,
    home: home.path,
    project,
    start,
    exec: (words, options) => start(words, options).ended,
    rollouts: () => rolloutsIn(home.path),
    [Symbol.asyncDispose]: async () => {
      await server.close()
      await home[Symbol.asyncDispose]()
    },
  }
}

async function rolloutsIn(home: string): Promise<readonly string[]> {
  const names = await readdir(join(home, 'sessions'), { recursive: true }).catch(() => [])
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .toSorted()
    .map((name) => join(home, 'sessions', name))
}

/** A scripted call of a tool. */
export function callOf(name: string, args: unknown, callId = `call_${name}`): Json {
  return {
    type: 'function_call',
    name,
    call_id: callId,
    arguments: typeof args === 'string' ? args : JSON.stringify(args),
  }
}

/** A scripted call of a command. */
export function commandCall(cmd: string, more: Json = {}): Json {
  const { call_id: callId = 'call_command', ...rest } = more
  return callOf('exec_command', { cmd, ...rest }, String(callId))
}

/** The events of `--json`: every line of stdout is one. */
export function eventsOf(result: CliResult): readonly Json[] {
  return parsedLines(result.stdout)
}

/** JSON Lines as values. */
export function parsedLines(text: string): readonly Json[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Json) // what is no object fails where it is looked into
}

/** The lines of a file of JSON Lines. */
export async function readLines(file: string): Promise<readonly Json[]> {
  return parsedLines(await readFile(file, 'utf8'))
}

/** The conversation that the n-th request to the scripted model held. */
export function inputOf(server: ModelServer, at: number): readonly Json[] {
  const body = server.requests.at(at)?.body
  const input = typeof body === 'object' && body !== null && 'input' in body ? body.input : []
  return Array.isArray(input) ? input : []
}

/** The names of the tools that the n-th request offered. */
export function toolsOf(server: ModelServer, at: number): readonly unknown[] {
  const body = server.requests.at(at)?.body
  const tools = typeof body === 'object' && body !== null && 'tools' in body ? body.tools : []
  return Array.isArray(tools) ? tools.map((tool: Json) => tool['name']) : []
}

/** What the model was told of the result of its call in the last request. */
export function outputOf(server: ModelServer, callId: string): unknown {
  return inputOf(server, -1).find(
    (item) => item['call_id'] === callId && String(item['type']).endsWith('_output'),
  )?.['output']
}

/** A plugin that writes what commands print to stderr at once, so that a test can wait for it. */
export const outputTeller = {
  'teller.ts': `
import { definePlugin } from 'hookline'
export default definePlugin({
  name: 'output-teller',
  setup: ({ hooks }) => hooks.toolOutput.tap('tell', ({ text }) => void process.stderr.write(text)),
})
`,
}
