import type { FileOrigin } from '../../../plugins/command-hooks/file-origin.ts'
import type { FileView, Path } from '../../../plugins/command-hooks/problems.ts'
import {
  atMost,
  severityOf,
  type Consequences,
  type Finding,
  type LintCode,
  type Severity,
} from './finding.ts'

/** A finding before it is known how much it matters. */
export interface Report {
  readonly message: string
  readonly consequences: Consequences
  readonly fix: string
  /** It matters no more than this, whatever its consequences. */
  readonly limit?: Severity
}

/** A path as RFC 6901 writes it. */
export function pointerOf(path: Path): string {
  return path.map((word) => `/${String(word).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** Collects the findings of one file. What does not touch the product a file is for, nor hookline, is left out. */
export class FindingList {
  readonly #view: FileView
  readonly #origin: FileOrigin
  readonly #found: Finding[] = []

  constructor(view: FileView, origin: FileOrigin) {
    this.#view = view
    this.#origin = origin
  }

  get all(): readonly Finding[] {
    return this.#found
  }

  /** True when something has been said about this place already. */
  has(pointer: string): boolean {
    return this.#found.some((finding) => finding.pointer === pointer)
  }

  add(code: LintCode, path: Path, report: Report): void {
    const { message, consequences, fix, limit } = report
    const { product } = this.#origin
    const isFelt =
      consequences[product].effect !== 'works' || consequences.hookline.effect !== 'works'
    if (!isFelt && limit !== 'info') return
    const severity = severityOf(consequences, product)
    const place = this.#view.locate(path.map(String))
    this.#found.push({
      code,
      severity: limit === undefined ? severity : atMost(severity, limit),
      file: this.#view.file,
      pointer: pointerOf(path),
      ...(place && { place }),
      message,
      consequences,
      fix,
    })
  }
}
