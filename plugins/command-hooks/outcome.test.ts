import { describe, expect, it } from 'vitest'
import { isHookEvent, type HookEvent } from './events.ts'
import { failClosed, outcomeOf, type ProcessResult } from './outcome.ts'

const exit = (code: number, stdout: unknown = '', stderr = ''): ProcessResult => ({
  kind: 'exited',
  code,
  stdout: typeof stdout === 'string' ? stdout : JSON.stringify(stdout),
  stderr,
})
const said = (stdout: unknown) => exit(0, stdout)
const specific = (hookEventName: string, more: object) =>
  said({ hookSpecificOutput: { hookEventName, ...more } })
const pre = (more: object) => specific('PreToolUse', more)
const permission = (decision: object) => specific('PermissionRequest', { decision })

type Row = readonly [
  what: string,
  event: HookEvent,
  result: ProcessResult,
  status: string,
  effects: object,
]

const none = {}
const command = { command: 'ls' }

const rows: readonly Row[] = [
  // Reading the output.
  ['nothing said', 'UserPromptSubmit', said(''), 'completed', none],
  ['blanks only', 'SessionStart', said(' \n '), 'completed', none],
  ['an empty object', 'Stop', said({}), 'completed', none],
  [
    'any other exit code',
    'PreToolUse',
    exit(1, { decision: 'block', reason: 'r' }),
    'failed',
    none,
  ],
  ['exit code 127', 'UserPromptSubmit', exit(127, 'text'), 'failed', none],
  ['a signal', 'PreToolUse', { kind: 'killed', signal: 'SIGSEGV' }, 'failed', none],
  ['a timeout', 'PreToolUse', { kind: 'timed_out', seconds: 3 }, 'failed', none],
  ['a command that cannot start', 'PreToolUse', { kind: 'broken', message: 'no' }, 'failed', none],
  [
    'an unknown field',
    'PreToolUse',
    said({ note: 'x', decision: 'block', reason: 'r' }),
    'failed',
    none,
  ],
  [
    'an unknown inner field',
    'PreToolUse',
    pre({ permissionDecision: 'deny', permissionDecisionReason: 'r', x: 1 }),
    'failed',
    none,
  ],
  [
    'a value outside of its list',
    'PreToolUse',
    pre({ permissionDecision: 'defer' }),
    'failed',
    none,
  ],
  [
    'no event name',
    'SessionStart',
    said({ hookSpecificOutput: { additionalContext: 'c' } }),
    'failed',
    none,
  ],
  [
    'the name of another event',
    'SessionStart',
    specific('PreToolUse', { additionalContext: 'c' }),
    'completed',
    { context: 'c' },
  ],
  [
    'a name that is no event',
    'SessionStart',
    specific('Bogus', { additionalContext: 'c' }),
    'failed',
    none,
  ],
  [
    'null for optional fields',
    'PreToolUse',
    said({ decision: null, reason: null, stopReason: null, hookSpecificOutput: null }),
    'completed',
    none,
  ],
  ['null for a flag', 'PreToolUse', said({ continue: null }), 'failed', none],
  ['text where a flag belongs', 'Stop', said({ continue: 'false' }), 'failed', none],
  ['a number where text belongs', 'Stop', said({ decision: 'block', reason: 5 }), 'failed', none],
  ['broken JSON', 'PreToolUse', said('{"decision":'), 'failed', none],
  ['an array', 'SessionStart', said('["a"]'), 'failed', none],
  [
    'JSON with text behind it',
    'PreToolUse',
    said('{"decision":"block","reason":"r"}\nmore'),
    'failed',
    none,
  ],
  [
    'JSON with text before it',
    'PreToolUse',
    said('note:\n{"decision":"block","reason":"r"}'),
    'completed',
    none,
  ],
  ['a JSON string', 'SessionStart', said('"quoted"'), 'completed', { context: '"quoted"' }],
  [
    'exit 2 with JSON on stdout',
    'PreToolUse',
    exit(2, { decision: 'block', reason: 'out' }, 'err'),
    'blocked',
    { deny: 'err' },
  ],
  ['exit 2 without a word', 'PreToolUse', exit(2), 'failed', none],
  ['exit 2 with blanks', 'Stop', exit(2, '', ' \n'), 'failed', none],

  // Plain text.
  ['text', 'SessionStart', said('  told \n'), 'completed', { context: 'told' }],
  ['text', 'SubagentStart', said('told'), 'completed', { context: 'told' }],
  ['text', 'UserPromptSubmit', said('told'), 'completed', { context: 'told' }],
  ['text', 'PreToolUse', said('chat'), 'completed', none],
  ['text', 'PostToolUse', said('chat'), 'completed', none],
  ['text', 'PreCompact', said('chat'), 'completed', none],
  ['text', 'PostCompact', said('chat'), 'completed', none],
  ['text', 'Stop', said('chat'), 'failed', none],
  ['text', 'SubagentStop', said('chat'), 'failed', none],
  ['text', 'Interrupt', said('chat'), 'failed', none],
  ['text', 'SessionEnd', said('chat'), 'completed', none],

  // SessionStart.
  [
    'context that is blank',
    'SessionStart',
    specific('SessionStart', { additionalContext: '  ' }),
    'completed',
    { context: '  ' },
  ],
  [
    'continue: false',
    'SessionStart',
    said({ continue: false, stopReason: 'no' }),
    'stopped',
    { stop: 'no' },
  ],
  [
    'continue: false with context',
    'SessionStart',
    said({
      continue: false,
      hookSpecificOutput: { hookEventName: 'SessionStart', additionalContext: 'c' },
    }),
    'stopped',
    { context: 'c', stop: 'SessionStart hook stopped execution' },
  ],
  ['exit 2', 'SessionStart', exit(2, '', 'err'), 'failed', none],
  ['suppressOutput', 'SessionStart', said({ suppressOutput: true }), 'completed', none],

  // UserPromptSubmit.
  [
    'a block',
    'UserPromptSubmit',
    said({ decision: 'block', reason: 'no' }),
    'blocked',
    { deny: 'no' },
  ],
  ['exit 2', 'UserPromptSubmit', exit(2, 'out', 'no\n'), 'blocked', { deny: 'no' }],
  ['a block without a reason', 'UserPromptSubmit', said({ decision: 'block' }), 'failed', none],
  [
    'a block with a blank reason',
    'UserPromptSubmit',
    said({ decision: 'block', reason: ' ' }),
    'failed',
    none,
  ],
  [
    'continue: false',
    'UserPromptSubmit',
    said({ continue: false, stopReason: 'halt' }),
    'stopped',
    { deny: 'halt' },
  ],
  [
    'a block with context',
    'UserPromptSubmit',
    said({
      decision: 'block',
      reason: 'no',
      hookSpecificOutput: { hookEventName: 'UserPromptSubmit', additionalContext: 'c' },
    }),
    'blocked',
    { context: 'c', deny: 'no' },
  ],

  // PreToolUse.
  [
    'a deny',
    'PreToolUse',
    pre({ permissionDecision: 'deny', permissionDecisionReason: 'no' }),
    'blocked',
    { deny: 'no' },
  ],
  [
    'the old block',
    'PreToolUse',
    said({ decision: 'block', reason: 'no' }),
    'blocked',
    { deny: 'no' },
  ],
  [
    'exit 2 of several lines',
    'PreToolUse',
    exit(2, '', '\n one\ntwo \n\n'),
    'blocked',
    { deny: 'one\ntwo' },
  ],
  ['a deny without a reason', 'PreToolUse', pre({ permissionDecision: 'deny' }), 'failed', none],
  [
    'a deny with a blank reason',
    'PreToolUse',
    pre({ permissionDecision: 'deny', permissionDecisionReason: '' }),
    'failed',
    none,
  ],
  ['the old block without a reason', 'PreToolUse', said({ decision: 'block' }), 'failed', none],
  [
    'a rewrite',
    'PreToolUse',
    pre({ permissionDecision: 'allow', updatedInput: command }),
    'completed',
    { rewrite: { input: command } },
  ],
  ['a rewrite without allow', 'PreToolUse', pre({ updatedInput: command }), 'failed', none],
  [
    'a rewrite beside a deny',
    'PreToolUse',
    pre({ permissionDecision: 'deny', permissionDecisionReason: 'no', updatedInput: command }),
    'failed',
    none,
  ],
  ['allow alone', 'PreToolUse', pre({ permissionDecision: 'allow' }), 'failed', none],
  [
    'ask',
    'PreToolUse',
    pre({ permissionDecision: 'ask', permissionDecisionReason: 'hm' }),
    'failed',
    none,
  ],
  ['approve', 'PreToolUse', said({ decision: 'approve', reason: 'ok' }), 'failed', none],
  ['continue: false', 'PreToolUse', said({ continue: false }), 'failed', none],
  [
    'continue: false beside a deny',
    'PreToolUse',
    said({
      continue: false,
      hookSpecificOutput: {
        hookEventName: 'PreToolUse',
        permissionDecision: 'deny',
        permissionDecisionReason: 'no',
      },
    }),
    'failed',
    none,
  ],
  ['stopReason', 'PreToolUse', said({ stopReason: 'x' }), 'failed', none],
  ['suppressOutput', 'PreToolUse', said({ suppressOutput: true }), 'failed', none],
  ['a reason without a decision', 'PreToolUse', said({ reason: 'x' }), 'failed', none],
  [
    'a permission reason alone',
    'PreToolUse',
    pre({ permissionDecisionReason: 'x' }),
    'failed',
    none,
  ],
  ['context', 'PreToolUse', pre({ additionalContext: 'c' }), 'completed', { context: 'c' }],
  [
    'context with a deny',
    'PreToolUse',
    pre({ permissionDecision: 'deny', permissionDecisionReason: 'no', additionalContext: 'c' }),
    'blocked',
    { context: 'c', deny: 'no' },
  ],
  [
    'the new decision over the old',
    'PreToolUse',
    said({
      decision: 'approve',
      hookSpecificOutput: {
        hookEventName: 'PreToolUse',
        permissionDecision: 'deny',
        permissionDecisionReason: 'no',
      },
    }),
    'blocked',
    { deny: 'no' },
  ],

  // PermissionRequest.
  ['allow', 'PermissionRequest', permission({ behavior: 'allow' }), 'completed', { grant: true }],
  [
    'deny with words',
    'PermissionRequest',
    permission({ behavior: 'deny', message: 'no' }),
    'blocked',
    { deny: 'no' },
  ],
  [
    'deny without words',
    'PermissionRequest',
    permission({ behavior: 'deny' }),
    'blocked',
    { deny: 'PermissionRequest hook denied approval' },
  ],
  ['exit 2', 'PermissionRequest', exit(2, '', 'no'), 'blocked', { deny: 'no' }],
  ['exit 1', 'PermissionRequest', exit(1, '', 'no'), 'failed', none],
  ['no decision', 'PermissionRequest', specific('PermissionRequest', {}), 'completed', none],
  [
    'updatedInput',
    'PermissionRequest',
    permission({ behavior: 'allow', updatedInput: command }),
    'failed',
    none,
  ],
  [
    'updatedPermissions, though empty',
    'PermissionRequest',
    permission({ behavior: 'allow', updatedPermissions: [] }),
    'failed',
    none,
  ],
  [
    'interrupt',
    'PermissionRequest',
    permission({ behavior: 'deny', interrupt: true }),
    'failed',
    none,
  ],
  ['continue: false', 'PermissionRequest', said({ continue: false }), 'failed', none],
  ['no behavior', 'PermissionRequest', permission({ message: 'x' }), 'failed', none],

  // PostToolUse.
  [
    'a block',
    'PostToolUse',
    said({ decision: 'block', reason: 'why' }),
    'blocked',
    { feedback: 'why' },
  ],
  ['exit 2', 'PostToolUse', exit(2, '', 'why'), 'blocked', { feedback: 'why' }],
  [
    'continue: false',
    'PostToolUse',
    said({ continue: false }),
    'stopped',
    { feedback: 'PostToolUse hook stopped execution' },
  ],
  [
    'continue: false with stopReason',
    'PostToolUse',
    said({ continue: false, stopReason: 'end' }),
    'stopped',
    { feedback: 'end' },
  ],
  [
    'continue: false with a reason',
    'PostToolUse',
    said({ continue: false, stopReason: 'end', decision: 'block', reason: 'because' }),
    'stopped',
    { feedback: 'because' },
  ],
  [
    'context with a block',
    'PostToolUse',
    said({
      decision: 'block',
      reason: 'why',
      hookSpecificOutput: { hookEventName: 'PostToolUse', additionalContext: 'c' },
    }),
    'blocked',
    { context: 'c', feedback: 'why' },
  ],
  [
    'updatedMCPToolOutput',
    'PostToolUse',
    specific('PostToolUse', { updatedMCPToolOutput: { x: 1 } }),
    'failed',
    none,
  ],
  [
    'updatedToolOutput',
    'PostToolUse',
    specific('PostToolUse', { updatedToolOutput: 'x' }),
    'failed',
    none,
  ],
  ['suppressOutput', 'PostToolUse', said({ suppressOutput: true }), 'failed', none],
  ['a block without a reason', 'PostToolUse', said({ decision: 'block' }), 'failed', none],
  ['a reason without a decision', 'PostToolUse', said({ reason: 'hm' }), 'failed', none],
  ['exit 2 without a word', 'PostToolUse', exit(2), 'failed', none],

  // Stop and SubagentStop.
  ['a block', 'Stop', said({ decision: 'block', reason: 'go on' }), 'blocked', { goOn: 'go on' }],
  ['exit 2', 'Stop', exit(2, '', 'go on'), 'blocked', { goOn: 'go on' }],
  [
    'a block',
    'SubagentStop',
    said({ decision: 'block', reason: 'go on' }),
    'blocked',
    { goOn: 'go on' },
  ],
  [
    'continue: false over a block',
    'Stop',
    said({ continue: false, stopReason: 'end', decision: 'block', reason: 'go on' }),
    'stopped',
    { stop: 'end' },
  ],
  ['a block without a reason', 'Stop', said({ decision: 'block' }), 'failed', none],
  ['hookSpecificOutput', 'Stop', specific('Stop', {}), 'failed', none],

  // Compaction.
  [
    'continue: false',
    'PreCompact',
    said({ continue: false, stopReason: 'no' }),
    'stopped',
    { stop: 'no' },
  ],
  [
    'continue: false',
    'PostCompact',
    said({ continue: false }),
    'stopped',
    { stop: 'PostCompact hook stopped execution' },
  ],
  ['exit 2', 'PreCompact', exit(2, '', 'no'), 'failed', none],
  ['a block', 'PreCompact', said({ decision: 'block', reason: 'no' }), 'failed', none],

  // Interrupt and SessionEnd.
  ['a message', 'Interrupt', said({ systemMessage: 'm' }), 'completed', none],
  ['continue', 'Interrupt', said({ continue: false }), 'failed', none],
  ['an answer', 'SessionEnd', said({ whatever: 1 }), 'completed', none],
  ['exit 2', 'SessionEnd', exit(2, '', 'err'), 'failed', none],
]

