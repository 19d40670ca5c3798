import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** An agent that can be measured. */
export interface Agent {
  readonly name: string
  /** Whether it can run a shell command before and after a tool call. */
  readonly commandHooks: boolean
  /** Its settings, as texts by path below its home, with a number of hooks before and after each call. */
  files(hooks: number): Readonly<Record<string, string>>
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

/** What every hook of a measured agent runs. */
export const hookCommand = 'cat >/dev/null'

/** The `hooks` object that hookline, Codex and Claude Code read alike; empty without hooks. */
export function hookSettings(count: number): Readonly<Record<string, unknown>> {
  const handler = { hooks: [{ type: 'command', command: hookCommand }] }
  const handlers = Array.from({ length: count }, () => handler)
  return count > 0 ? { hooks: { PreToolUse: handlers, PostToolUse: handlers } } : {}
}

/** Makes a repository and a home with the settings of an agent. */
export function workplace(agent: Agent, hooks: number): Workplace {
  const root = mkdtempSync(join(tmpdir(), 'hookline-bench-'))
  const [cwd, home] = [join(root, 'work'), join(root, 'home')]
  mkdirSync(cwd)
  mkdirSync(home)
  spawnSync('git', ['init', '-q', cwd])
  for (const [path, text] of Object.entries(agent.files(hooks))) {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    writeFileSync(join(home, path), text)
  }
  return { root, cwd, home, hooks }
}

export function removeWorkplace({ root }: Workplace): void {
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
}
