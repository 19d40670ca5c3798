import type { PermissionNeed, TurnFacts } from 'hookline'
import { canWrite, mayRead } from 'hookline/kit'
import { parsePatch, type Hunk } from './parse.ts'
import { PatchFault } from './patch-fault.ts'
import { planPatch, type Step } from './plan.ts'

const refusals = {
  'read-only':
    'patch rejected: writing is blocked by read-only sandbox; rejected by user approval settings',
  outside: 'patch rejected: writing outside of the project; rejected by user approval settings',
  untrusted: 'patch rejected: every change needs an approval; rejected by user approval settings',
} as const

/** A patch that fits the files as they are now. */
export interface Checked {
  readonly hunks: readonly Hunk[]
  readonly steps: readonly Step[]
}

/** Reads a patch and checks it against the files; throws a PatchFault. */
export async function checkPatch(patch: string, turn: TurnFacts): Promise<Checked> {
  const hunks = parsePatch(patch)
  const options = { cwd: turn.cwd, mayRead: (path: string) => mayRead(path, turn) }
  return { hunks, steps: await planPatch(hunks, options) }
}

/** Why the policy of the turn does not let these steps be done; undefined: it does. */
export async function whyRefused(
  steps: readonly Step[],
  turn: TurnFacts,
): Promise<{ readonly reason: string; readonly refusal: string } | undefined> {
  for (const step of steps) {
    // Of a link the link is removed, so where it leads neither allows nor forbids that.
    const isEntry = step.kind === 'remove' || step.replaces === 'link'
    const verdict = await canWrite(turn.sandbox, step.path, { isEntry })
    if (verdict.ok) continue
    const why = turn.sandbox.mode === 'read-only' ? 'read-only' : 'outside'
    return { reason: verdict.reason, refusal: refusals[why] }
  }
  return undefined
}

/** What must be granted, and the files that it would be granted for, with their links resolved. */
export interface Review {
  readonly need: PermissionNeed
  readonly targets: readonly string[]
}

/** Looks at a patch before it is applied; undefined: nothing must be granted. A patch that does not fit is answered without asking. */
export async function reviewPatch(patch: string, turn: TurnFacts): Promise<Review | undefined> {
  const isUntrusted = turn.approvalPolicy === 'untrusted'
  if (turn.sandbox.mode === 'danger-full-access' && !isUntrusted) return undefined
  let checked: Checked
  try {
    checked = await checkPatch(patch, turn)
  } catch (error) {
    if (error instanceof PatchFault) return undefined
    throw error
  }
  const refused = await whyRefused(checked.steps, turn)
  if (!refused && !isUntrusted) return undefined
  const files = [...new Set(checked.steps.map((step) => step.shown))]
  const need: PermissionNeed = {
    kind: 'patch',
    reason: refused?.reason ?? `the approval policy asks about every change: ${files.join(', ')}`,
    refusal: refused?.refusal ?? refusals.untrusted,
    detail: { cwd: turn.cwd, files, patch: patch.trim() },
  }
  return { need, targets: checked.steps.map((step) => step.path) }
}
