import { describe, expect, it } from 'vitest'
import { isHookEvent, type HookEvent } from './events.ts'
import { failClosed, outcomeOf, type ProcessResult } from './outcome.ts'

function exit(code: number, stdout: unknown = '', stderr = ''): ProcessResult {
  const text = typeof stdout === 'string' ? stdout : JSON.stringify(stdout)
  return { kind: 'exited', code, stdout: text, stderr }
}

const said = (stdout: unknown) => exit(0, stdout)
const block = { decision: 'block', reason: 'r' }
const context = { additionalContext: 'c' }
const specific = (hookEventName: string, fields: object = context) =>
  said({ hookSpecificOutput: { hookEventName, ...fields } })
const deny = { permissionDecision: 'deny', permissionDecisionReason: 'r' }

interface Row {
  readonly what: string
  readonly event: HookEvent
  readonly result: ProcessResult
  readonly outcome: readonly [status: string, effects: object]
}

function row(what: string, event: HookEvent, result: ProcessResult) {
  const end = (status: string, effects: object): Row => ({
    what,
    event,
    result,
    outcome: [status, effects],
  })
  return {
    passes: (effects = {}) => end('completed', effects),
    fails: () => end('failed', {}),
    blocks: (effects: object) => end('blocked', effects),
  }
}

const exits: readonly Row[] = [
  row('exit 0', 'UserPromptSubmit', exit(0)).passes(),
  row('exit 1 with an answer', 'PreToolUse', exit(1, block, 'r')).fails(),
  row('exit 127 with text', 'UserPromptSubmit', exit(127, 'text')).fails(),
  row('a signal', 'PreToolUse', { kind: 'killed', signal: 'SIGSEGV' }).fails(),
  row('a timeout', 'PreToolUse', { kind: 'timed_out', seconds: 3 }).fails(),
  row('an interruption', 'PreToolUse', { kind: 'interrupted' }).fails(),
  row('no start', 'PreToolUse', { kind: 'broken', message: 'no' }).fails(),
  row('exit 2', 'UserPromptSubmit', exit(2, 'out', 'no\n')).blocks({ deny: 'no' }),
  row('exit 2', 'PreToolUse', exit(2, '', '\n a\nb \n\n')).blocks({ deny: 'a\nb' }),
  row('exit 2', 'PermissionRequest', exit(2, '', 'no')).blocks({ deny: 'no' }),
  row('exit 2', 'PostToolUse', exit(2, '', 'why')).blocks({ feedback: 'why' }),
  row('exit 2', 'Stop', exit(2, '', 'on')).blocks({ goOn: 'on' }),
  row('exit 2', 'SubagentStop', exit(2, '', 'on')).blocks({ goOn: 'on' }),
  row('exit 2', 'SessionStart', exit(2, '', 'no')).fails(),
  row('exit 2', 'PreCompact', exit(2, '', 'no')).fails(),
  row('exit 2', 'SessionEnd', exit(2, '', 'no')).fails(),
  row('exit 2 with an answer', 'PreToolUse', exit(2, block, 'err')).blocks({ deny: 'err' }),
  row('a silent exit 2', 'PreToolUse', exit(2)).fails(),
  row('a blank exit 2', 'Stop', exit(2, '', ' \n')).fails(),
]

