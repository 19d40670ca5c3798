import type { ExecPlan, Running } from '../points/exec.ts'
import { spawnTree } from './spawn.ts'
import { ttyCommand } from './tty.ts'

/** Starts a plan without any sandbox, for backends that were told not to confine it. The signal ends the tree. */
export async function spawnPlan(plan: ExecPlan, signal: AbortSignal): Promise<Running> {
  signal.throwIfAborted()
  const [file, ...args] = plan.tty ? ttyCommand(plan.command) : plan.command
  const { cwd, env, stdio } = plan
  const running = await spawnTree({ file, args, cwd, env, stdio })
  endOnAbort(running, signal)
  return running
}

/** Ends a process tree when the signal fires, and listens no longer than the process lives. */
export function endOnAbort(running: Running, signal: AbortSignal): void {
  const end = () => void running.kill()
  if (signal.aborted) return end()
  signal.addEventListener('abort', end, { once: true })
  void running.exited.then(() => signal.removeEventListener('abort', end))
}
