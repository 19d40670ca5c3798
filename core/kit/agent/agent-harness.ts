import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { runToEnd, type EndedRun, type RunOptions } from '../run-to-end.ts'
import { canHaveAgent } from './agent-process.ts'
import type { SpawnAgent } from './spawn-agent.ts'

export const hasAgent = canHaveAgent && existsSync('/usr/bin/perl')
if (!hasAgent) console.log('skipped: the spawn agent needs Linux and /usr/bin/perl')

export const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' }

/** Runs a script under the shell, by way of the agent where there is one. */
export function sh(
  agent: SpawnAgent | undefined,
  script: string,
  more: Partial<RunOptions> = {},
): Promise<EndedRun> {
  return runToEnd({ file: 'sh', args: ['-c', script], cwd: '/', env, agent, graceMs: 50, ...more })
}

export const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString()

/** What a script says on stdout. */
export async function said(
  agent: SpawnAgent | undefined,
  script: string,
  more: Partial<RunOptions> = {},
): Promise<string> {
  return textOf((await sh(agent, script, more)).stdout).trim()
}

/** The pid of the process that starts others: the agent's, or our own. */
export async function starterOf(agent: SpawnAgent): Promise<number> {
  return Number(await said(agent, 'echo $PPID'))
}

/** True for processes that run; those that nobody has reaped yet are dead. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

export function childrenOf(parent: number): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]) === parent
    } catch {
      return false
    }
  })
}

/** Waits for what another process brings about. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(2)
}
