import { broken, type HandlerKind, type HandlerRun, type KindFacts } from './handler-run.ts'
import type { ProcessResult } from './outcome.ts'
import { PersistentProcess } from './persistent-process.ts'
import { filledCommand } from './placeholders.ts'
import { agentOf, graceMs, programOf } from './run.ts'

/** Keeps a process for each command of a file, whatever number of events it is configured for. */
export async function persistentKind(facts: KindFacts): Promise<HandlerKind> {
  const { session, log } = facts
  const agent = await agentOf(facts)
  const processes = new Map<string, PersistentProcess>()

  function processFor(asked: HandlerRun): PersistentProcess | undefined {
    const { work, source } = asked.handler
    if (work?.type !== 'command') return undefined
    const name = JSON.stringify([source.path, work])
    const known = processes.get(name)
    if (known) return known
    const command = filledCommand(work, source)
    const start = () => {
      const program = programOf(command, asked.environment())
      // The agent ends it when we are killed; it cannot start what we write to, so it is not waited for.
      return agent.spawn({ ...program, cwd: session.cwd, graceMs, urgent: true })
    }
    const made = new PersistentProcess(start, (message) => log.warn(`${message}: ${work.command}`))
    processes.set(name, made)
    return made
  }

  async function run(asked: HandlerRun): Promise<ProcessResult> {
    const { handler, input, signal } = asked
    const { timeoutSec } = handler
    const process = processFor(asked)
    return process?.ask({ json: input.json, timeoutSec, signal }) ?? broken('hook is no command')
  }

  return {
    run,
    async close() {
      await Promise.all([...processes.values()].map((process) => process.close()))
    },
  }
}
