import { describe, expect, it } from 'vitest'
import { hooksFile, place } from './command-harness.ts'

const guard = 'echo looked >&2; grep -q secret && { echo no secrets >&2; exit 2; }; exit 0'

describe('hookline hooks run', () => {
  it('runs the hooks of a file on a sample and shows all of it', async () => {
    await using at = await place({ 'work/h/hooks.json': hooksFile('PreToolUse', guard) })
    const { code, stdout } = await at.run('run', 'PreToolUse', '--hooks', 'h/hooks.json')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^1\. PreToolUse echo looked/)
    expect(stdout).toMatch(/stdin {3}\{.*"tool_input":\{"command":"ls -la"\}/)
    expect(stdout).toContain('stderr  looked')
    expect(stdout).toMatch(/ended {3}exit 0 after [\d.]+ ms: completed/)
    expect(stdout).toContain('verdict    none')
  })

  it('takes an input, over the sample', async () => {
    await using at = await place({
      'work/hooks.json': hooksFile('PreToolUse', guard),
      'work/input.json': '{"tool_input": {"command": "cat secret"}, "session_id": "s9"}',
    })
    const words = ['run', 'PreToolUse', '--hooks', 'hooks.json', '--input', 'input.json']
    expect(await at.json(...words)).toMatchObject({
      event: 'PreToolUse',
      runs: [
        {
          exitCode: 2,
          status: 'blocked',
          stderr: 'looked\nno secrets\n',
          stdin: { session_id: 's9', tool_name: 'Bash', hook_event_name: 'PreToolUse' },
        },
      ],
      verdict: { decision: 'deny', reason: 'looked\nno secrets' },
    })
  })

  it('runs the hooks that are active here, and names those that are not', async () => {
    await using at = await place({ 'home/hooks.json': hooksFile('Stop', 'echo {}') })
    const key = `${at.home}/hooks.json:stop:0:0`
    expect(await at.json('run', 'Stop')).toMatchObject({
      runs: [],
      notRun: [{ key, reason: 'it is not trusted yet' }],
    })
    await at.run('trust', '--all')
    expect(await at.json('run', 'Stop')).toMatchObject({ runs: [{ key }], notRun: [] })
  })

  it('runs handlers that need a service of the session', async () => {
    const source = "return { decision: 'block', reason: event.hook_event_name }"
    const handler = { type: 'script', source }
    const file = JSON.stringify({ hooks: { PreToolUse: [{ hooks: [handler] }] } })
    await using at = await place({ 'work/hooks.json': file })
    expect(await at.json('run', 'PreToolUse', '--hooks', 'hooks.json')).toMatchObject({
      verdict: { decision: 'deny', reason: 'PreToolUse' },
    })
  })

  it('is about the tool that is asked for', async () => {
    const file = JSON.stringify({
      dialect: 'claude',
      hooks: {
        PreToolUse: [{ matcher: 'Edit', hooks: [{ type: 'command', command: 'cat >&2' }] }],
      },
    })
    await using at = await place({ 'work/hooks.json': file })
    const words = ['run', 'PreToolUse', '--hooks', 'hooks.json']
    expect(await at.json(...words)).toMatchObject({ runs: [] })
    expect(await at.json(...words, '--tool', 'apply_patch')).toMatchObject({
      runs: [
        { stdin: { tool_name: 'apply_patch', tool_input: { file_path: expect.any(String) } } },
      ],
    })
  })

  it('ends a hook that hangs when it is interrupted itself', async () => {
    await using at = await place({
      'work/hooks.json': hooksFile('Stop', 'echo up > up; sleep 600'),
    })
    const child = at.start('run', 'Stop', '--hooks', 'hooks.json')
    const { promise, resolve } = Promise.withResolvers<number | null>()
    child.once('close', resolve)
    const { watch } = await import('node:fs/promises')
    const stop = new AbortController()
    try {
      for await (const { filename } of watch(at.work, { signal: stop.signal })) {
        if (filename === 'up') stop.abort()
      }
    } catch {
      // That is how watching ends.
    }
    child.kill('SIGINT')
    expect(await promise).toBe(130)
  })

  it.each([
    [[], 2],
    [['Stopp'], 2],
    [['Stop', 'Stop'], 2],
    [['Stop', '--input', 'nowhere.json'], 1],
    [['Stop', '--hooks', 'nowhere.json'], 1],
  ])('refuses %j', async (words, exitCode) => {
    await using at = await place()
    const { code, stderr } = await at.run('run', ...words)
    expect([code, stderr.startsWith('error[')]).toEqual([exitCode, true])
  })
})
