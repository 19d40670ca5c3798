import {
  definePlugin,
  type AnyPlugin,
  type ModelEvent,
  type ModelResponse,
  type Tool,
} from 'hookline'
import type { ModelWork } from './handler-work.ts'

interface Limits {
  readonly requests: number
  /** Of all requests and answers together. */
  readonly tokens: number
  /** Of one answer, while it is being written. */
  readonly answerChars: number
}

const limits: Readonly<Record<ModelWork['type'], Limits>> = {
  prompt: { requests: 4, tokens: 60_000, answerChars: 40_000 },
  agent: { requests: 40, tokens: 400_000, answerChars: 80_000 },
}

/** What an agent may use; all of it is confined to reading. */
const readingTools: ReadonlySet<string> = new Set(['exec_command', 'write_stdin', 'view_image'])

/** What asking a model may cost. */
export class Allowance {
  readonly #limits: Limits
  #requests = 0
  #tokens = 0
  #chars = 0
  /** Why nothing is left. */
  spent: string | undefined
  /** Told once nothing is left. */
  onSpent: () => void = () => {}

  constructor(type: ModelWork['type']) {
    this.#limits = limits[type]
  }

  request(): void {
    this.#chars = 0
    this.#requests += 1
    if (this.#requests > this.#limits.requests)
      this.#spend(`the model was asked more than ${this.#limits.requests} times`)
  }

  hear(event: ModelEvent): void {
    if (event.type === 'completed') return
    if (event.type === 'text_delta' || event.type === 'reasoning_delta')
      this.#chars += event.delta.length
    if (this.#chars > this.#limits.answerChars)
      this.#spend('the model answered at too great length')
  }

  response({ usage }: ModelResponse): void {
    this.#tokens += usage.inputTokens + usage.outputTokens
    if (this.#tokens > this.#limits.tokens)
      this.#spend(`asking the model took more than ${this.#limits.tokens} tokens`)
  }

  #spend(why: string): void {
    if (this.spent !== undefined) return
    this.spent = why
    this.onSpent()
  }
}

/** What a child that judges an event is to be. */
export interface ChildTask {
  readonly type: ModelWork['type']
  readonly task: string
  readonly allowance: Allowance
}

/** Makes a child session one that judges: it is told its task, has no tools or only reading ones, and is counted. */
export function childPlugin({ type, task, allowance }: ChildTask): AnyPlugin {
  const mayUse = (tool: Tool) => type === 'agent' && readingTools.has(tool.name)
  return definePlugin({
    name: 'hook-judge',
    power: 'decide',
    setup({ hooks }) {
      hooks.toolSet.tap({ name: 'tools', stage: 'fallback' }, (tools) => tools.filter(mayUse))
      hooks.instructions.tap({ name: 'task', stage: 'fallback' }, (parts) => [
        ...(type === 'agent' ? parts : []),
        { kind: 'hook_task', role: 'developer', text: task },
      ])
      hooks.modelRequest.tap('count', () => allowance.request())
      hooks.modelEvent.tap('count', (event) => allowance.hear(event))
      hooks.modelResponse.tap('count', (response) => allowance.response(response))
    },
  })
}
