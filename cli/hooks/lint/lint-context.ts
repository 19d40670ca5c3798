import type { Dialect } from '../../../plugins/command-hooks/dialect.ts'
import type { FileOrigin } from '../../../plugins/command-hooks/file-origin.ts'
import type { Declared } from '../../../plugins/command-hooks/hooks-file.ts'
import type { Path } from '../../../plugins/command-hooks/problems.ts'
import type { FindingList } from './finding-list.ts'

export type Fields = Readonly<Record<string, unknown>>

/** What every rule may look at. */
export interface LintContext {
  readonly file: string
  readonly origin: FileOrigin
  readonly dialect: Dialect
  readonly findings: FindingList
  /** What hookline itself says of a place, by its pointer. */
  readonly said: ReadonlyMap<string, string>
  /** The handlers as hookline reads them, by their pointer. */
  readonly declared: ReadonlyMap<string, Declared>
}

/** A group of handlers in its event. */
export interface GroupNode {
  readonly event: string
  readonly path: Path
  readonly fields: Fields
}

/** A handler in its group. */
export interface HandlerNode {
  readonly group: GroupNode
  readonly path: Path
  readonly fields: Fields
  readonly type: string
}
