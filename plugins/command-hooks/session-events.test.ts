import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryHome } from 'hookline/testing'
import { answer, handler, trial } from './hooks-harness.ts'

describe('SessionStart', () => {
  it('tells the model before the prompt, and is told why the session starts', async () => {
    await using t = await trial({
      hooks: { SessionStart: [handler('cat > {{home}}/in; echo " told "')] },
    })
    await t.run()
    expect(t.said().slice(0, 2)).toEqual(['developer: told', 'user: do it'])
    expect(await t.stdin('in')).toEqual({
      session_id: t.test.session.facts.id,
      transcript_path: null,
      cwd: t.home,
      hook_event_name: 'SessionStart',
      model: 'scripted-model',
      permission_mode: 'bypassPermissions',
      source: 'startup',
    })
  })

  it('can end the turn before a request', async () => {
    await using t = await trial({
      hooks: { SessionStart: [handler(`echo '{"continue":false,"stopReason":"no"}'`)] },
    })
    expect((await t.run()).outcome).toBe('completed')
    expect(t.requests).toHaveLength(0)
  })

  it('matches by source', async () => {
    const hooks = {
      SessionStart: [
        { ...handler('echo yes'), matcher: 'startup' },
        { ...handler('echo no'), matcher: 'resume' },
      ],
    }
    await using t = await trial({ hooks })
    await t.run()
    expect(t.said()).toContain('developer: yes')
    expect(t.said()).not.toContain('developer: no')
  })
})

describe('UserPromptSubmit', () => {
  it('adds context after the prompt, in the order of configuration', async () => {
    const commands = [
      'sleep 0.3; echo one',
      'echo two',
      answer('UserPromptSubmit', { additionalContext: 'three' }),
    ]
    await using t = await trial({
      hooks: { UserPromptSubmit: commands.map((command) => handler(command)) },
    })
    await t.run()
    expect(t.said().slice(0, 4)).toEqual([
      'user: do it',
      'developer: one',
      'developer: two',
      'developer: three',
    ])
  })

  it('blocks the prompt, and keeps context for the next', async () => {
    await using t = await trial({
      hooks: {
        UserPromptSubmit: [
          handler('grep -q secret && { echo no >&2; exit 2; }; true'),
          handler('echo noted'),
        ],
      },
    })
    await t.run('a secret')
    expect([t.requests.length, t.said()]).toEqual([0, ['developer: noted']])
    await t.run('another')
    expect(t.said()).toContain('user: another')
  })

  it('is given the prompt and the turn', async () => {
    await using t = await trial({ hooks: { UserPromptSubmit: [handler('cat > {{home}}/in')] } })
    const { facts } = await t.run('my prompt')
    expect(await t.stdin('in')).toMatchObject({
      prompt: 'my prompt',
      turn_id: facts.id,
      prompt_id: facts.id,
    })
  })
})

describe('SessionEnd', () => {
  it('runs when the session closes, within its second', async () => {
    await using home = await temporaryHome()
    const hooks = {
      SessionEnd: [handler(`cat > ${home.path}/in`), handler(`sleep 20; touch ${home.path}/late`)],
    }
    const t = await trial({ hooks })
    await t.run()
    const began = performance.now()
    await t[Symbol.asyncDispose]()
    expect(performance.now() - began).toBeLessThan(6000)
    expect(JSON.parse(await readFile(join(home.path, 'in'), 'utf8'))).toMatchObject({
      hook_event_name: 'SessionEnd',
      reason: 'other',
    })
    await expect(readFile(join(home.path, 'late'))).rejects.toThrow('ENOENT')
  })
})
