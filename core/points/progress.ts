import type { HooklineError } from '../errors.ts'
import type { ToolCall } from './tool.ts'
import type { Usage } from './events.ts'
import type { TurnFacts } from './turn.ts'

export interface OutputChunk {
  readonly call: ToolCall
  readonly text: string
}

export interface ModelFailure {
  readonly error: HooklineError
  /** How many attempts of this phase have failed, this one included. */
  readonly attempt: number
}

/** A turn that has ended. */
export interface TurnRecord {
  readonly facts: TurnFacts
  readonly outcome: 'completed' | 'failed' | 'interrupted'
  readonly usage: Usage
  readonly prompts: readonly string[]
  readonly lastMessage?: string
  readonly error?: HooklineError
}

export interface EndReason {
  readonly reason: string
}

export interface Notification {
  readonly kind: string
  readonly title: string
  readonly message: string
}
