import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { runTurn, temporaryHome, testKernel, transcript } from 'hookline/testing'
import { handler, oneCall, trial } from './hooks-harness.ts'
import { commandHooks, hooksKey } from './index.ts'

describe('without consent', () => {
  it('nothing runs that is not trusted', async () => {
    await using t = await trial({
      hooks: { UserPromptSubmit: [handler('echo ran')] },
      settings: { bypass_hook_trust: false },
    })
    await t.run()
    expect(t.said()).not.toContain('developer: ran')
    const { hooks } = await t.test.services.get(hooksKey, 'default').list()
    expect(hooks).toMatchObject([{ state: 'untrusted', trustStatus: 'untrusted', enabled: true }])
  })

  it('what is trusted runs as long as it stays the same', async () => {
    await using t = await trial({ hooks: { UserPromptSubmit: [handler('echo ran')] } })
    const { hooks } = await t.test.services.get(hooksKey, 'default').list()
    const [key, hash] = [hooks[0]?.key ?? '', hooks[0]?.currentHash]
    for (const [trusted, lines] of [
      [hash, 1],
      ['sha256:other', 0],
    ] as const) {
      const settings = {
        bypass_hook_trust: false,
        hooks: { state: { [key]: { trusted_hash: trusted } } },
      }
      await using again = await testKernel([commandHooks], { home: t.home, settings })
      await runTurn(again, 'do it')
      expect(
        transcript(again.session.items).filter((line) => line === 'developer: ran'),
      ).toHaveLength(lines)
    }
  })

  it('what is turned off does not run, also with the bypass', async () => {
    await using t = await trial({ hooks: { UserPromptSubmit: [handler('echo ran')] } })
    const key = `${t.home}/hooks.json:user_prompt_submit:0:0`
    for (const settings of [
      { hooks: { state: { [key]: { enabled: false } } } },
      { features: { hooks: false } },
    ]) {
      await using again = await testKernel([commandHooks], {
        home: t.home,
        settings: { bypass_hook_trust: true, compat: [], ...settings },
      })
      await runTurn(again, 'do it')
      expect(transcript(again.session.items)).not.toContain('developer: ran')
      const { hooks } = await again.services.get(hooksKey, 'default').list()
      expect(hooks).toMatchObject([{ state: 'disabled' }])
    }
  })
})

describe('a session', () => {
  it('is not touched where there is no hook', async () => {
    await using t = await trial()
    await t.run()
    const tapped = t.test.kernel.row.timings().filter(({ plugin }) => plugin === 'command-hooks')
    expect(tapped).toEqual([])
  })

  it('is tapped only where there is a hook', async () => {
    await using t = await trial({ hooks: { Stop: [handler('true')], PreToolUse: [handler(' ')] } })
    const tapped = t.test.kernel.row.timings().filter(({ plugin }) => plugin === 'command-hooks')
    // What runs on in the background is part of what a stop is told.
    expect(tapped.map(({ hook }) => hook)).toEqual(['event', 'stop'])
  })

  it('tells what is wrong with a file, and runs the rest of it', async () => {
    const hooks = {
      Stopp: [],
      UserPromptSubmit: [{ ...handler('echo no'), matcher: '[' }],
      SessionStart: [{ ...handler('echo no'), matcher: '[' }, handler('echo yes')],
    }
    await using t = await trial({ hooks })
    await t.run()
    expect(t.shown('error').map((item) => ('message' in item ? item.message : ''))).toEqual([
      expect.stringMatching(/hooks\.json:1:\d+: there is no event Stopp.*did you mean Stop\?/),
      expect.stringContaining('matcher "["'),
    ])
    expect(t.said().slice(0, 3)).toEqual(['developer: yes', 'user: do it', 'developer: no'])
  })

  it('of a subagent has only the events of its calls, which say whose they are', async () => {
    const hooks = {
      SessionStart: [handler('echo start')],
      UserPromptSubmit: [handler('echo prompt')],
      Stop: [handler('echo stop >&2; exit 2')],
      PreToolUse: [handler('cat > {{home}}/in')],
    }
    await using t = await trial({ hooks, turns: oneCall, source: 'subagent:helper' })
    await t.run()
    expect(t.said()[0]).toBe('user: do it')
    expect(await t.stdin('in')).toMatchObject({
      agent_id: t.test.session.facts.id,
      agent_type: 'helper',
    })
  })
})

describe('the home of another product', () => {
  it('has no hook that runs before it is trusted here, also with the bypass', async () => {
    await using user = await temporaryHome()
    await mkdir(join(user.path, '.codex'))
    const file = join(user.path, '.codex/hooks.json')
    await writeFile(file, JSON.stringify({ hooks: { UserPromptSubmit: [handler('echo ran')] } }))
    vi.stubEnv('HOME', user.path)
    try {
      await using t = await trial({ settings: { compat: ['codex'] } })
      await t.run()
      expect(t.said()).not.toContain('developer: ran')
      const { hooks } = await t.test.services.get(hooksKey, 'default').list()
      expect(hooks).toMatchObject([{ sourcePath: file, state: 'untrusted' }])
    } finally {
      vi.unstubAllEnvs()
    }
  })
})
