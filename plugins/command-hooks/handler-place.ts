import type { HookEvent } from './events.ts'
import type { Path, ProblemList } from './problems.ts'

/** A table as it stands in a file. */
export type Fields = Readonly<Record<string, unknown>>

/** Where a handler stands, and where its problems go. */
export interface HandlerPlace {
  readonly event: HookEvent
  readonly path: Path
  readonly problems: ProblemList
}
