import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { answer, handler, trial, type Trial } from './hooks-harness.ts'
import { hooksKey } from './listing.ts'
import type { RehearsalOptions } from './rehearse.ts'

const rehearse = ({ test }: Trial, options: RehearsalOptions = {}) =>
  test.services.get(hooksKey, 'default').rehearse(options)

const bash = (command: string) => ({ tool_name: 'Bash', tool_input: { command } })

describe('a rehearsal', () => {
  it('runs what is active, and shows what went in and what came out', async () => {
    await using at = await trial({
      hooks: {
        PreToolUse: [
          { matcher: 'Bash', ...handler('cat >&2; exit 2') },
          { matcher: 'apply_patch', ...handler('exit 2') },
        ],
      },
    })
    await using rehearsal = await rehearse(at)
    const { runs, verdict } = await rehearsal.run({ event: 'PreToolUse', input: bash('ls') })
    expect(runs).toHaveLength(1)
    const [run] = runs
    expect(JSON.parse(run?.stdin ?? '')).toMatchObject({
      hook_event_name: 'PreToolUse',
      cwd: at.home,
      ...bash('ls'),
    })
    expect(run?.result).toMatchObject({ kind: 'exited', code: 2, stderr: run?.stdin })
    expect(verdict).toMatchObject({ decision: 'deny', reason: run?.stdin })
    expect(at.requests).toEqual([])
  })

  it('takes every field of its input over what the session knows', async () => {
    await using at = await trial({ hooks: { Stop: [handler('true')] } })
    await using rehearsal = await rehearse(at)
    const input = { session_id: 's9', cwd: '/elsewhere', model: 'm9', last_assistant_message: 'x' }
    const { runs } = await rehearsal.run({ event: 'Stop', input })
    expect(JSON.parse(runs[0]?.stdin ?? '')).toMatchObject(input)
  })

  it('names handlers that match and do not run', async () => {
    await using at = await trial({
      hooks: { Stop: [handler('true')] },
      settings: { bypass_hook_trust: false },
    })
    await using rehearsal = await rehearse(at)
    const { runs, idle } = await rehearsal.run({ event: 'Stop', input: {} })
    expect(runs).toEqual([])
    expect(idle).toMatchObject([{ command: 'true', reason: 'it is not trusted yet' }])
  })

  it('runs a file in place of what is active, in a folder and with variables of its own', async () => {
    await using at = await trial({ hooks: { Stop: [handler('false')] } })
    const file = join(at.home, 'other.json')
    const command = 'echo "$PWD $OWN $PLUGIN_ROOT" >&2; exit 2'
    await writeFile(file, JSON.stringify({ hooks: { Stop: [handler(command)] } }))
    await using rehearsal = await rehearse(at, { file, cwd: '/', env: { OWN: 'own' } })
    const { verdict } = await rehearsal.run({ event: 'Stop', input: {} })
    expect(verdict).toMatchObject({ decision: 'continue', reason: `/ own ${at.home}` })
  })

  it('reads a file in the dialect that is asked for', async () => {
    await using at = await trial()
    const file = join(at.home, 'other.json')
    const command = answer('PreToolUse', { permissionDecision: 'deny' })
    await writeFile(file, JSON.stringify({ hooks: { PreToolUse: [handler(command)] } }))
    const decisionIn = async (options: RehearsalOptions) => {
      await using rehearsal = await rehearse(at, { file, ...options })
      const { verdict } = await rehearsal.run({ event: 'PreToolUse', input: bash('ls') })
      return verdict.decision
    }
    expect(await decisionIn({})).toBe('none')
    expect(await decisionIn({ dialect: 'claude' })).toBe('deny')
  })

  it('tells handlers of either dialect in their own words', async () => {
    await using at = await trial()
    const stdinIn = async (dialect: 'codex' | 'claude') => {
      const file = join(at.home, `${dialect}.json`)
      const group = { matcher: 'Bash|Edit', ...handler('true') }
      await writeFile(file, JSON.stringify({ dialect, hooks: { PostToolUse: [group] } }))
      await using rehearsal = await rehearse(at, { file })
      const told = async (input: Readonly<Record<string, unknown>>) => {
        const { runs } = await rehearsal.run({ event: 'PostToolUse', input })
        return JSON.parse(runs[0]?.stdin ?? '{}')
      }
      const command = '*** Begin Patch\n*** Add File: a.ts\n+x\n*** End Patch'
      return [
        await told({ ...bash('ls'), tool_response: 'out' }),
        await told({ tool_name: 'apply_patch', tool_input: { command }, tool_response: 'ok' }),
      ]
    }
    const [shell, patch] = await stdinIn('codex')
    expect(shell).toMatchObject({ tool_response: 'out' })
    expect(patch.tool_input).not.toHaveProperty('file_path')
    const [openShell, openPatch] = await stdinIn('claude')
    expect(openShell).toMatchObject({ tool_response: { stdout: 'out' } })
    expect(openPatch.tool_input).toMatchObject({ file_path: expect.stringMatching(/a\.ts$/) })
  })

  it('waits for what nobody would wait for, and lets it decide nothing', async () => {
    await using at = await trial({
      hooks: { PreToolUse: [handler('echo no >&2; exit 2', { async: true })] },
    })
    await using rehearsal = await rehearse(at)
    const { runs, verdict } = await rehearsal.run({ event: 'PreToolUse', input: bash('ls') })
    expect(runs).toMatchObject([{ handler: { async: true }, result: { code: 2 } }])
    expect(verdict.decision).toBe('none')
  })

  it.each([
    ['nowhere.json', undefined, 'FILE_UNREADABLE'],
    ['broken.json', '{', 'HOOKS_INVALID'],
    ['broken.toml', 'a = ', 'HOOKS_INVALID'],
  ])('is refused for %s', async (name, text, code) => {
    await using at = await trial()
    const file = join(at.home, name)
    if (text !== undefined) await writeFile(file, text)
    await expect(rehearse(at, { file })).rejects.toMatchObject({ code })
  })
})
