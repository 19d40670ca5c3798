import { describe, expect, it } from 'vitest'
import { createHost } from '../host.ts'
import { definePlugin } from '../plugin.ts'
import { inboxKey, storeKey } from '../service-keys.ts'
import {
  runTurn,
  scriptedModel,
  scriptedTool,
  temporaryHome,
  testKernel,
  transcript,
} from '../testing.ts'

describe('an interrupt', () => {
  it('ends a turn in the middle of a call, answers the call and tells the model', async () => {
    const { promise: started, resolve } = Promise.withResolvers<void>()
    const hang = scriptedTool('hang', '', {
      run: (_input, context) =>
        new Promise((answer) => {
          resolve()
          context.signal.addEventListener('abort', () => answer({ output: 'aborted by user' }))
        }),
    })
    await using test = await testKernel([scriptedModel([[{ call: 'hang' }]]).plugin, hang])
    const turn = test.session.run('go')
    await started
    await test.session.interrupt()
    expect(await turn.done).toMatchObject({
      outcome: 'interrupted',
      error: { code: 'TURN_INTERRUPTED' },
    })
    const lines = transcript(test.session.items)
    expect(lines.at(-2)).toBe('output: aborted by user')
    expect(lines.at(-1)).toMatch(/<turn_aborted>/)
    expect(test.events.at(-1)).toMatchObject({ type: 'turn_failed', interrupted: true })
  })

  it('leaves the session usable', async () => {
    const { promise: started, resolve } = Promise.withResolvers<void>()
    const hang = scriptedTool('hang', '', {
      run: (_input, context) =>
        new Promise((answer) => {
          resolve()
          context.signal.addEventListener('abort', () => answer({ output: 'x' }))
        }),
    })
    await using test = await testKernel([
      scriptedModel([[{ call: 'hang' }], ['fine']]).plugin,
      hang,
    ])
    const turn = test.session.run('go')
    await started
    await test.session.interrupt()
    await turn.done
    expect(await runTurn(test, 'again')).toMatchObject({
      outcome: 'completed',
      lastMessage: 'fine',
    })
  })
})

describe('a call that waits for another one', () => {
  it('is not run once the turn is interrupted, and is answered all the same', async () => {
    const { promise: started, resolve } = Promise.withResolvers<void>()
    const ran: string[] = []
    const hang = scriptedTool('hang', '', {
      parallel: false,
      run: (_input, context) =>
        new Promise((answer) => {
          resolve()
          context.signal.addEventListener('abort', () => answer({ output: 'aborted by user' }))
        }),
    })
    const next = scriptedTool('next', () => {
      ran.push('next')
      return 'ran'
    })
    const guard = definePlugin({
      name: 'guard',
      power: 'decide',
      setup: ({ hooks }) =>
        hooks.preToolUse.tap('seen', ({ call }) => void ran.push(`asked about ${call.toolName}`)),
    })
    const model = scriptedModel([[{ call: 'hang' }, { call: 'next' }]])
    await using test = await testKernel([model.plugin, hang, next, guard])
    const turn = test.session.run('go')
    await started
    await test.session.interrupt()
    await turn.done
    expect(ran).toEqual(['asked about hang'])
    expect(transcript(test.session.items).slice(-2)).toEqual([
      expect.stringMatching(/^output: Wall time: 0\.0 seconds\naborted by user$/),
      expect.stringMatching(/<turn_aborted>/),
    ])
  })

  it('is not run when the turn is interrupted while its hooks are asked', async () => {
    const ran: string[] = []
    const tool = scriptedTool('work', () => {
      ran.push('work')
      return 'ran'
    })
    const guard = definePlugin({
      name: 'guard',
      power: 'decide',
      setup: ({ hooks }) =>
        hooks.preToolUse.tap({ name: 'slow', limit: 'own' }, async () => {
          void test.session.interrupt()
        }),
    })
    await using test = await testKernel([scriptedModel([[{ call: 'work' }]]).plugin, tool, guard])
    expect(await runTurn(test, 'go')).toMatchObject({ outcome: 'interrupted' })
    expect(ran).toEqual([])
  })
})

