import type { StopGate } from '../gates/stop-gate.ts'

export interface ChildOpening {
  readonly agentId: string
  readonly agentType: string
  /** The child's file; absent where nothing is kept. */
  readonly transcriptPath?: string
  /** Told to the child as developer messages. */
  readonly context: readonly string[]
}

export interface ChildStop {
  readonly agentId: string
  readonly agentType: string
  /** The child's file; absent where nothing is kept. */
  readonly transcriptPath?: string
  readonly gate: StopGate
}
