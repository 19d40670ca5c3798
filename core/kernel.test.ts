import { describe, expect, it } from 'vitest'
import { HooklineError } from './errors.ts'
import { definePlugin, type AnyPlugin } from './plugin.ts'
import { ToolGate } from './gates/tool-gate.ts'
import { serviceKey } from './services.ts'
import { runTurn, scriptedModel, scriptedTool, testKernel, transcript } from './testing.ts'

const greetKey = serviceKey<{ greet(): string }>('greeter')
const callThen = () => scriptedModel([[{ call: 'probe', args: { a: 1 } }], ['done']])

describe('a tap', () => {
  it('is awaited and its answer heard although it is an async function', async () => {
    const model = callThen()
    const gate = definePlugin({
      name: 'slow-guard',
      power: 'decide',
      setup({ hooks }) {
        hooks.preToolUse.tap('first', async () => undefined)
        hooks.preToolUse.tap('second', async (value) => {
          await new Promise((resolve) => setImmediate(resolve))
          return value.deny('not today')
        })
      },
    })
    await using test = await testKernel([model.plugin, scriptedTool('probe', 'ran'), gate])
    await runTurn(test, 'go')
    expect(transcript(test.session.items)).toContain('output: not today')
  })

  it('that throws on a closed hook point refuses the operation and names plugin and hook', async () => {
    const model = callThen()
    const broken = definePlugin({
      name: 'broken',
      power: 'decide',
      setup({ hooks }) {
        hooks.preToolUse.tap('boom', () => {
          throw new Error('boom')
        })
      },
    })
    await using test = await testKernel([model.plugin, scriptedTool('probe', 'ran'), broken])
    const record = await runTurn(test, 'go')
    expect(record.outcome).toBe('completed')
    expect(test.errors[0]).toMatchObject({
      code: 'TAP_FAILED',
      plugin: 'broken',
      hook: 'preToolUse',
    })
    expect(transcript(test.session.items)).not.toContain('output: ran')
  })

  it('that throws on an open hook point is passed over', async () => {
    const broken = definePlugin({
      name: 'broken',
      power: 'shape',
      setup({ hooks }) {
        hooks.postToolUse.tap('boom', () => {
          throw new Error('boom')
        })
      },
    })
    await using test = await testKernel([callThen().plugin, scriptedTool('probe', 'ran'), broken])
    await runTurn(test, 'go')
    expect(transcript(test.session.items)).toContain('output: ran')
    expect(test.errors).toHaveLength(1)
  })

  it('may ask for more than the open policy, never for less', async () => {
    const scrubber = definePlugin({
      name: 'scrubber',
      power: 'shape',
      setup({ hooks }) {
        hooks.modelRequest.tap({ name: 'scrub', onFailure: 'closed' }, () => {
          throw new Error('cannot scrub')
        })
      },
    })
    await using test = await testKernel([scriptedModel([['hi']]).plugin, scrubber])
    const record = await runTurn(test, 'go')
    expect(record).toMatchObject({ outcome: 'failed', error: { code: 'TAP_FAILED' } })
  })

  it('cannot loosen a gate, not even with a fresh one', async () => {
    const deny = definePlugin({
      name: 'deny',
      power: 'decide',
      setup: ({ hooks }) => hooks.preToolUse.tap('deny', (gate) => gate.deny('no')),
    })
    const loosen = definePlugin({
      name: 'loosen',
      power: 'decide',
      setup: ({ hooks }) =>
        hooks.preToolUse.tap('loosen', (gate) => ToolGate.of(gate.call).allow('sure')),
    })
    await using test = await testKernel([
      callThen().plugin,
      scriptedTool('probe', 'ran'),
      deny,
      loosen,
    ])
    await runTurn(test, 'go')
    expect(transcript(test.session.items)).not.toContain('output: ran')
    expect(test.errors[0]).toMatchObject({ code: 'TAP_LOOSENED', plugin: 'loosen' })
  })

  it('needs the power that its hook point takes', async () => {
    const weak = definePlugin({
      name: 'weak',
      setup: ({ hooks }) => hooks.preToolUse.tap('x', () => undefined),
    })
    await expect(testKernel([weak])).rejects.toMatchObject({
      code: 'PLUGIN_POWER_EXCEEDED',
      plugin: 'weak',
    })
  })

  it('runs in the order of stages, then of plugins', async () => {
    const order: string[] = []
    const named = (name: string, stage?: 'early' | 'late' | 'guard') =>
      definePlugin({
        name,
        setup: ({ hooks }) =>
          hooks.turnStart.tap(stage === undefined ? name : { name, stage }, () => {
            order.push(name)
          }),
      })
    await using test = await testKernel([
      named('d'),
      named('late', 'late'),
      named('e'),
      named('guard', 'guard'),
      named('early', 'early'),
    ])
    await runTurn(test, 'go')
    expect(order).toEqual(['guard', 'early', 'd', 'e', 'late'])
  })

  it('falls silent once its session is closed', async () => {
    let told = 0
    const watcher = definePlugin({
      name: 'watch',
      setup: ({ hooks }) => hooks.event.tap('count', () => void (told += 1)),
    })
    const test = await testKernel([watcher])
    await runTurn(test, 'go')
    await test[Symbol.asyncDispose]()
    const before = told
    test.session.emit({ type: 'turn_started', turnId: 'x' })
    expect(told).toBe(before)
  })
})

