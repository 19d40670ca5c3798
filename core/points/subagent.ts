import type { StopGate } from '../gates/stop-gate.ts'

export interface ChildOpening {
  readonly agentId: string
  readonly agentType: string
  /** Told to the child as developer messages. */
  readonly context: readonly string[]
}

export interface ChildStop {
  readonly agentId: string
  readonly agentType: string
  readonly gate: StopGate
}
