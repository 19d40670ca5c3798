import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchModel } from './model.ts'
import { hookCommand, hookSettings, type Agent, type Workplace } from './workplace.ts'

const execFlags = [
  'exec',
  '--json',
  '--skip-git-repo-check',
  '--dangerously-bypass-approvals-and-sandbox',
  '--dangerously-bypass-hook-trust',
  'go',
]

/** Settings of hookline and Codex, which read the same files. */
function execFiles(model: BenchModel, hooks: number): Readonly<Record<string, string>> {
  const config = [
    'model = "gpt-5.5"',
    'model_provider = "bench"',
    '[model_providers.bench]',
    'name = "bench"',
    `base_url = "${model.url}"`,
    'wire_api = "responses"',
  ]
  const files = { 'config.toml': `${config.join('\n')}\n` }
  return hooks > 0 ? { ...files, 'hooks.json': JSON.stringify(hookSettings(hooks)) } : files
}

function claudeCode(bin: string, model: BenchModel): Agent {
  return {
    name: 'claude',
    commandHooks: true,
    files: (hooks) => ({ '.claude/settings.json': JSON.stringify(hookSettings(hooks)) }),
    start: () => ({
      command: [bin, '-p', 'go', '--model', 'sonnet', '--dangerously-skip-permissions'],
      env: {
        ANTHROPIC_BASE_URL: model.origin,
        ANTHROPIC_API_KEY: 'bench',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
        // Root may skip permissions only in what says it is a sandbox.
        IS_SANDBOX: '1',
      },
    }),
  }
}

function pi(bin: string, model: BenchModel): Agent {
  const provider = {
    baseUrl: model.url,
    api: 'openai-completions',
    apiKey: 'bench',
    models: [{ id: 'bench' }],
  }
  return {
    name: 'pi',
    commandHooks: false,
    files: () => ({ 'models.json': JSON.stringify({ providers: { bench: provider } }) }),
    start: ({ home }) => ({
      command: [bin, '--print', '--offline', '--provider', 'bench', '--model', 'bench', 'go'],
      env: { PI_CODING_AGENT_DIR: home },
    }),
  }
}

/** The command of a peer, from its variable or from PATH; undefined where it does not run. */
function installed(variable: string, name: string): string | undefined {
  const bin = process.env[variable] ?? name
  return spawnSync(bin, ['--version'], { stdio: 'ignore' }).status === 0 ? bin : undefined
}

function peersFor(model: BenchModel): readonly Agent[] {
  const codexBin = installed('CODEX_BIN', 'codex')
  const claudeBin = installed('CLAUDE_BIN', 'claude')
  const piBin = installed('PI_BIN', 'pi')
  const peers: Agent[] = []
  if (codexBin !== undefined)
    peers.push({
      name: 'codex',
      commandHooks: true,
      files: (hooks) => execFiles(model, hooks),
      start: ({ home }) => ({ command: [codexBin, ...execFlags], env: { CODEX_HOME: home } }),
    })
  if (claudeBin !== undefined) peers.push(claudeCode(claudeBin, model))
  if (piBin !== undefined) peers.push(pi(piBin, model))
  return peers
}

/** The agents that can be measured here; peers only where installed (CODEX_BIN, CLAUDE_BIN, PI_BIN, or on PATH). */
export function agentsFor(model: BenchModel, repository: string): readonly Agent[] {
  const floor: Agent = {
    name: 'floor',
    commandHooks: true,
    files: () => ({}),
    start: ({ hooks }) => ({
      command: [
        process.execPath,
        join(repository, 'test/bench/floor-agent.mjs'),
        model.url,
        'go',
        ...Array.from({ length: hooks }, () => hookCommand),
      ],
      env: {},
    }),
  }
  const hookline: Agent = {
    name: 'hookline',
    commandHooks: true,
    files: (hooks) => execFiles(model, hooks),
    start: ({ home }) => ({
      command: [process.execPath, join(repository, 'dist/cli/main.js'), ...execFlags],
      env: { HOOKLINE_HOME: home },
    }),
  }
  return [floor, hookline, ...peersFor(model)]
}

export interface RunFigures {
  /** From spawn to the first request at the server. */
  readonly firstRequestMs: number
  readonly wallMs: number
  /** Between the first and the last request, for each call. */
  readonly perCallMs: number
  /** Highest resident memory of the agent's own process. */
  readonly peakMiB: number
  /** Its resident memory when it was last seen. */
  readonly endMiB: number
}

/** Resident memory of a process in MiB, now and at its highest; undefined when it is gone. */
function memoryOf(pid: number): { readonly now: number; readonly peak: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const value = (name: string) => {
      const found = new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]
      return found === undefined ? undefined : Number(found) / 1024
    }
    const [now, peak] = [value('VmRSS'), value('VmHWM')]
    return now === undefined || peak === undefined ? undefined : { now, peak }
  } catch {
    return undefined
  }
}

/** Runs an agent once and measures it from outside. */
export async function measure(
  agent: Agent,
  model: BenchModel,
  options: { readonly work: Workplace; readonly calls: number },
): Promise<RunFigures> {
  const { work, calls } = options
  const { command, env } = agent.start(work)
  model.begin(calls)
  const [file = '', ...args] = command
  const began = performance.now()
  const child = spawn(file, args, {
    cwd: work.cwd,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: work.home,
      LANG: 'C.UTF-8',
      SHELL: '/bin/bash',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let memory = { now: 0, peak: 0 }
  const watch = setInterval(() => (memory = memoryOf(child.pid ?? 0) ?? memory), 5)
  let errors = ''
  child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()))
  const { promise, resolve } = Promise.withResolvers<number | null>()
  child.on('close', resolve)
  const code = await promise
  clearInterval(watch)
  const [first, last] = [model.arrivals[0], model.arrivals.at(-1)]
  if (
    code !== 0 ||
    first === undefined ||
    last === undefined ||
    model.arrivals.length !== calls + 1
  ) {
    throw new Error(
      `${agent.name} ended with ${code} after ${model.arrivals.length} of ${calls + 1} requests: ${errors.slice(-500)}`,
    )
  }
  return {
    firstRequestMs: first - began,
    wallMs: performance.now() - began,
    perCallMs: calls > 0 ? (last - first) / calls : 0,
    peakMiB: memory.peak,
    endMiB: memory.now,
  }
}