describe('a turn that is interrupted before its prompt', () => {
  it('asks no further hook, and the next one opens the session in its place', async () => {
    const asked: string[] = []
    const { promise: reached, resolve } = Promise.withResolvers<void>()
    let waits = true
    const watch = definePlugin({
      name: 'watch',
      power: 'decide',
      setup({ hooks }) {
        hooks.turnStart.tap('hang', () => {
          if (!waits) return
          resolve()
          return new Promise<void>(() => {})
        })
        hooks.sessionStart.tap('seen', () => void asked.push('sessionStart'))
        hooks.userPromptSubmit.tap('seen', () => void asked.push('userPromptSubmit'))
      },
    })
    await using test = await testKernel([watch])
    const turn = test.session.run('go')
    await reached
    await test.session.interrupt()
    expect(await turn.done).toMatchObject({ outcome: 'interrupted' })
    expect(asked).toEqual([])
    waits = false
    await runTurn(test, 'again')
    expect(asked).toEqual(['sessionStart', 'userPromptSubmit'])
  })
})

describe('a session', () => {
  it('streams the events of a turn to whoever iterates it', async () => {
    await using test = await testKernel([scriptedModel([['hello']]).plugin])
    const types: string[] = []
    for await (const event of test.session.run('go')) types.push(event.type)
    expect(types).toEqual(['session_started', 'turn_started', 'item_completed', 'turn_completed'])
  })

  it('runs one turn at a time', async () => {
    await using test = await testKernel([])
    const turn = test.session.run('go')
    expect(() => test.session.run('again')).toThrow(
      expect.objectContaining({ code: 'SESSION_BUSY' }),
    )
    await turn.done
  })

  it('tells sessionEnd once, and only when something was asked', async () => {
    let ended = 0
    const watch = definePlugin({
      name: 'watch',
      setup: ({ hooks }) => hooks.sessionEnd.tap('end', () => void (ended += 1)),
    })
    const idle = await testKernel([watch])
    await idle[Symbol.asyncDispose]()
    expect(ended).toBe(0)
    const used = await testKernel([watch])
    await runTurn(used, 'go')
    await used.session.close()
    await used[Symbol.asyncDispose]()
    expect(ended).toBe(1)
  })

  it('keeps registered secrets out of events and tool outputs', async () => {
    const secret = 'sk-very-secret-value'
    const keeper = definePlugin({ name: 'keeper', setup: ({ secrets }) => secrets.add(secret) })
    const model = scriptedModel([[{ call: 'leak' }], [`it is ${secret}`]])
    await using test = await testKernel([
      keeper,
      model.plugin,
      scriptedTool('leak', `key=${secret}`),
    ])
    await runTurn(test, 'go')
    expect(JSON.stringify(test.events)).not.toContain(secret)
    expect(transcript(test.session.items)).toContain('output: key=<redacted>')
  })

  it('is not recorded when a plugin holds the place of what every session provides', async () => {
    let made = 0
    const store = definePlugin({
      name: 'store',
      power: 'decide',
      setup({ services }) {
        services.provide(inboxKey, 'default', () => ({ tell: () => {} }))
        services.provide(storeKey, 'default', () => ({
          create: async () => {
            made += 1
            return { append: () => {}, close: async () => {} }
          },
          open: () => Promise.reject(new Error('nothing is kept')),
          latest: async () => undefined,
        }))
      },
    })
    const opening = testKernel([store], { ephemeral: false })
    await expect(opening).rejects.toMatchObject({ code: 'SERVICE_TAKEN' })
    expect(made).toBe(0)
  })
})

describe('a host', () => {
  it('waits for all its sessions although one of them cannot be closed', async () => {
    await using home = await temporaryHome()
    const closed: string[] = []
    const fails = definePlugin({
      name: 'fails',
      setup: () => () => Promise.reject(new Error('stuck')),
    })
    const slow = definePlugin({
      name: 'slow',
      setup: () => async () => {
        await new Promise((resolve) => setImmediate(resolve))
        await new Promise((resolve) => setImmediate(resolve))
        closed.push('slow')
      },
    })
    const host = createHost({ home: home.path, plugins: [scriptedModel([]).plugin] })
    const options = {
      cwd: home.path,
      source: 'test',
      ephemeral: true,
      settings: { model: 'm', model_provider: 'scripted' },
    }
    await host.session({ ...options, plugins: [fails] })
    await host.session({ ...options, plugins: [slow] })
    await expect(host[Symbol.asyncDispose]()).rejects.toThrow('stuck')
    expect(closed).toEqual(['slow'])
  })
})
