import { randomUUID } from 'node:crypto'
import type { Running } from '../../points/exec.ts'
import { spawnTree, withMark, type SpawnOptions } from '../spawn.ts'
import { AgentProcess, canHaveAgent } from './agent-process.ts'

/** Starts programs by way of a small process that is kept for it, so that our own memory does not slow that down. */
export interface SpawnAgent extends AsyncDisposable {
  /**
   * Does what `spawnTree` does, for programs whose stdin is an open file. It is what happens to all others, to the
   * first one, which need not wait for the agent, and wherever there is no agent: off Linux or without Perl.
   * stdout and stderr of what the agent starts are pipes, which programs can open by name.
   */
  spawn(options: SpawnOptions): Promise<Running>
}

/** Agents that ended by themselves; more are not started. */
const mostStarts = 5

/**
 * Makes an agent; its process is started when it is first used. Everything that is started here ends with this process
 * when that is killed or ends without disposing the agent, even what its parent has left behind.
 */
export function spawnAgent(): SpawnAgent {
  const mark = randomUUID()
  let current: AgentProcess | undefined
  let starts = canHaveAgent ? 0 : mostStarts
  const agent = () => {
    if (current && !current.isOver) return current
    if (starts === mostStarts) return undefined
    starts += 1
    current = new AgentProcess(mark)
    return current
  }
  return {
    spawn: async (options) => {
      const marked = { ...options, env: withMark(options.env, mark) }
      const ready = agent()
      const running = (await ready?.ready) ? await ready?.spawn(marked) : undefined
      return running ?? spawnTree(marked)
    },
    async [Symbol.asyncDispose]() {
      starts = mostStarts
      await current?.close()
    },
  }
}
