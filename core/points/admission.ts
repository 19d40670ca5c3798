import type { Power } from '../plugin.ts'

/** A plugin or bundle that asks to be loaded. */
export interface Candidate {
  readonly kind: 'plugin' | 'bundle'
  readonly name: string
  /** As configured: `./my-plugin.ts`, a package name, or an id of a bundle. Absent for built-ins. */
  readonly specifier?: string
  readonly power?: Power
  readonly source: string
  readonly product: string
}

export interface Refusal {
  readonly reason: string
  /** The rule that decided, for whoever must be asked. */
  readonly rule?: string
}