describe('what the end of a handler means', () => {
  it.each(rows)('%s (%s)', (_what, event, result, status, effects) => {
    const outcome = outcomeOf(result, event, 'codex')
    expect({ status: outcome.status, effects: outcome.effects }).toEqual({ status, effects })
  })

  it('shows a systemMessage as a warning, whatever else the answer says', () => {
    const message = { kind: 'warning', text: 'for the user' }
    expect(
      outcomeOf(said({ systemMessage: 'for the user' }), 'PreToolUse', 'codex').entries,
    ).toEqual([message])
    const failed = outcomeOf(
      said({ systemMessage: 'for the user', suppressOutput: true }),
      'PreToolUse',
      'codex',
    )
    expect(failed.entries).toEqual([message, expect.objectContaining({ kind: 'error' })])
  })

  it('says why a run failed', () => {
    const why = (result: ProcessResult) =>
      outcomeOf(result, 'PreToolUse', 'codex').entries.at(-1)?.text
    expect(why({ kind: 'timed_out', seconds: 3 })).toBe('hook timed out after 3s')
    expect(why(exit(7))).toBe('hook exited with code 7')
    expect(why(said('{'))).toBe('hook returned invalid PreToolUse JSON output: it is not JSON')
    expect(why(said({ note: 1 }))).toContain('"note" is not a known field')
  })
})

