import { describe, expect, it } from 'vitest'
import { idleEntries, parseList, readList, select } from './lists.ts'
import { judgeSandbox, type Check } from './sandbox.ts'
import { judge, readSum, type RunnerResult } from './suite.ts'

const cases = [
  { name: 'stop-text' },
  { name: 'stop' },
  { name: 'stopwatch' },
  { name: 'old-one', family: 'mcp' },
  { name: 'tagged', family: 'turn', tags: ['hosted'] },
]
const entry = (words: string) => ({ words, reason: 'because' })

function sum(passed: number, failed: number, skipped = 0): RunnerResult {
  return { passed, failed, skipped, code: failed === 0 ? 0 : 1, output: '' }
}

describe('choosing cases', () => {
  it('leaves out whole families, tags and single cases, and runs everything else', () => {
    expect(select(cases, [])).toHaveLength(cases.length)
    expect(select(cases, [entry('stop')])).toEqual(['stopwatch', 'old-one', 'tagged'])
    expect(select(cases, [entry('mcp'), entry('hosted')])).toEqual([
      'stop-text',
      'stop',
      'stopwatch',
    ])
  })

  it('names the entries that no longer leave anything out', () => {
    expect(idleEntries(cases, [entry('stop'), entry('gone')])).toEqual(['gone'])
  })

  it('refuses an entry without a reason', () => {
    expect(parseList('# heading\n\na  b  # why\n', 'x')).toEqual([{ words: 'a b', reason: 'why' }])
    expect(() => parseList('a\n', 'x')).toThrow('gives no reason')
  })

  it.each(['hooks.skip', 'exec.skip', 'sandbox.skip', 'sandbox.known'])(
    'finds a reason on every line of %s',
    (name) => {
      expect(() => readList(name)).not.toThrow()
    },
  )
})

describe('judging a suite', () => {
  it('reads the last sum that a runner prints', () => {
    expect(readSum('1 passed, 0 failed\nmore\n3 passed, 2 failed, 4 skipped\n')).toEqual({
      passed: 3,
      failed: 2,
      skipped: 4,
    })
    expect(readSum('nothing')).toBeUndefined()
  })

  it('fails a suite that passes nothing, has no sum, or leaves out what no list allows', () => {
    expect(judge(sum(5, 0)).failed).toBe(0)
    expect(judge(sum(0, 0)).failed).toBe(1)
    expect(judge(undefined).failed).toBe(1)
    expect(judge(sum(5, 0, 2)).failed).toBe(2)
    expect(judge(sum(5, 0, 2), 2).failed).toBe(0)
    expect(judge({ ...sum(5, 0), code: 1 }).failed).toBe(1)
  })
})

describe('judging the sandbox', () => {
  const passing = Array.from({ length: 99 }, (_, at): Check => {
    return { id: `c${at}`, mode: 'read-only', want: 'block', verdict: 'block' }
  })
  const failing: Check = { id: 'bad', mode: 'read-only', want: 'block', verdict: 'allow' }
  const allow = { known: [entry('read-only bad')], lacking: [entry('gcc')] }

  it('fails for a check that is not known to fail, and only for that', () => {
    const checks = [...passing, failing]
    expect(judgeSandbox(sum(99, 1), checks, allow)).toMatchObject({ passed: 99, failed: 0 })
    expect(judgeSandbox(sum(99, 1), checks, { ...allow, known: [] })).toMatchObject({
      passed: 99,
      failed: 1,
    })
  })

  it('fails when too few checks pass, known or not', () => {
    const checks = [...passing.slice(0, 10), failing]
    expect(judgeSandbox(sum(10, 1), checks, allow).failed).toBe(1)
  })

  it('passes over what a listed tool is missing for, and nothing else', () => {
    const skipped: Check = {
      id: 's',
      mode: 'read-only',
      want: 'block',
      verdict: 'skip',
      note: 'needs gcc',
    }
    expect(judgeSandbox(sum(99, 0, 1), [...passing, skipped], allow).failed).toBe(0)
    expect(
      judgeSandbox(sum(99, 0, 1), [...passing, { ...skipped, note: 'needs luck' }], allow).failed,
    ).toBe(1)
  })
})
