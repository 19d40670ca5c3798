import type { Prompt } from '../points/opening.ts'
import type { Gate } from './gate.ts'

interface State {
  readonly blocked: string | undefined
  readonly context: readonly string[]
}

/** Whether a prompt enters the conversation. A block cannot be undone; context adds up and stays, also of a blocked prompt. */
export class PromptGate implements Gate<PromptGate> {
  readonly prompt: Prompt
  readonly #state: State

  private constructor(prompt: Prompt, state: State) {
    this.prompt = prompt
    this.#state = state
  }

  static of(prompt: Prompt): PromptGate {
    return new PromptGate(prompt, { blocked: undefined, context: [] })
  }

  /** The first reason of a block. */
  get blocked(): string | undefined {
    return this.#state.blocked
  }

  /** Told to the model after the prompt. */
  get context(): readonly string[] {
    return this.#state.context
  }

  block(reason: string): PromptGate {
    if (this.blocked !== undefined) return this
    return new PromptGate(this.prompt, { ...this.#state, blocked: reason })
  }

  addContext(text: string): PromptGate {
    return new PromptGate(this.prompt, { ...this.#state, context: [...this.context, text] })
  }

  follows(before: PromptGate): boolean {
    return (
      this.prompt === before.prompt && (before.blocked === undefined || this.blocked !== undefined)
    )
  }
}
