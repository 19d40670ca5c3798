import type { ApprovalPolicy, PermissionNeed, SandboxPolicy, TurnFacts } from 'hookline'
import { describe, expect, it } from 'vitest'
import { judge } from './judge.ts'

type Mode = SandboxPolicy['mode']
type Kind = PermissionNeed['kind']

const classes = {
  sandboxApproval: true,
  rules: true,
  skillApproval: true,
  requestPermissions: true,
  mcpElicitations: true,
}

function turn(approvalPolicy: ApprovalPolicy, mode: Mode = 'read-only'): TurnFacts {
  return {
    id: 't',
    model: 'm',
    provider: 'p',
    approvalPolicy,
    reviewer: 'user',
    cwd: '/projects',
    sandbox: {
      mode,
      writableRoots: [],
      network: false,
      deniedReads: [],
      deniedReadGlobs: [],
      backend: 'bwrap',
    },
  }
}

const need = (kind: Kind): PermissionNeed => ({ kind, reason: 'why', refusal: 'no' })
const kinds: readonly Kind[] = ['escalation', 'patch', 'network', 'rule', 'mcp', 'hook']

describe('judge', () => {
  it.each(kinds)('refuses a need of kind %s when nobody may be asked', (kind) => {
    expect(judge(need(kind), turn('never'))).toBe('deny')
  })

  it.each(kinds)('leaves a need of kind %s open where somebody may be asked', (kind) => {
    expect(judge(need(kind), turn('on-request'))).toBe('ask')
    expect(judge(need(kind), turn('untrusted'))).toBe('ask')
    expect(judge(need(kind), turn({ granular: classes }))).toBe('ask')
  })

  it.each(['never', 'on-request', 'untrusted'] as const)(
    'lets a command leave a sandbox that confines nothing, under %s',
    (policy) => {
      expect(judge(need('escalation'), turn(policy, 'danger-full-access'))).toBe('allow')
      expect(judge(need('rule'), turn(policy, 'danger-full-access'))).not.toBe('allow')
    },
  )

  it.each([
    ['sandboxApproval', ['escalation', 'patch', 'network']],
    ['rules', ['rule']],
    ['mcpElicitations', ['mcp']],
    ['skillApproval', []],
  ] as const)('refuses what the class %s is off for, and nothing else', (name, refused) => {
    const policy = { granular: { ...classes, [name]: false } }
    const denied = kinds.filter((kind) => judge(need(kind), turn(policy)) === 'deny')
    expect(denied).toEqual(refused)
  })
})
