import type { Item } from '../items.ts'

export interface CompactRequest {
  readonly trigger: 'manual' | 'auto'
  readonly items: readonly Item[]
  /** Tokens the result may take. */
  readonly budget: number
}

export interface CompactResult {
  readonly items: readonly Item[]
  readonly summary: string
  /** Present: the turn ends. */
  readonly stopped?: string
}

export interface Objection {
  readonly reason: string
}
