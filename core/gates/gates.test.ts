import { describe, expect, it } from 'vitest'
import type { ExecPlan } from '../points/exec.ts'
import type { PermissionNeed, ToolCall } from '../points/tool.ts'
import { ExecGate } from './exec-gate.ts'
import { PermissionGate } from './permission-gate.ts'
import { PromptGate } from './prompt-gate.ts'
import { StopGate } from './stop-gate.ts'
import { ToolGate } from './tool-gate.ts'

const call: ToolCall = {
  id: 'c1',
  toolName: 'Bash',
  aliases: [],
  input: { command: 'ls' },
  item: {
    type: 'tool_call',
    id: 'i',
    callId: 'c1',
    name: 'exec_command',
    payload: { kind: 'json', text: '{}' },
  },
  replay: false,
}

const verdicts = {
  allow: (gate: ToolGate) => gate.allow('fine'),
  ask: (gate: ToolGate) => gate.ask('sure?'),
  deny: (gate: ToolGate) => gate.deny('no'),
}
type Verdict = keyof typeof verdicts

function orders(left: readonly Verdict[]): readonly (readonly Verdict[])[] {
  if (left.length === 0) return [[]]
  return left.flatMap((first) =>
    orders(left.filter((other) => other !== first)).map((rest) => [first, ...rest]),
  )
}

const subsets: readonly (readonly Verdict[])[] = [
  ['allow'],
  ['ask'],
  ['deny'],
  ['allow', 'ask'],
  ['allow', 'deny'],
  ['ask', 'deny'],
  ['allow', 'ask', 'deny'],
]

describe('ToolGate', () => {
  for (const subset of subsets) {
    it(`decides the same for every order of ${subset.join(', ')}`, () => {
      const results = orders(subset).map(
        (order) =>
          order.reduce((gate, verdict) => verdicts[verdict](gate), ToolGate.of(call)).decision,
      )
      expect(new Set(results)).toEqual(
        new Set([subset.includes('deny') ? 'deny' : subset.includes('ask') ? 'ask' : 'allow']),
      )
    })
  }

  it('does not follow from a stricter gate', () => {
    expect(ToolGate.of(call).follows(ToolGate.of(call).deny('no'))).toBe(false)
    expect(ToolGate.of(call).allow('x').follows(ToolGate.of(call).ask('sure?'))).toBe(false)
    expect(ToolGate.of(call).deny('no').follows(ToolGate.of(call).ask('sure?'))).toBe(true)
  })

  it('drops an allow when the input is rewritten, so that what was approved is what runs', () => {
    const gate = ToolGate.of(call).allow('fine').rewrite({ command: 'rm' })
    expect(gate.decision).toBe('open')
    expect(gate.call.input).toEqual({ command: 'rm' })
  })

  it('keeps the first denial and its reason', () => {
    expect(ToolGate.of(call).deny('one').deny('two').reasons).toEqual(['one'])
  })

  it('does not follow when the end of the turn was taken back', () => {
    expect(ToolGate.of(call).follows(ToolGate.of(call).stopTurn('enough'))).toBe(false)
    expect(ToolGate.of(call).stopTurn('enough').follows(ToolGate.of(call))).toBe(true)
  })

  it('takes no rewrite once it is locked', () => {
    const locked = ToolGate.of(call).lock()
    expect(locked.rewrite({ command: 'rm' }).call.input).toBe(call.input)
    expect(ToolGate.of({ ...call, input: 'other' }).follows(locked)).toBe(false)
  })
})

describe('PermissionGate', () => {
  const need: PermissionNeed = { kind: 'escalation', reason: 'r', refusal: 'no' }

  it('lets deny win over allow in both orders', () => {
    expect(PermissionGate.of(call, need).allow().deny('x').decision).toBe('deny')
    expect(PermissionGate.of(call, need).deny('x').allow().decision).toBe('deny')
  })

  it('does not follow when an allow was reopened or another need was put in', () => {
    const allowed = PermissionGate.of(call, need).allow()
    expect(PermissionGate.of(call, need).follows(allowed)).toBe(false)
    expect(PermissionGate.of(call, { ...need }).follows(PermissionGate.of(call, need))).toBe(false)
  })

  it('does not follow when the end of the turn was taken back', () => {
    const stopped = PermissionGate.of(call, need).deny('x').stopTurn('enough')
    expect(PermissionGate.of(call, need).deny('x').follows(stopped)).toBe(false)
    expect(stopped.follows(PermissionGate.of(call, need))).toBe(true)
  })
})

