import { messageOf } from 'hookline'
import type { HookHandler } from './catalog.ts'
import { broken, type HandlerKind, type HandlerRun, type KindFacts } from './handler-run.ts'
import type { ProcessResult } from './outcome.ts'
import { commandKind } from './run.ts'

type KindName = 'command' | 'persistent' | 'http' | 'model' | 'mcp_tool' | 'script'

/** Each kind but plain commands is loaded when the first of its handlers runs. */
const makers: Readonly<Record<KindName, (facts: KindFacts) => Promise<HandlerKind>>> = {
  command: commandKind,
  persistent: async (facts) => (await import('./handler-persistent.ts')).persistentKind(facts),
  http: async (facts) => (await import('./handler-http.ts')).httpKind(facts),
  model: async (facts) => (await import('./handler-model.ts')).modelKind(facts),
  mcp_tool: async (facts) => (await import('./handler-mcp-tool.ts')).mcpToolKind(facts),
  script: async (facts) => (await import('./handler-script.ts')).scriptKind(facts),
}

function kindOf({ work }: HookHandler): KindName | undefined {
  switch (work?.type) {
    case undefined:
      return undefined
    case 'command':
      return work.persistent ? 'persistent' : 'command'
    case 'prompt':
    case 'agent':
      return 'model'
    case 'http':
    case 'mcp_tool':
    case 'script':
      return work.type
  }
}

/** What a timer can count; a longer time would end at once. */
const longestSec = Math.floor((2 ** 31 - 1) / 1000)

function bounded(run: HandlerRun): HandlerRun {
  const { handler } = run
  if (handler.timeoutSec <= longestSec) return run
  return { ...run, handler: { ...handler, timeoutSec: longestSec } }
}

async function endKind(made: Promise<HandlerKind>): Promise<void> {
  await (await made).close?.()
}

/** Runs handlers, each by its kind. */
export class Handlers {
  readonly #facts: KindFacts
  readonly #kinds = new Map<KindName, Promise<HandlerKind>>()

  constructor(facts: KindFacts) {
    this.#facts = facts
  }

  /** Never throws: what goes wrong is a result. */
  async run(run: HandlerRun): Promise<ProcessResult> {
    const { fault } = run.handler
    if (fault !== undefined) return broken(`hook cannot run: ${fault}`)
    const name = kindOf(run.handler)
    if (name === undefined) return broken('hook cannot run')
    try {
      return await (await this.#kind(name)).run(bounded(run))
    } catch (error) {
      return broken(`hook could not be run: ${messageOf(error)}`)
    }
  }

  /** Ends what kinds keep between runs. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#kinds.values()].map(endKind))
  }

  #kind(name: KindName): Promise<HandlerKind> {
    const known = this.#kinds.get(name)
    if (known) return known
    const made = makers[name](this.#facts)
    this.#kinds.set(name, made)
    // A kind that could not be loaded is tried again the next time.
    made.catch(() => this.#kinds.delete(name))
    return made
  }
}
