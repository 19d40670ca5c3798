import { will, fine } from './finding.ts'
import { pointerOf } from './finding-list.ts'
import type { HandlerNode, LintContext } from './lint-context.ts'

/** What makes two handlers the same: when they run, and what. */
function signatureOf({ group, fields }: HandlerNode): string {
  const { matcher = '' } = group.fields
  const { statusMessage: _shown, timeout: _limit, ...rest } = fields
  return JSON.stringify([
    group.event,
    matcher === '*' ? '' : matcher,
    Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ])
}

/** Handlers that stand in a file twice. */
export function lintDuplicates(
  handlers: readonly HandlerNode[],
  { findings, dialect }: LintContext,
): void {
  const first = new Map<string, HandlerNode>()
  const twice = will('ignored', 'runs it twice')
  for (const node of handlers) {
    const signature = signatureOf(node)
    const before = first.get(signature)
    if (!before) {
      first.set(signature, node)
      continue
    }
    findings.add('HandlerTwice', node.path, {
      message: `the same handler stands at ${pointerOf(before.path)}`,
      consequences: { hookline: dialect === 'claude' ? fine : twice, codex: twice, claude: fine },
      fix: 'remove one of the two',
    })
  }
}
