import { describe, expect, it } from 'vitest'
import {
  PermissionGate,
  PromptGate,
  StopGate,
  ToolGate,
  type ToolCall,
  type ToolOutcome,
} from 'hookline'
import { maxContinuations } from './dialect.ts'
import {
  foldCompaction,
  foldObjection,
  foldOpening,
  foldOutcome,
  foldPermission,
  foldPrompt,
  foldStop,
  foldTool,
  isExhausted,
  refusalText,
  type HookRun,
} from './fold.ts'
import type { Effects } from './verdict.ts'

const run = (id: string, effects: Effects, finished = 0): HookRun => ({
  id,
  outcome: { status: 'completed', entries: [], effects },
  finished,
})

function callOf(toolName: string, input: unknown): ToolCall {
  const item = {
    type: 'tool_call',
    id: 'i',
    callId: 'c',
    name: 'x',
    payload: { kind: 'json', text: '' },
  } as const
  return { id: 'c', toolName, aliases: [], input, item, replay: false }
}

const bash = callOf('Bash', { command: 'ls' })

describe('an opening', () => {
  it('keeps the context of all hooks, in the order of configuration', () => {
    const runs = [run('a', { context: 'one' }, 2), run('b', {}), run('c', { context: 'two' }, 1)]
    expect(foldOpening({ reason: 'startup', context: ['zero'] }, runs)).toEqual({
      reason: 'startup',
      context: ['zero', 'one', 'two'],
    })
  })

  it('is stopped by the first that says so, and keeps its context', () => {
    const runs = [run('a', { stop: 'first', context: 'c' }), run('b', { stop: 'second' })]
    expect(foldOpening({ reason: 'resume', context: [] }, runs)).toMatchObject({
      stopped: 'first',
      context: ['c'],
    })
  })
})

describe('a prompt', () => {
  it('is blocked with the first reason, and keeps the context of all', () => {
    const gate = foldPrompt(PromptGate.of({ parts: [], text: 'p' }), [
      run('a', { context: 'one' }),
      run('b', { deny: 'no' }),
      run('c', { deny: 'never', context: 'two' }),
    ])
    expect([gate.blocked, gate.context]).toEqual(['no', ['one', 'two']])
  })

  it('passes where nobody blocks', () => {
    expect(
      foldPrompt(PromptGate.of({ parts: [], text: 'p' }), [run('a', {})]).blocked,
    ).toBeUndefined()
  })
})

describe('a call', () => {
  it('is refused with the first configured reason, whoever was faster', () => {
    const gate = foldTool(ToolGate.of(bash), [
      run('a', { deny: 'first' }, 5),
      run('b', { deny: 'second' }, 1),
    ])
    expect(gate.reasons).toEqual(['Command blocked by PreToolUse hook: first. Command: ls'])
  })

  it('takes the rewrite that finished last', () => {
    const runs = [
      run('a', { rewrite: { input: 'a' } }, 2),
      run('b', { rewrite: { input: 'b' } }, 1),
    ]
    expect(foldTool(ToolGate.of(bash), runs).call.input).toBe('a')
    expect(foldTool(ToolGate.of(bash), runs.toReversed()).call.input).toBe('a')
  })

  it('is refused against every rewrite', () => {
    const gate = foldTool(ToolGate.of(bash), [
      run('a', { rewrite: { input: 'a' } }),
      run('b', { deny: 'no' }),
    ])
    expect([gate.decision, gate.rewrites]).toEqual(['deny', 0])
  })

  it('keeps context beside a refusal', () => {
    expect(foldTool(ToolGate.of(bash), [run('a', { context: 'why', deny: 'no' })]).context).toEqual(
      ['why'],
    )
  })

  it('is not allowed by a rewrite: approvals are asked as before', () => {
    expect(foldTool(ToolGate.of(bash), [run('a', { rewrite: { input: 'a' } })]).decision).toBe(
      'open',
    )
  })

  it('is named in the refusal by its command, or by its tool', () => {
    expect(refusalText(callOf('apply_patch', { command: 'p' }), 'r')).toBe(
      'Command blocked by PreToolUse hook: r. Command: p',
    )
    expect(refusalText(callOf('mcp__s__t', { command: 'p' }), 'r')).toBe(
      'Tool call blocked by PreToolUse hook: r. Tool: mcp__s__t',
    )
  })
})

const permission = () => PermissionGate.of(bash, { kind: 'escalation', reason: '', refusal: '' })

describe('a permission', () => {
  it('is denied where one denies and one allows, in either order', () => {
    const runs = [run('a', { grant: true }), run('b', { deny: 'no' })]
    expect(foldPermission(permission(), runs)).toMatchObject({ decision: 'deny', reason: 'no' })
    expect(foldPermission(permission(), runs.toReversed()).decision).toBe('deny')
  })

  it('is granted by an allow, and left open without one', () => {
    expect(foldPermission(permission(), [run('a', { grant: true })]).decision).toBe('allow')
    expect(foldPermission(permission(), [run('a', {})]).decision).toBe('open')
  })
})

describe('an outcome', () => {
  const outcome: ToolOutcome = {
    call: bash,
    output: 'out',
    response: 'out',
    failed: false,
    durationMs: 1,
    context: [],
  }

  it('is replaced by all feedback together', () => {
    const runs = [run('a', { feedback: 'one' }), run('b', { feedback: 'two', context: 'c' })]
    expect(foldOutcome(outcome, runs)).toEqual({ ...outcome, output: 'one\n\ntwo', context: ['c'] })
  })

  it('stays without feedback', () => {
    expect(foldOutcome(outcome, [run('a', { context: 'c' })])).toEqual({
      ...outcome,
      context: ['c'],
    })
  })
})

const stopGate = (continuations = 0) => StopGate.of({ continuations })

describe('a stop', () => {
  it('goes on with every reason, each with its run', () => {
    const runs = [run('a', { goOn: 'one' }, 2), run('b', { goOn: 'two' }, 1)]
    expect(foldStop(stopGate(), runs).goOn).toEqual([
      { reason: 'one', runId: 'a' },
      { reason: 'two', runId: 'b' },
    ])
  })

  it('ends where one says so, against every reason to go on', () => {
    expect(
      foldStop(stopGate(), [run('a', { goOn: 'one' }), run('b', { stop: 'end' })]),
    ).toMatchObject({
      ended: 'end',
      goOn: [],
    })
  })

  it('goes on only so often in one turn', () => {
    const runs = [run('a', { goOn: 'again' })]
    expect(foldStop(stopGate(maxContinuations - 1), runs).goOn).toHaveLength(1)
    expect(foldStop(stopGate(maxContinuations), runs).goOn).toHaveLength(0)
    expect([
      isExhausted(stopGate(maxContinuations - 1), runs),
      isExhausted(stopGate(maxContinuations), runs),
    ]).toEqual([false, true])
  })
})

describe('a compaction', () => {
  it('is objected to before it, and stops the turn after it', () => {
    expect(foldObjection([run('a', {}), run('b', { stop: 'no' })])).toEqual({ reason: 'no' })
    expect(foldObjection([run('a', {})])).toBeUndefined()
    expect(foldCompaction({ items: [], summary: 's' }, [run('a', { stop: 'end' })])).toMatchObject({
      stopped: 'end',
    })
  })
})