describe('PromptGate', () => {
  it('cannot be unblocked and keeps its context', () => {
    const gate = PromptGate.of({ parts: [], text: 'hi' })
      .addContext('a')
      .block('no')
      .addContext('b')
    expect(gate.blocked).toBe('no')
    expect(gate.context).toEqual(['a', 'b'])
    expect(PromptGate.of(gate.prompt).follows(gate)).toBe(false)
  })
})

describe('StopGate', () => {
  it('collects reasons and lets an end stand against all of them', () => {
    const gate = StopGate.of({ continuations: 0 })
      .continue('a', 'r1')
      .end('enough')
      .continue('b', 'r2')
    expect(gate.goOn.map(({ reason }) => reason)).toEqual(['a', 'b'])
    expect(gate.ended).toBe('enough')
    expect(StopGate.of({ continuations: 0 }).follows(gate)).toBe(false)
  })

  it('does not follow when a reason to go on was dropped', () => {
    const gate = StopGate.of({ continuations: 0 }).continue('tests fail')
    expect(StopGate.of({ continuations: 0 }).continue('other').follows(gate)).toBe(false)
    expect(gate.continue('other').follows(gate)).toBe(true)
  })
})

describe('ExecGate', () => {
  const plan: ExecPlan = {
    command: ['true'],
    cwd: '/w',
    env: { A: '1', B: '2' },
    tty: false,
    sandbox: {
      mode: 'workspace-write',
      writableRoots: ['/w', '/tmp'],
      network: true,
      deniedReads: [],
      deniedReadGlobs: [],
      backend: 'bwrap',
    },
  }

  it('only narrows', () => {
    const gate = ExecGate.of(plan)
      .dropWritableRoot('/tmp')
      .closeNetwork()
      .removeVariable('A')
      .denyRead('/secret')
    expect(gate.plan.sandbox).toMatchObject({
      writableRoots: ['/w'],
      network: false,
      deniedReads: ['/secret'],
    })
    expect(gate.plan.env).toEqual({ B: '2' })
    expect(gate.follows(ExecGate.of(plan))).toBe(true)
    expect(ExecGate.of(plan).follows(gate)).toBe(false)
  })

  it('goes to a stricter mode, never to a looser one', () => {
    expect(ExecGate.of(plan).restrictMode('read-only', 'bwrap').plan.sandbox).toMatchObject({
      mode: 'read-only',
      writableRoots: [],
    })
    expect(ExecGate.of(plan).restrictMode('danger-full-access', 'none').plan.sandbox.mode).toBe(
      'workspace-write',
    )
  })

  it('keeps the backend that confines: a stricter mode is no way around it', () => {
    const gate = ExecGate.of(plan).restrictMode('read-only', 'none')
    expect(gate.plan.sandbox).toMatchObject({ mode: 'read-only', backend: 'bwrap' })
    const sandbox = {
      ...plan.sandbox,
      mode: 'read-only',
      writableRoots: [],
      backend: 'none',
    } as const
    expect(ExecGate.of({ ...plan, sandbox }).follows(ExecGate.of(plan))).toBe(false)
  })

  it('takes a backend where nothing confined before', () => {
    const free = { mode: 'danger-full-access', writableRoots: [], backend: 'none' } as const
    const before = ExecGate.of({ ...plan, sandbox: { ...plan.sandbox, ...free } })
    const after = before.restrictMode('read-only', 'bwrap')
    expect(after.plan.sandbox).toMatchObject({ mode: 'read-only', backend: 'bwrap' })
    expect(after.follows(before)).toBe(true)
  })

  it('does not follow when a folder is no longer kept read-only', () => {
    const kept = { ...plan, sandbox: { ...plan.sandbox, readOnlyPaths: ['/w/home'] } }
    expect(ExecGate.of(plan).follows(ExecGate.of(kept))).toBe(false)
    expect(ExecGate.of(kept).follows(ExecGate.of(plan))).toBe(true)
    expect(ExecGate.of(kept).closeNetwork().follows(ExecGate.of(kept))).toBe(true)
  })

  it('does not follow with another command or a changed variable', () => {
    expect(ExecGate.of({ ...plan, command: ['false'] }).follows(ExecGate.of(plan))).toBe(false)
    expect(ExecGate.of({ ...plan, env: { A: 'x' } }).follows(ExecGate.of(plan))).toBe(false)
  })
})
