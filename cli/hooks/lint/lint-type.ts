import { nearest } from 'hookline/kit'
import { everywhere, fine, will, type Consequence } from './finding.ts'
import { pointerOf } from './finding-list.ts'
import type { HandlerNode, LintContext } from './lint-context.ts'
import { parkedByCodex, peerTypes } from './peers.ts'

const ownTypes: ReadonlySet<string> = new Set(['script'])
const skips = will('skipped', 'leaves the handler out')

function byCodex(type: string): Consequence {
  if (peerTypes.codex.has(type)) return fine
  if (parkedByCodex.has(type)) return will('skipped', 'leaves the handler out, with a warning')
  return will('dropped', 'drops the whole file, with a warning')
}

/** What hookline makes of a type: it says so itself where it does not run one. */
function byHookline({ path }: HandlerNode, { declared }: LintContext): Consequence {
  const read = declared.get(pointerOf(path))
  // A handler of an event that is not fired has not been read; that is reported with the event.
  if (!read?.unusable?.includes('type')) return fine
  return will('skipped', 'leaves the handler out and says so')
}

/** The type of a handler. */
export function lintType(node: HandlerNode, context: LintContext): void {
  const { type, path } = node
  const at = [...path, 'type']
  const isKnown = peerTypes.claude.has(type) || peerTypes.codex.has(type) || ownTypes.has(type)
  if (!isKnown) {
    const meant = nearest(type, [...peerTypes.claude, ...ownTypes])
    context.findings.add('TypeUnknown', at, {
      message: `there is no handler type "${type}"`,
      consequences: everywhere(skips, { codex: byCodex(type) }),
      fix: `write "${meant ?? 'command'}"`,
    })
    return
  }
  context.findings.add('TypeForeign', at, {
    message: `not every product runs handlers of type "${type}"`,
    consequences: {
      hookline: byHookline(node, context),
      codex: byCodex(type),
      claude: peerTypes.claude.has(type) ? fine : skips,
    },
    fix: 'use a command, or keep the handler in a file of its own',
  })
}
