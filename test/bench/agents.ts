import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchModel } from './model.ts'

export interface Agent {
  readonly name: string
  /** Command and variables of one run. */
  start(work: Workplace): {
    readonly command: readonly string[]
    readonly env: Readonly<Record<string, string>>
  }
}

/** Folders and settings of one kind of run. */
export interface Workplace {
  readonly root: string
  readonly cwd: string
  readonly home: string
  readonly hooks: number
}

const hookCommand = 'cat >/dev/null'

/** Makes a repository and a home whose settings name the scripted model, with a number of hooks before and after each call. */
export function workplace(model: BenchModel, hooks: number): Workplace {
  const root = mkdtempSync(join(tmpdir(), 'hookline-bench-'))
  const [cwd, home] = [join(root, 'work'), join(root, 'home')]
  mkdirSync(cwd)
  mkdirSync(home)
  spawnSync('git', ['init', '-q', cwd])
  const handler = { hooks: [{ type: 'command', command: hookCommand }] }
  const handlers = Array.from({ length: hooks }, () => handler)
  if (hooks > 0)
    writeFileSync(
      join(home, 'hooks.json'),
      JSON.stringify({ hooks: { PreToolUse: handlers, PostToolUse: handlers } }),
    )
  const config = [
    'model = "gpt-5.5"',
    'model_provider = "bench"',
    '[model_providers.bench]',
    'name = "bench"',
    `base_url = "${model.url}"`,
    'wire_api = "responses"',
  ]
  writeFileSync(join(home, 'config.toml'), `${config.join('\n')}\n`)
  return { root, cwd, home, hooks }
}

export function removeWorkplace({ root }: Workplace): void {
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
}

const execFlags = [
  'exec',
  '--json',
  '--skip-git-repo-check',
  '--dangerously-bypass-approvals-and-sandbox',
  '--dangerously-bypass-hook-trust',
  'go',
]

/** The agents that can be measured here; Codex only where it is installed (CODEX_BIN, or codex on PATH). */
export function agentsFor(model: BenchModel, repository: string): readonly Agent[] {
  const floor: Agent = {
    name: 'floor',
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
    start: ({ home }) => ({
      command: [process.execPath, join(repository, 'dist/cli/main.js'), ...execFlags],
      env: { HOOKLINE_HOME: home },
    }),
  }
  const codexBin = process.env['CODEX_BIN'] ?? 'codex'
  const hasCodex = spawnSync(codexBin, ['--version'], { stdio: 'ignore' }).status === 0
  const codex: Agent = {
    name: 'codex',
    start: ({ home }) => ({ command: [codexBin, ...execFlags], env: { CODEX_HOME: home } }),
  }
  return [floor, hookline, ...(hasCodex ? [codex] : [])]
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
