import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runTurn, temporaryHome, testKernel, transcript } from 'hookline/testing'
import { contentOf, handler, oneCall, trial } from './hooks-harness.ts'
import { commandHooks } from './index.ts'

/** Goes on only once another hook runs, too. */
const meet = (mine: string, other: string) =>
  handler(`touch {{home}}/${mine}; until [ -e {{home}}/${other} ]; do :; done; echo ${mine}`, {
    timeout: 20,
  })

describe('every run', () => {
  it('is shown once, with what came of it', async () => {
    const hooks = {
      UserPromptSubmit: [
        handler('echo ctx', { statusMessage: 'checking' }),
        handler('exit 3'),
        handler(`echo '{"systemMessage":"hey"}'`),
      ],
    }
    await using t = await trial({ hooks })
    await t.run()
    const shown = t
      .shown('hook_run')
      .toSorted((a, b) => JSON.stringify(a).length - JSON.stringify(b).length)
    expect(shown).toHaveLength(3)
    const common = { event: 'UserPromptSubmit', source: 'user', durationMs: expect.any(Number) }
    expect(shown).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...common,
          status: 'completed',
          statusMessage: 'checking',
          entries: [{ kind: 'context', text: 'ctx' }],
        }),
        expect.objectContaining({
          ...common,
          status: 'failed',
          entries: [{ kind: 'error', text: 'hook exited with code 3' }],
        }),
        expect.objectContaining({
          ...common,
          status: 'completed',
          entries: [{ kind: 'warning', text: 'hey' }],
        }),
      ]),
    )
  })

  it('starts at once with the others', async () => {
    await using t = await trial({ hooks: { UserPromptSubmit: [meet('a', 'b'), meet('b', 'a')] } })
    await t.run()
    expect(t.said().slice(1, 3)).toEqual(['developer: a', 'developer: b'])
  })

  it('knows the folder of the project', async () => {
    const hooks = {
      UserPromptSubmit: [handler('echo "$CLAUDE_PROJECT_DIR $HOOKLINE_PROJECT_DIR $PWD"')],
    }
    await using t = await trial({ hooks })
    await t.run()
    expect(t.said()).toContain(`developer: ${t.home} ${t.home} ${t.home}`)
  })

  it('ends with the turn', async () => {
    await using t = await trial({
      hooks: { UserPromptSubmit: [handler('echo yes > {{home}}/began; sleep 60')] },
    })
    const turn = t.test.session.run('do it')
    await contentOf(join(t.home, 'began'))
    await t.test.session.interrupt()
    expect((await turn.done).outcome).toBe('interrupted')
  })
})

describe('an asynchronous handler', () => {
  it('is not waited for, cannot decide, and is not shown', async () => {
    const hooks = {
      PreToolUse: [handler('cat > {{home}}/in; echo no >&2; exit 2', { async: true })],
    }
    await using t = await trial({ turns: oneCall, hooks })
    await t.run()
    expect(t.said()).toContain('output: ran {"command":"ls"}')
    expect(t.shown('hook_run')).toEqual([])
  })

  it('is ended with the session', async () => {
    await using home = await temporaryHome()
    const hooks = {
      UserPromptSubmit: [handler(`echo $$ > ${home.path}/pid; exec sleep 60`, { async: true })],
    }
    const t = await trial({ hooks })
    await t.run()
    const pid = await contentOf(join(home.path, 'pid'))
    await t[Symbol.asyncDispose]()
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH')
  })
})

describe('the same words of the claude dialect', () => {
  it('run once, but in each folder where they mean another program there', async () => {
    const same = {
      dialect: 'claude',
      hooks: {
        UserPromptSubmit: [
          {
            hooks: [
              { type: 'command', command: 'echo "$HOOKLINE_HOOKS_DIR"' },
              { type: 'command', command: 'echo once' },
              { type: 'script', file: 'guard.js' },
            ],
          },
        ],
      },
    }
    await using folder = await temporaryHome({
      '.git/HEAD': 'ref',
      'hooks.json': JSON.stringify(same),
      'guard.js': '"user"',
      '.hookline/hooks.json': JSON.stringify(same),
      '.hookline/guard.js': '"project"',
    })
    const projects = { [folder.path]: { trust_level: 'trusted' } }
    await using test = await testKernel([commandHooks], {
      home: folder.path,
      settings: { compat: [], bypass_hook_trust: true, projects },
    })
    await runTurn(test, 'do it')
    const told = transcript(test.session.items).filter((line) => line.startsWith('developer'))
    const success = 'developer: UserPromptSubmit hook success: '
    expect(told).toEqual([
      `${success}${folder.path}`,
      `${success}once`,
      `${success}${join(folder.path, '.hookline')}`,
    ])
    const scripts = test.events.filter(
      (event) => event.type === 'item_completed' && /runs scripts/.test(JSON.stringify(event)),
    )
    expect(scripts).toHaveLength(2)
  })
})
