import type { ApprovalPolicy, SandboxPolicy } from 'hookline'
import { describe, expect, it } from 'vitest'
import { permissionsText } from './permissions-text.ts'

const confined: SandboxPolicy = {
  mode: 'workspace-write',
  writableRoots: ['/projects', '/tmp'],
  network: false,
  deniedReads: [],
  deniedReadGlobs: [],
  backend: 'bwrap',
}

function text(sandbox: SandboxPolicy, approvalPolicy: ApprovalPolicy): string {
  const facts = { id: 't', model: 'm', provider: 'p', reviewer: 'user', cwd: '/projects' } as const
  return permissionsText({ ...facts, sandbox, approvalPolicy })
}

describe('permissionsText', () => {
  it('names mode, folders, network and approval policy inside its tag', () => {
    const lines = text(confined, 'never').split('\n')
    expect(lines[0]).toBe('<permissions instructions>')
    expect(lines.at(-1)).toBe('</permissions instructions>')
    expect(lines.slice(1, -1)).toEqual([
      expect.stringContaining('`workspace-write`'),
      'Writable folders: `/projects`, `/tmp`.',
      'Network access of commands: off.',
      expect.stringMatching(/`never`.*Do not request escalated permissions/),
    ])
  })

  it('tells how to ask where somebody can be asked', () => {
    expect(text(confined, 'on-request')).toContain('require_escalated')
    expect(text(confined, 'untrusted')).toContain('require_escalated')
  })

  it('names no folders where none or all can be written', () => {
    const readOnly = { ...confined, mode: 'read-only', writableRoots: [] } as const
    expect(text(readOnly, 'never')).not.toContain('Writable folders')
    const open = { ...confined, mode: 'danger-full-access', network: true } as const
    expect(text(open, 'never')).not.toContain('Writable folders')
    expect(text(open, 'never')).toContain('Network access of commands: on.')
  })

  it('lists what a granular policy refuses', () => {
    const granular = {
      sandboxApproval: true,
      rules: false,
      skillApproval: true,
      requestPermissions: true,
      mcpElicitations: false,
    }
    expect(text(confined, { granular })).toContain(
      'Requests for these are refused: commands that a rule asks about, questions of MCP servers.',
    )
  })
})
