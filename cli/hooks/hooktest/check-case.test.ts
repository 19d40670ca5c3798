import { describe, expect, it } from 'vitest'
import type { EventVerdict } from '../../../plugins/command-hooks/sum-up.ts'
import { checkCase } from './check-case.ts'
import type { Expected } from './hooktest-schema.ts'

const verdict: EventVerdict = {
  decision: 'deny',
  reason: 'no secrets here',
  context: ['one', 'two'],
  systemMessages: [],
}
const result = {
  verdict,
  statuses: ['completed', 'blocked'],
  fileText: (path: string) => (path === 'log' ? 'a line\n' : undefined),
}
const faults = (expected: Expected, changed: Partial<EventVerdict> = {}) =>
  checkCase(expected, 'PreToolUse', { ...result, verdict: { ...verdict, ...changed } })

describe('an expectation', () => {
  it.each<Expected>([
    {},
    { decision: 'deny' },
    { decision: 'block' },
    { reason: 'no secrets here' },
    { reason: { contains: 'secret' } },
    { reason: { match: '^no .*here$' } },
    { context: 'one\n\ntwo' },
    { systemMessage: null },
    { status: ['completed', 'blocked'] },
    { runs: 2 },
    { files: { log: { contains: 'line' }, other: null } },
    { updatedInput: null },
  ])('that is met has no fault: %j', (expected) => {
    expect(faults(expected)).toEqual([])
  })

  it.each<[Expected, string]>([
    [{ decision: 'allow' }, 'decision: expected "allow", got "deny"'],
    [{ reason: 'x' }, 'reason: expected "x", got "no secrets here"'],
    [{ reason: null }, 'reason: expected none, got "no secrets here"'],
    [{ reason: { contains: 'x' } }, 'expected it to contain "x"'],
    [{ reason: { match: '^x' } }, 'expected it to match /^x/'],
    [{ systemMessage: 'x' }, 'systemMessage: expected "x", got nothing'],
    [{ context: 'one' }, 'context: expected "one", got "one\\n\\ntwo"'],
    [{ status: ['completed'] }, 'status: expected ["completed"], got ["completed","blocked"]'],
    [{ runs: 1 }, 'runs: expected 1, got 2'],
    [{ files: { log: null } }, 'file log: expected none, got "a line\\n"'],
    [{ files: { other: 'x' } }, 'file other: expected "x", got nothing'],
    [{ updatedInput: { a: 1 } }, 'updatedInput: expected {"a":1}, got nothing'],
  ])('that is not met says so: %j', (expected, fault) => {
    expect(faults(expected)).toEqual([expect.stringContaining(fault)])
  })

  it('may use the word of the wire or that of the event', () => {
    const stop = { ...result, verdict: { ...verdict, decision: 'continue' as const } }
    expect(checkCase({ decision: 'block' }, 'Stop', stop)).toEqual([])
    expect(checkCase({ decision: 'continue' }, 'Stop', stop)).toEqual([])
    expect(checkCase({ decision: 'none' }, 'Stop', stop)).toHaveLength(1)
  })

  it('of a rewritten input compares it as a whole', () => {
    const changed = { updatedInput: { command: 'ls', a: [1] } }
    expect(faults({ updatedInput: { a: [1], command: 'ls' } }, changed)).toEqual([])
    expect(faults({ updatedInput: { command: 'ls' } }, changed)).toHaveLength(1)
  })
})
