import { PermissionGate } from '../gates/permission-gate.ts'
import type { ToolGate } from '../gates/tool-gate.ts'
import { messageOf } from '../errors.ts'
import type { DeclinedBy } from '../points/events.ts'
import type { Approval } from '../points/approval.ts'
import type { PermissionNeed } from '../points/tool.ts'
import type { Pending } from './tool-run.ts'

/** `free`: nothing had to be granted. */
export type Permission = { readonly decision: 'free' | 'granted' } | Denied

interface Denied {
  readonly decision: 'deny'
  readonly reason: string
  readonly by: DeclinedBy
  /** Present: the turn ends after this batch. */
  readonly stopped?: string
}

/** Finds out whether a call needs more than the policy gives, and gets it granted or refused. */
export async function permit(pending: Pending, gate: ToolGate): Promise<Permission> {
  const need = await needOf(pending, gate)
  if (!need) return { decision: 'free' }
  try {
    return await settle(pending, need, gate)
  } catch (error) {
    return { decision: 'deny', reason: messageOf(error), by: 'policy' }
  }
}

async function needOf(
  { tool, input, turn }: Pending,
  gate: ToolGate,
): Promise<PermissionNeed | undefined> {
  const need = await tool.needs?.(input, { turn: turn.facts })
  if (need || gate.decision !== 'ask') return need
  const reason = gate.reasons.join('\n\n')
  return {
    kind: 'hook',
    reason,
    refusal: `the call needs an approval and nobody could be asked: ${reason}`,
  }
}

async function settle(
  { turn, call }: Pending,
  need: PermissionNeed,
  { decision }: ToolGate,
): Promise<Permission> {
  const { row } = turn.session.kernel
  // Who allowed the call has spared the question, not the rules: policy and guards are heard all the same.
  const isSpared = decision === 'allow' && need.kind !== 'rule'
  const facts = isSpared ? { ...turn.call, rejudge: true } : turn.call
  const gate = await row.refine('permissionRequest', PermissionGate.of(call, need), facts)
  if (gate.decision === 'deny') {
    const stopped = gate.stopped === undefined ? {} : { stopped: gate.stopped }
    return { ...refused(need, gate.reason, gate.deniedBy), ...stopped }
  }
  if (isSpared || gate.decision === 'allow') return { decision: 'granted' }
  return granted(need, await row.answer('approval', { call, need }, turn.call))
}

function granted(need: PermissionNeed, approval: Approval | undefined): Permission {
  const isGranted = approval?.decision === 'allow' || approval?.decision === 'allow_for_session'
  return isGranted ? { decision: 'granted' } : refused(need, approval?.reason, approval?.by)
}

/** Nobody's word is the policy's: what is not granted is refused. */
function refused(need: PermissionNeed, reason = need.refusal, by: DeclinedBy = 'policy'): Denied {
  return { decision: 'deny', reason, by }
}
