import { nearest } from 'hookline/kit'
import { isDialect } from '../../../plugins/command-hooks/dialect.ts'
import { isHookEvent } from '../../../plugins/command-hooks/events.ts'
import type { Path } from '../../../plugins/command-hooks/problems.ts'
import { everywhere, fine, will, type Consequence } from './finding.ts'
import { pointerOf } from './finding-list.ts'
import type { Fields, GroupNode, HandlerNode, LintContext } from './lint-context.ts'
import {
  claudeHandlerKeys,
  groupKeys,
  otherTimeouts,
  ownGroupKeys,
  ownHandlerKeys,
  ownTopKeys,
  peerHandlerKeys,
  remarks,
  topKeys,
} from './peers.ts'

const ignores = will('ignored', 'ignores the key')
const drops = will('dropped', 'drops the whole file, with a warning')
const overlooks = will('works', 'ignores the key')

/** What hookline makes of a key: it says so itself where it does not read one. */
function byHookline(path: Path, { said }: LintContext): Consequence {
  const words = said.get(pointerOf(path))
  return words === undefined ? fine : will('ignored', words)
}

function lintDialect(document: Fields, { findings }: LintContext): void {
  const { dialect } = document
  if (dialect === undefined || isDialect(dialect)) return
  findings.add('DialectUnknown', ['dialect'], {
    message: 'the dialect is neither "codex" nor "claude"',
    consequences: {
      hookline: will('ignored', 'takes the dialect that the place of the file stands for'),
      codex: drops,
      claude: overlooks,
    },
    fix: 'write "codex" or "claude", or leave it out',
  })
}

/** Keys at the top of a hooks.json. */
export function lintTopKeys(document: Fields, context: LintContext): void {
  lintDialect(document, context)
  for (const key of Object.keys(document)) {
    // Events at the top are reported as a whole.
    if (topKeys.has(key) || isHookEvent(key)) continue
    const isOwn = ownTopKeys.has(key)
    const known = [...topKeys, ...ownTopKeys]
    const meant = nearest(key, known)
    context.findings.add('TopKeyUnknown', [key], {
      message: isOwn ? `only hookline reads "${key}"` : `nothing reads "${key}"`,
      consequences: { hookline: isOwn ? fine : ignores, codex: drops, claude: overlooks },
      fix: meant === undefined || isOwn ? 'remove it' : `write "${meant}"`,
    })
  }
}

/** Keys of a group. */
export function lintGroupKeys({ fields, path }: GroupNode, context: LintContext): void {
  for (const key of Object.keys(fields)) {
    if (groupKeys.has(key)) continue
    const at = [...path, key]
    const hookline = byHookline(at, context)
    if (ownGroupKeys.has(key)) {
      context.findings.add('KeyForeign', at, {
        message: `only hookline reads "${key}"`,
        consequences: { hookline, codex: ignores, claude: ignores },
        fix: 'do not rely on it elsewhere',
      })
      continue
    }
    const meant = remarks.has(key) ? undefined : nearest(key, [...groupKeys, ...ownGroupKeys])
    context.findings.add('KeyUnknown', at, {
      message: `no product reads "${key}" of a group`,
      consequences: everywhere(ignores, { hookline }),
      fix: meant === undefined ? 'remove it' : `write "${meant}"`,
      ...(meant === undefined && { limit: 'info' as const }),
    })
  }
}

function fixOf(key: string, known: readonly string[]): string {
  if (otherTimeouts.has(key)) return 'write "timeout", in seconds'
  if (remarks.has(key)) return 'remove it'
  const meant = nearest(key, known)
  return meant === undefined ? 'remove it' : `write "${meant}"`
}

/** Keys of a handler, of whatever type. */
export function lintHandlerKeys({ fields, path }: HandlerNode, context: LintContext): void {
  const { codex, claude } = peerHandlerKeys
  for (const key of Object.keys(fields)) {
    // What all products read may have a wrong value, which is another matter.
    if (codex.has(key) && claude.has(key)) continue
    const at = [...path, key]
    const isForClaude = claudeHandlerKeys.has(key) && context.dialect === 'codex'
    const hookline = isForClaude
      ? will('ignored', 'reads it in the dialect claude only')
      : byHookline(at, context)
    const isKnown = codex.has(key) || claude.has(key) || ownHandlerKeys.has(key)
    if (isKnown) {
      context.findings.add('KeyForeign', at, {
        message: `not every product reads "${key}"`,
        consequences: {
          hookline,
          codex: codex.has(key) ? fine : ignores,
          claude: claude.has(key) ? fine : ignores,
        },
        fix: 'do not rely on it where it is ignored',
      })
      continue
    }
    const fix = fixOf(key, [...codex, ...claude, ...ownHandlerKeys])
    context.findings.add('KeyUnknown', at, {
      message: `no product reads "${key}" of a handler`,
      consequences: everywhere(ignores, { hookline }),
      fix,
      ...(fix === 'remove it' && { limit: 'info' as const }),
    })
  }
}
