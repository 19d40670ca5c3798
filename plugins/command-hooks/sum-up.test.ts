import { describe, expect, it } from 'vitest'
import type { Dialect } from './dialect.ts'
import type { HookEvent } from './events.ts'
import { outcomeOf } from './outcome.ts'
import { sumUp, type SummedRun } from './sum-up.ts'

interface Said {
  readonly answer?: unknown
  readonly code?: number
  readonly stderr?: string
  readonly dialect?: Dialect
  readonly finished?: number
  readonly async?: boolean
}

/** What runs come to that ended in these ways, in the order of configuration. */
function verdict(event: HookEvent, ...said: readonly Said[]) {
  const runs = said.map((one, at): SummedRun => {
    const { answer, code = 0, stderr = '', dialect = 'codex', finished = at, async = false } = one
    const stdout = answer === undefined ? '' : JSON.stringify(answer)
    const result = { kind: 'exited', code, stdout, stderr } as const
    return { outcome: outcomeOf(result, event, { dialect }), finished, async }
  })
  return sumUp(event, runs)
}

const specific = (hookEventName: HookEvent, fields: object) => ({
  hookSpecificOutput: { hookEventName, ...fields },
})
const pre = (fields: object) => specific('PreToolUse', fields)
const deny = (reason: string) =>
  pre({ permissionDecision: 'deny', permissionDecisionReason: reason })
const rewrite = (input: object) => pre({ permissionDecision: 'allow', updatedInput: input })

const decide = (behavior: string, message?: string): Said => ({
  answer: specific('PermissionRequest', { decision: { behavior, message } }),
})

describe('the verdict on a firing', () => {
  it('is none where nobody decides', () => {
    expect(verdict('PreToolUse', {}, { code: 1 })).toEqual({
      decision: 'none',
      context: [],
      systemMessages: [],
    })
  })

  it('is the first deny, and then no input is rewritten', () => {
    const runs = [{ answer: rewrite({ a: 1 }) }, { answer: deny('x') }, { answer: deny('y') }]
    expect(verdict('PreToolUse', ...runs)).toEqual({
      decision: 'deny',
      reason: 'x',
      context: [],
      systemMessages: [],
    })
  })

  it('has the input of whoever finished last', () => {
    const runs = [
      { answer: rewrite({ a: 1 }), finished: 1 },
      { answer: rewrite({ a: 2 }), finished: 0 },
    ]
    expect(verdict('PreToolUse', ...runs)).toMatchObject({ updatedInput: { a: 1 } })
  })

  it.each<[HookEvent, Said, string, string | undefined]>([
    ['PreToolUse', { code: 2, stderr: 'no' }, 'deny', 'no'],
    [
      'PreToolUse',
      { answer: pre({ permissionDecision: 'allow' }), dialect: 'claude' },
      'allow',
      undefined,
    ],
    ['UserPromptSubmit', { answer: { decision: 'block', reason: 'no' } }, 'block', 'no'],
    ['UserPromptSubmit', { answer: { continue: false, stopReason: 'no' } }, 'block', 'no'],
    ['PostToolUse', { answer: { decision: 'block', reason: 'bad' } }, 'block', 'bad'],
    [
      'PostToolUse',
      { answer: { decision: 'block', reason: 'bad' }, dialect: 'claude' },
      'block',
      'bad',
    ],
    ['PostToolUse', { answer: { continue: false, reason: 'bad' } }, 'block', 'bad'],
    ['Stop', { answer: { decision: 'block', reason: 'more' } }, 'continue', 'more'],
    [
      'Stop',
      { answer: { decision: 'block', reason: 'more' }, dialect: 'claude' },
      'continue',
      'more',
    ],
    ['Stop', { answer: { continue: false, stopReason: 'enough' } }, 'stop', 'enough'],
    ['SessionStart', { answer: { continue: false, stopReason: 'no' } }, 'stop', 'no'],
    ['PreCompact', { answer: { continue: false, stopReason: 'no' } }, 'stop', 'no'],
    ['SessionEnd', { code: 2, stderr: 'no' }, 'none', undefined],
  ])('of %s: %j is %s', (event, said, ...expected) => {
    const { decision, reason } = verdict(event, said)
    expect([decision, reason]).toEqual(expected)
  })

  it('of a permission is a deny over an allow', () => {
    expect(verdict('PermissionRequest', decide('allow'))).toMatchObject({ decision: 'allow' })
    expect(verdict('PermissionRequest', decide('allow'), decide('deny', 'no'))).toMatchObject({
      decision: 'deny',
      reason: 'no',
    })
  })

  it('tells context and messages as hooks wrote them, in either dialect', () => {
    const answer = { systemMessage: 'm', ...pre({ additionalContext: 'c' }) }
    const told = { context: ['c', 'c'], systemMessages: ['m', 'm'] }
    expect(verdict('PreToolUse', { answer }, { answer, dialect: 'claude' })).toMatchObject(told)
  })

  it('takes no decision of a run that nobody waits for', () => {
    const answer = { ...deny('no'), systemMessage: 'm' }
    expect(verdict('PreToolUse', { answer, async: true })).toEqual({
      decision: 'none',
      context: [],
      systemMessages: ['m'],
    })
  })
})