const outputs: readonly Row[] = [
  row('blanks', 'SessionStart', said(' \n ')).passes(),
  row('an empty object', 'Stop', said({})).passes(),
  row('an unknown field', 'PreToolUse', said({ note: 'x', ...block })).fails(),
  row('an unknown inner field', 'PreToolUse', specific('PreToolUse', { ...deny, x: 1 })).fails(),
  row('an inherited name', 'PreToolUse', said('{"__proto__":{},"decision":"block"}')).fails(),
  row(
    'an unknown word',
    'PreToolUse',
    specific('PreToolUse', { permissionDecision: 'defer' }),
  ).fails(),
  row('no event name', 'SessionStart', said({ hookSpecificOutput: context })).fails(),
  row('another event', 'SessionStart', specific('PreToolUse')).passes({ context: 'c' }),
  row('no event of that name', 'SessionStart', specific('Bogus')).fails(),
  row('null', 'PreToolUse', said({ decision: null, hookSpecificOutput: null })).passes(),
  row('null for a flag', 'PreToolUse', said({ continue: null })).fails(),
  row('text for a flag', 'Stop', said({ continue: 'false' })).fails(),
  row('a number for a text', 'Stop', said({ decision: 'block', reason: 5 })).fails(),
  row('text for an object', 'SessionStart', said({ hookSpecificOutput: 'x' })).fails(),
  row('broken JSON', 'PreToolUse', said('{"decision":')).fails(),
  row('an array', 'SessionStart', said('["a"]')).fails(),
  row('text behind JSON', 'PreToolUse', said(`${JSON.stringify(block)}\nmore`)).fails(),
  row('text before JSON', 'PreToolUse', said(`note:\n${JSON.stringify(block)}`)).passes(),
  row('a JSON string', 'SessionStart', said('"quoted"')).passes({ context: '"quoted"' }),
  row('text', 'SessionStart', said('  told \n')).passes({ context: 'told' }),
  row('text', 'SubagentStart', said('told')).passes({ context: 'told' }),
  row('text', 'UserPromptSubmit', said('told')).passes({ context: 'told' }),
  row('text', 'PreToolUse', said('chat')).passes(),
  row('text', 'PostToolUse', said('chat')).passes(),
  row('text', 'PreCompact', said('chat')).passes(),
  row('text', 'PostCompact', said('chat')).passes(),
  row('text', 'SessionEnd', said('chat')).passes(),
  row('text', 'Stop', said('chat')).fails(),
  row('text', 'SubagentStop', said('chat')).fails(),
  row('text', 'Interrupt', said('chat')).fails(),
]

const why = (result: ProcessResult) => outcomeOf(result, 'PreToolUse', 'codex').entries.at(-1)?.text

describe('the end of a handler', () => {
  it.each([...exits, ...outputs])('$what ($event)', ({ event, result, outcome }) => {
    const { status, effects } = outcomeOf(result, event, 'codex')
    expect([status, effects]).toEqual(outcome)
  })

  it('shows a systemMessage as a warning, whatever else the answer says', () => {
    const message = { kind: 'warning', text: 'for the user' }
    const passed = outcomeOf(said({ systemMessage: 'for the user' }), 'PreToolUse', 'codex')
    expect(passed.entries).toEqual([message])
    const wrong = said({ systemMessage: 'for the user', suppressOutput: true })
    const failed = outcomeOf(wrong, 'PreToolUse', 'codex')
    expect(failed.entries).toEqual([message, expect.objectContaining({ kind: 'error' })])
  })

  it('says why it counts for nothing', () => {
    expect(why({ kind: 'timed_out', seconds: 3 })).toBe('hook timed out after 3s')
    expect(why(exit(7))).toBe('hook exited with code 7')
    expect(why(said('{'))).toBe('hook returned invalid PreToolUse JSON output: it is not JSON')
    expect(why(said({ note: 1 }))).toContain('"note" is not a known field')
  })
})

describe('a handler that must not fail', () => {
  it.each([
    ['SessionStart', 'stop'],
    ['UserPromptSubmit', 'deny'],
    ['PreToolUse', 'deny'],
    ['PermissionRequest', 'deny'],
    ['PostToolUse', 'feedback'],
    ['Stop', 'goOn'],
    ['PreCompact', 'stop'],
  ] as const)('refuses what %s stands before', (event, effect) => {
    const outcome = failClosed(outcomeOf(exit(1), event, 'codex'), event)
    expect(outcome.status).toBe('blocked')
    expect(outcome.effects).toEqual({ [effect]: expect.stringContaining('exited with code 1') })
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
