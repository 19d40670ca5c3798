import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { hooksFile, place } from './command-harness.ts'

const guard = hooksFile('PreToolUse', 'sh "${PLUGIN_ROOT}/guard.sh"')
const script = `input=$(cat)
case "$input" in *secret*) echo "$REASON" >&2; exit 2 ;; esac
cp note.txt copy.txt
`
const refuses = {
  name: 'refuses secrets',
  event: 'PreToolUse',
  input: { tool_input: { command: 'cat secret' } },
  env: { REASON: 'no secrets' },
  expect: { decision: 'deny', reason: 'no secrets', status: ['blocked'], runs: 1 },
}
const passes = {
  name: 'passes the rest',
  event: 'PreToolUse',
  files: { 'note.txt': 'kept' },
  expect: { decision: 'none', files: { 'copy.txt': 'kept', 'other.txt': null } },
}
const files = (...cases: readonly object[]) => ({
  'work/guard/hooks.json': guard,
  'work/guard/guard.sh': script,
  'work/guard/guard.hooktest.json': JSON.stringify({ cases }),
})

describe('hookline hooks test', () => {
  it('runs the cases below a folder, each in a folder of its own', async () => {
    await using at = await place({
      ...files(refuses, passes),
      'work/expected.json': '{"no": "test"}',
    })
    const { code, stdout } = await at.run('test')
    expect(stdout.split('\n')).toEqual([
      'guard/guard.hooktest.json',
      expect.stringMatching(/^ {2}ok {4}refuses secrets +PreToolUse +[\d.]+ ms$/),
      expect.stringMatching(/^ {2}ok {4}passes the rest +PreToolUse +[\d.]+ ms$/),
      '2 passed',
      '',
    ])
    expect(code).toBe(0)
  })

  it('fails with what was expected, what came, and what hooks said', async () => {
    const wrong = { ...refuses, name: 'a <wrong> one', expect: { decision: 'none' } }
    await using at = await place(files(wrong, passes))
    const { code, stdout } = await at.run('test', 'guard', '--junit', 'out.xml')
    expect(code).toBe(1)
    expect(stdout).toContain('      decision: expected "none", got "deny"\n')
    expect(stdout).toContain('        stderr: no secrets\n')
    expect(stdout).toContain('1 failed, 1 passed\n')
    const xml = await readFile(join(at.work, 'out.xml'), 'utf8')
    expect(xml).toContain('<testsuite name="guard/guard.hooktest.json" tests="2" failures="1"')
    expect(xml).toContain('name="a &lt;wrong&gt; one"')
    expect(xml).toContain(
      '<failure message="decision: expected &quot;none&quot;, got &quot;deny&quot;">',
    )
  })

  it('prints a document', async () => {
    await using at = await place(files(refuses, { ...passes, event: 'PretoolUse' }))
    expect(await at.json('test')).toMatchObject({
      ok: false,
      total: 1,
      failed: 1,
      files: [{ cases: [], error: expect.stringContaining('did you mean PreToolUse?') }],
    })
    await using good = await place(files(refuses))
    expect(await good.json('test')).toMatchObject({
      ok: true,
      total: 1,
      files: [
        { cases: [{ name: 'refuses secrets', passed: true, verdict: { decision: 'deny' } }] },
      ],
    })
  })

  it('takes no word that it does not know, and no path that leads out', async () => {
    const slip = { ...passes, expect: { descision: 'none' } }
    const way = { ...passes, files: { '../x': '' } }
    const pattern = { ...passes, expect: { reason: { match: '[' } } }
    for (const [hookCase, message] of [
      [slip, 'descision'],
      [way, 'leads out'],
      [pattern, 'is not valid'],
    ] as const) {
      await using at = await place(files(hookCase))
      const { code, stdout } = await at.run('test')
      expect([code, stdout.includes(message)]).toEqual([1, true])
    }
  })

  it('fails where there is no test', async () => {
    await using at = await place()
    const { code, stderr } = await at.run('test')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error\[HOOKTEST_INVALID\]: /)
  })

  it('runs again when a file changes, until it is interrupted', async () => {
    await using at = await place(files({ ...refuses, env: { REASON: 'other' } }))
    const child = at.start('test', '--watch')
    const { promise, resolve } = Promise.withResolvers<number | null>()
    child.once('close', resolve)
    const seen: string[] = []
    for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
      seen.push(line)
      if (line !== 'watching for changes') continue
      if (seen.includes('1 passed')) child.kill('SIGINT')
      else
        await writeFile(
          join(at.work, 'guard/guard.hooktest.json'),
          JSON.stringify({ cases: [refuses] }),
        )
    }
    expect(await promise).toBe(130)
    expect(seen.find((line) => /\d (passed|failed)/.test(line))).toBe('1 failed, 0 passed')
    expect(seen).toContain('1 passed')
  })
})
