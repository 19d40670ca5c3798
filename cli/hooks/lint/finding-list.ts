import { isHookEvent } from '../../../plugins/command-hooks/events.ts'
import type { FileOrigin } from '../../../plugins/command-hooks/file-origin.ts'
import type { FileView, Path } from '../../../plugins/command-hooks/problems.ts'
import {
  atMost,
  severityOf,
  will,
  type Consequences,
  type Finding,
  type LintCode,
  type Severity,
} from './finding.ts'
import { peerEvents } from './peers.ts'

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

const unread = will('works', 'does not fire the event')

/** Below an event that a product does not fire, nothing matters to it. */
function whereFired([top, event, ...below]: Path, consequences: Consequences): Consequences {
  if (top !== 'hooks' || typeof event !== 'string' || below.length === 0) return consequences
  return {
    hookline: isHookEvent(event) ? consequences.hookline : unread,
    codex: peerEvents.codex.has(event) ? consequences.codex : unread,
    claude: peerEvents.claude.has(event) ? consequences.claude : unread,
  }
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

  add(code: LintCode, path: Path, report: Report): void {
    const { message, fix, limit } = report
    const consequences = whereFired(path, report.consequences)
    const { product } = this.#origin
    const felt = [consequences[product], consequences.hookline]
    if (felt.every(({ effect }) => effect === 'works')) return
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
