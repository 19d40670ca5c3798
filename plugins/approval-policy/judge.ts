import type { ApprovalPolicy, PermissionNeed, TurnFacts } from 'hookline'

type Classes = Exclude<ApprovalPolicy, string>['granular']

/** True when the policy lets somebody be asked about a need of this kind. */
function mayAsk(kind: PermissionNeed['kind'], classes: Classes): boolean {
  switch (kind) {
    case 'escalation':
    case 'patch':
    case 'network':
      return classes.sandboxApproval
    case 'rule':
      return classes.rules
    case 'mcp':
      return classes.mcpElicitations
    // A hook has asked for it, so no class of the policy takes it away.
    case 'hook':
      return true
  }
}

/** What the approval policy says about a need; `ask`: it leaves the answer to others. */
export function judge(need: PermissionNeed, turn: TurnFacts): 'allow' | 'deny' | 'ask' {
  // Nothing confines the command, so there is nothing to get out of.
  if (need.kind === 'escalation' && turn.sandbox.mode === 'danger-full-access') return 'allow'
  const policy = turn.approvalPolicy
  if (policy === 'never') return 'deny'
  if (typeof policy === 'string') return 'ask'
  return mayAsk(need.kind, policy.granular) ? 'ask' : 'deny'
}
