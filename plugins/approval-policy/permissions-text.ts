import type { ApprovalPolicy, SandboxPolicy, TurnFacts } from 'hookline'

const modes: Readonly<Record<SandboxPolicy['mode'], string>> = {
  'read-only': 'Commands can read files and change none.',
  'workspace-write': 'Commands can read files and change those below the writable folders.',
  'danger-full-access': 'Commands are not confined: they can change every file of the user.',
}

const howToAsk =
  'To run a command outside the sandbox, set sandbox_permissions to "require_escalated" and give ' +
  'a justification in one sentence. Ask only when the task needs it.'

const refused: readonly (readonly [keyof Exclude<ApprovalPolicy, string>['granular'], string])[] = [
  ['sandboxApproval', 'leaving the sandbox'],
  ['rules', 'commands that a rule asks about'],
  ['skillApproval', 'skills'],
  ['requestPermissions', 'further permissions'],
  ['mcpElicitations', 'questions of MCP servers'],
]

function approvalText(policy: ApprovalPolicy): string {
  if (policy === 'never') {
    return 'Nobody can be asked. Do not request escalated permissions: such a call is refused. Work within these limits.'
  }
  if (policy === 'untrusted')
    return `Commands may be shown to the user before they run. ${howToAsk}`
  if (policy === 'on-request') return `The user or a reviewer can be asked. ${howToAsk}`
  const never = refused.filter(([name]) => !policy.granular[name]).map(([, words]) => words)
  const limit = never.length > 0 ? ` Requests for these are refused: ${never.join(', ')}.` : ''
  return `The user or a reviewer can be asked. ${howToAsk}${limit}`
}

function rootsText({ mode, writableRoots }: SandboxPolicy): string[] {
  if (mode !== 'workspace-write') return []
  return [`Writable folders: ${writableRoots.map((root) => `\`${root}\``).join(', ') || 'none'}.`]
}

/** Tells the model what its commands may reach and whether anybody can be asked for more. */
export function permissionsText({ sandbox, approvalPolicy }: TurnFacts): string {
  const policy = typeof approvalPolicy === 'string' ? approvalPolicy : 'granular'
  const lines = [
    '<permissions instructions>',
    `Sandbox mode: \`${sandbox.mode}\`. ${modes[sandbox.mode]}`,
    ...rootsText(sandbox),
    `Network access of commands: ${sandbox.network ? 'on' : 'off'}.`,
    `Approval policy: \`${policy}\`. ${approvalText(approvalPolicy)}`,
    '</permissions instructions>',
  ]
  return lines.join('\n')
}
