import type { Part } from '../items.ts'

export type StartReason = 'startup' | 'resume' | 'clear' | 'compact' | 'fork'

/** The start of a session on its way through `sessionStart`. */
export interface Opening {
  readonly reason: StartReason
  /** Told to the model as developer messages, in this order. */
  readonly context: readonly string[]
  /** Present: the turn ends before a request is made. */
  readonly stopped?: string
}

/** One part of what a model is told before the conversation. */
export interface InstructionPart {
  /** Names the part, so that a change of it can be told apart: `base`, `permissions`, `environment_context`, … */
  readonly kind: string
  readonly role: 'developer' | 'user'
  readonly text: string
  /** Absolute paths that the text was read from. */
  readonly files?: readonly string[]
}

/** What a person, or a program in their place, asks for. */
export interface Prompt {
  readonly parts: readonly Part[]
  /** The text alone, as prompt hooks see it. */
  readonly text: string
}
