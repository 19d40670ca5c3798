import type { Item } from '../items.ts'

export interface CompactRequest {
  readonly trigger: 'manual' | 'auto'
  readonly items: readonly Item[]
  /** Tokens the result may take. */
  readonly budget: number
  /** What the user asked the summary to mind. */
  readonly instructions?: string
  /** Adds to what the summary is asked to mind; absent where nothing is summed up. */
  instruct?(text: string): void
}

export interface CompactResult {
  readonly items: readonly Item[]
  readonly summary: string
  readonly trigger?: CompactRequest['trigger']
  /** Present: the turn ends. */
  readonly stopped?: string
}

export interface Objection {
  readonly reason: string
}
