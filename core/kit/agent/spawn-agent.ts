import { randomUUID } from 'node:crypto'
import type { Running } from '../../points/exec.ts'
import { spawnTree, withMark, type SpawnOptions } from '../spawn.ts'
import { AgentProcess, canHaveAgent } from './agent-process.ts'

/** What to start, and whether it can wait. */
export interface AgentSpawnOptions extends SpawnOptions {
  /** Does not wait for an agent that has yet to be started. */
  readonly urgent?: boolean
}

/** Starts programs by way of a small process that is kept for it, so that our own memory does not slow that down. */
export interface SpawnAgent extends AsyncDisposable {
  /**
   * Does what `spawnTree` does. The agent takes programs whose stdin is an open file; their stdout and stderr are pipes,
   * which they can open by name. All others are started directly, as is everything off Linux or without Perl.
   */
  spawn(options: AgentSpawnOptions): Promise<Running>
}

/** An agent that keeps ending by itself is given up. */
const mostStarts = 5
/** What is urgent and takes longer than this has time for an agent to be started beside it. */
const soonMs = 5

/**
 * Makes an agent; its process is started when it is first needed. When this process is killed, or ends without having
 * disposed the agent, everything that was started here is ended, even what was left behind on purpose. What has cleared
 * its environment is found by its process group only.
 */
export function spawnAgent(): SpawnAgent {
  const mark = randomUUID()
  let current: AgentProcess | undefined
  let startsLeft = canHaveAgent ? mostStarts : 0

  function agent(): AgentProcess | undefined {
    if (current && !current.isOver) return current
    if (startsLeft === 0 || current?.cameUp === false) return undefined
    startsLeft -= 1
    current = new AgentProcess(mark)
    return current
  }

  async function spawnUrgently(options: SpawnOptions): Promise<Running> {
    const running = await spawnTree(options)
    const timer = setTimeout(agent, soonMs).unref()
    void running.exited.then(() => clearTimeout(timer))
    return running
  }

  return {
    async spawn({ urgent, ...options }) {
      const marked = { ...options, env: withMark(options.env, mark) }
      if (urgent && (!current?.cameUp || current.isOver)) return spawnUrgently(marked)
      return (await agent()?.spawn(marked)) ?? spawnTree(marked)
    },
    async [Symbol.asyncDispose]() {
      startsLeft = 0
      await current?.close()
    },
  }
}