describe('a rewrite', () => {
  it('is judged again by guards and is what the tool gets', async () => {
    const seen: unknown[] = []
    const rewrite = definePlugin({
      name: 'rewrite',
      power: 'decide',
      setup: ({ hooks }) => hooks.preToolUse.tap('rewrite', (gate) => gate.rewrite({ a: 'evil' })),
    })
    const guard = definePlugin({
      name: 'guard',
      power: 'decide',
      setup: ({ hooks }) =>
        hooks.preToolUse.tap({ name: 'guard', stage: 'guard' }, (gate) => {
          seen.push(gate.call.input)
          return JSON.stringify(gate.call.input).includes('evil') ? gate.deny('evil') : undefined
        }),
    })
    await using test = await testKernel([
      callThen().plugin,
      scriptedTool('probe', 'ran'),
      guard,
      rewrite,
    ])
    await runTurn(test, 'go')
    expect(seen).toEqual([{ a: 1 }, { a: 'evil' }])
    expect(transcript(test.session.items)).toContain('output: evil')
  })
})

describe('set-up', () => {
  it('orders plugins by their needs and names a missing one', async () => {
    const order: string[] = []
    const first = definePlugin({
      name: 'first',
      needs: ['second'],
      setup: () => void order.push('first'),
    })
    const second = definePlugin({ name: 'second', setup: () => void order.push('second') })
    await using test = await testKernel([first, second])
    expect(test.errors).toEqual([])
    expect(order).toEqual(['second', 'first'])
    await expect(testKernel([first])).rejects.toMatchObject({
      code: 'PLUGIN_NEEDS_MISSING',
      message: expect.stringContaining('second'),
    })
  })

  it('refuses two plugins of one name', async () => {
    const one = definePlugin({ name: 'same', setup: () => {} })
    await expect(testKernel([one, { ...one }])).rejects.toMatchObject({ code: 'PLUGIN_NAME_TAKEN' })
  })

  it('runs cleanups in reverse order and all of them, whatever fails', async () => {
    const order: string[] = []
    const named = (name: string, fails = false) =>
      definePlugin({
        name,
        setup: () => () => {
          order.push(name)
          if (fails) throw new Error(name)
        },
      })
    const test = await testKernel([named('a'), named('b', true), named('c')])
    await expect(test[Symbol.asyncDispose]()).rejects.toThrow('b')
    expect(order).toEqual(['c', 'b', 'a'])
  })
})

function provide(name: string, replaces = false): AnyPlugin {
  return definePlugin({
    name,
    setup: ({ services }) =>
      void services.provide(greetKey, 'en', () => ({ greet: () => name }), { replaces }),
  })
}

describe('services', () => {
  it('are made when first asked for, once', async () => {
    let made = 0
    const provider = definePlugin({
      name: 'provider',
      setup: ({ services }) =>
        void services.provide(greetKey, 'en', () => {
          made += 1
          return { greet: () => 'hello' }
        }),
    })
    await using test = await testKernel([provider])
    expect(made).toBe(0)
    expect(
      test.services.get(greetKey, 'en').greet() + test.services.get(greetKey, 'en').greet(),
    ).toBe('hellohello')
    expect(made).toBe(1)
  })

  it('tell the known ids when one is missing, and refuse one that is taken', async () => {
    await using test = await testKernel([provide('a')])
    const missing = { code: 'SERVICE_MISSING', hint: 'known: en' }
    expect(() => test.services.get(greetKey, 'de')).toThrow(expect.objectContaining(missing))
    await expect(testKernel([provide('a'), provide('b')])).rejects.toMatchObject({
      code: 'SERVICE_TAKEN',
    })
  })

  it('can be replaced by another plugin', async () => {
    await using test = await testKernel([provide('a'), provide('b', true)])
    expect(test.services.get(greetKey, 'en').greet()).toBe('b')
  })
})

describe('a shared thing', () => {
  it('is made once for two sessions and disposed with the last', async () => {
    let [made, gone] = [0, 0]
    const key = { id: 'thing' }
    const user = definePlugin({
      name: 'user',
      setup: async ({ shared }) => {
        await shared(key, 'process', () => {
          made += 1
          return { [Symbol.dispose]: () => void (gone += 1) }
        })
      },
    })
    const test = await testKernel([user])
    const { createHost } = await import('./host.ts')
    const host = createHost({
      home: test.session.facts.home,
      plugins: [scriptedModel([]).plugin, user],
    })
    const settings = { model: 'm', model_provider: 'scripted' }
    const [one, two] = await Promise.all([
      host.session({ source: 'test', settings }),
      host.session({ source: 'test', settings }),
    ])
    expect(made).toBe(2)
    await one.close()
    expect(gone).toBe(0)
    await two.close()
    expect(gone).toBe(1)
    await test[Symbol.asyncDispose]()
  })
})

describe('errors', () => {
  it('are told apart by code', () => {
    expect(new HooklineError('USAGE', 'x', { hint: 'y' })).toMatchObject({
      code: 'USAGE',
      name: 'HooklineError',
      hint: 'y',
    })
  })
})