describe('the claude dialect', () => {
  const claude = (result: ProcessResult) => outcomeOf(result, 'PreToolUse', 'claude')

  it('passes over unknown fields and lets the rest count', () => {
    expect(claude(said({ note: 'x', decision: 'block', reason: 'r' })).effects).toEqual({
      deny: 'r',
    })
  })

  it('denies without a reason', () => {
    expect(claude(pre({ permissionDecision: 'deny' })).effects).toEqual({ deny: 'Blocked by hook' })
    expect(claude(exit(2)).effects).toEqual({ deny: 'No stderr output' })
  })

  it('takes a rewrite without an allow', () => {
    expect(claude(pre({ updatedInput: command })).effects).toEqual({ rewrite: { input: command } })
  })
})

describe('a handler that must not fail', () => {
  const refusals: readonly (readonly [HookEvent, string])[] = [
    ['SessionStart', 'stop'],
    ['UserPromptSubmit', 'deny'],
    ['PreToolUse', 'deny'],
    ['PermissionRequest', 'deny'],
    ['PostToolUse', 'feedback'],
    ['Stop', 'goOn'],
    ['PreCompact', 'stop'],
  ]

  it.each(refusals)('refuses what %s stands before', (event, effect) => {
    const outcome = failClosed(outcomeOf(exit(1), event, 'codex'), event)
    expect(outcome.status).toBe('blocked')
    expect(outcome.effects).toEqual({
      [effect]: expect.stringContaining('hook exited with code 1'),
    })
  })

  it('is like any other where it does not fail', () => {
    const outcome = outcomeOf(said(''), 'PreToolUse', 'codex')
    expect(failClosed(outcome, 'PreToolUse')).toBe(outcome)
  })
})

describe('names of events', () => {
  it('are not found on the prototype of a table', () => {
    expect(isHookEvent('constructor')).toBe(false)
    expect(isHookEvent('PreToolUse')).toBe(true)
  })
})
