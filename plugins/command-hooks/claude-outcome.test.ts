import { describe, expect, it } from 'vitest'
import { isHookEvent, type HookEvent } from './events.ts'
import { failClosed, outcomeOf, type ProcessResult } from './outcome.ts'
import type { Answerer } from './verdict.ts'

const bash: Answerer = { dialect: 'claude', command: 'guard.sh', subject: 'Bash' }

function exit(code: number, stdout: unknown = '', stderr = ''): ProcessResult {
  const text = typeof stdout === 'string' ? stdout : JSON.stringify(stdout)
  return { kind: 'exited', code, stdout: text, stderr }
}

const of = (result: ProcessResult, event: HookEvent, answerer: Answerer = bash) => {
  const { status, effects } = outcomeOf(result, event, answerer)
  return [status, effects]
}

describe('exit code 2 in the claude dialect', () => {
  it.each([
    ['UserPromptSubmit', { deny: '[guard.sh]: no' }],
    ['PreToolUse', { deny: '[guard.sh]: no' }],
    ['PermissionRequest', { deny: '[guard.sh]: no' }],
    ['PostToolUse', { note: 'PostToolUse:Bash hook feedback: [guard.sh]: no' }],
    ['PostToolUseFailure', { note: 'PostToolUseFailure:Bash hook feedback: [guard.sh]: no' }],
    ['PostToolBatch', { endTurn: '[guard.sh]: no' }],
    ['Stop', { prompt: 'Stop hook feedback:\n[guard.sh]: no' }],
    ['SubagentStop', { prompt: 'SubagentStop hook feedback:\n[guard.sh]: no' }],
    ['PreCompact', { stop: '[guard.sh]: no' }],
  ] as const)('refuses what %s stands before, and names the command', (event, effects) => {
    expect(of(exit(2, '', ' no\n'), event)).toEqual(['blocked', effects])
  })

  it('blocks without a word on stderr', () => {
    expect(of(exit(2), 'PreToolUse')).toEqual(['blocked', { deny: '[guard.sh]: No stderr output' }])
    expect(of(exit(2), 'PreToolUse', { dialect: 'claude' })).toEqual([
      'blocked',
      { deny: 'No stderr output' },
    ])
  })

  it.each(['SessionStart', 'SubagentStart', 'PostCompact', 'PermissionDenied', 'Notification'])(
    'cannot block %s, and is shown to the user',
    (event) => {
      if (!isHookEvent(event)) throw new Error(`no event ${event}`)
      const outcome = outcomeOf(exit(2, '', 'no'), event, bash)
      expect(outcome).toEqual({
        status: 'failed',
        entries: [{ kind: 'error', text: '[guard.sh]: no' }],
        effects: {},
      })
    },
  )

  it('counts against whatever stands on stdout', () => {
    const answered = exit(2, { decision: 'approve' }, 'no')
    expect(of(answered, 'PreToolUse')).toEqual(['blocked', { deny: '[guard.sh]: no' }])
  })
})

describe('plain text in the claude dialect', () => {
  const start: Answerer = { dialect: 'claude', subject: 'startup' }

  it('is told at the start and with a prompt, with a note of where it comes from', () => {
    expect(of(exit(0, ' hi \n'), 'SessionStart', start)).toEqual([
      'completed',
      { context: 'SessionStart:startup hook success: hi' },
    ])
    expect(of(exit(0, 'hi'), 'UserPromptSubmit', { dialect: 'claude' })).toEqual([
      'completed',
      { context: 'UserPromptSubmit hook success: hi' },
    ])
  })

  it('is what a compaction is asked to mind', () => {
    expect(of(exit(0, 'keep the names'), 'PreCompact')).toEqual([
      'completed',
      { context: 'keep the names' },
    ])
  })

  it.each(['PreToolUse', 'PostToolUse', 'Stop', 'SubagentStop', 'SubagentStart', 'Interrupt'])(
    'is passed over by %s',
    (event) => {
      if (!isHookEvent(event)) throw new Error(`no event ${event}`)
      expect(of(exit(0, 'chat'), event)).toEqual(['completed', {}])
    },
  )

  it('may begin with a bracket', () => {
    expect(of(exit(0, '[note] hi'), 'UserPromptSubmit')).toEqual([
      'completed',
      { context: 'UserPromptSubmit hook success: [note] hi' },
    ])
  })
})

describe('an answer in the claude dialect', () => {
  it('counts for what is known of it', () => {
    const answered = exit(0, {
      decision: 'block',
      reason: 'r',
      additionalContext: 'top',
      x: { y: 1 },
    })
    expect(of(answered, 'PreToolUse')).toEqual(['blocked', { deny: 'r' }])
  })

  it('for another event counts for nothing', () => {
    const specific = { hookEventName: 'Stop', permissionDecision: 'deny' }
    expect(of(exit(0, { hookSpecificOutput: specific }), 'PreToolUse')).toEqual(['failed', {}])
  })

  it.each([
    [{ continue: 'false' }],
    [{ decision: 'blok' }],
    [{ hookSpecificOutput: { permissionDecision: 'deny' } }],
    [{ hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'maybe' } }],
  ])('that cannot be read counts for nothing: %j', (answered) => {
    expect(of(exit(0, answered), 'PreToolUse')).toEqual(['failed', {}])
  })

  it('counts for nothing behind any other exit code', () => {
    expect(of(exit(1, { decision: 'block' }), 'PreToolUse')).toEqual(['failed', {}])
  })
})

describe('a handler of the claude dialect that must not fail', () => {
  it.each([
    ['PreToolUse', 'deny'],
    ['PostToolUse', 'note'],
    ['Stop', 'prompt'],
    ['PostToolBatch', 'endTurn'],
    ['PreCompact', 'stop'],
  ] as const)('refuses what %s stands before', (event, effect) => {
    const outcome = failClosed(outcomeOf(exit(1), event, bash), event, bash)
    expect(outcome.status).toBe('blocked')
    expect(outcome.effects).toEqual({ [effect]: expect.stringContaining('exited with code 1') })
  })
})
