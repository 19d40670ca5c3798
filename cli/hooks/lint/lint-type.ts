import { nearest } from 'hookline/kit'
import type { Dialect } from '../../../plugins/command-hooks/dialect.ts'
import { isWorkType } from '../../../plugins/command-hooks/handler-work.ts'
import { everywhere, fine, will, type Consequence } from './finding.ts'
import type { HandlerNode, LintContext } from './lint-context.ts'
import { parkedByCodex, peerTypes } from './peers.ts'

const skips = will('skipped', 'leaves the handler out')

function byCodex(type: string): Consequence {
  if (peerTypes.codex.has(type)) return fine
  if (parkedByCodex.has(type)) return will('skipped', 'leaves the handler out, with a warning')
  return will('dropped', 'drops the whole file, with a warning')
}

function byHookline(type: string, dialect: Dialect): Consequence {
  if (!isWorkType(type)) return will('skipped', 'leaves the handler out and says so')
  const asksModel = type === 'prompt' || type === 'agent'
  return asksModel && dialect === 'codex'
    ? will('skipped', 'asks a model in the dialect claude only')
    : fine
}

/** The type of a handler. */
export function lintType({ type, path }: HandlerNode, context: LintContext): void {
  const at = [...path, 'type']
  const isKnown = peerTypes.claude.has(type) || isWorkType(type)
  if (!isKnown) {
    const meant = nearest(type, [...peerTypes.claude, 'script'])
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
      hookline: byHookline(type, context.dialect),
      codex: byCodex(type),
      claude: peerTypes.claude.has(type) ? fine : skips,
    },
    fix: 'use a command, or keep the handler in a file of its own',
  })
}
