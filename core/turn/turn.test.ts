import { describe, expect, it } from 'vitest'
import { definePlugin, type AnyPlugin } from '../plugin.ts'
import type { LogEntry, SessionStore } from '../service-keys.ts'
import { storeKey } from '../service-keys.ts'
import { noUsage } from '../points/events.ts'
import { runTurn, scriptedModel, scriptedTool, testKernel, transcript } from '../testing.ts'
import type { Item } from '../items.ts'

function memoryStore(entries: LogEntry[], items: readonly Item[] = []): AnyPlugin {
  const log = {
    append: (more: readonly LogEntry[]) => void entries.push(...more),
    close: async () => {},
  }
  const store: SessionStore = {
    create: async () => log,
    open: async (id) => ({
      meta: {
        id,
        cwd: '/',
        source: 'test',
        product: 'none',
        provider: 'scripted',
        model: 'm',
        startedAt: '',
      },
      items,
      threadUsage: noUsage,
      log,
      warnings: [],
    }),
    latest: async () => undefined,
  }
  return definePlugin({
    name: 'memory-store',
    power: 'decide',
    setup: ({ services }) => void services.provide(storeKey, 'default', () => store),
  })
}

describe('a turn', () => {
  it('calls tools until a response has none, and keeps outputs in the order of the calls', async () => {
    const model = scriptedModel([
      [
        { call: 'slow', callId: 'a' },
        { call: 'fast', callId: 'b' },
      ],
      ['done'],
    ])
    const { promise: fastRan, resolve } = Promise.withResolvers<void>()
    const slow = scriptedTool('slow', '', {
      run: async () => fastRan.then(() => ({ output: 'slow' })),
    })
    const fast = scriptedTool('fast', '', {
      run: async () => {
        resolve()
        return { output: 'fast' }
      },
    })
    await using test = await testKernel([model.plugin, slow, fast])
    const record = await runTurn(test, 'go')
    expect(record).toMatchObject({ outcome: 'completed', lastMessage: 'done' })
    expect(transcript(test.session.items).filter((line) => line.startsWith('output'))).toEqual([
      'output: slow',
      'output: fast',
    ])
  })

  it('runs a tool that is not parallel alone', async () => {
    const order: string[] = []
    const tool = (name: string, parallel: boolean) =>
      scriptedTool(name, '', {
        parallel,
        run: async () => {
          order.push(`${name} starts`)
          await new Promise((resolve) => setImmediate(resolve))
          order.push(`${name} ends`)
          return { output: name }
        },
      })
    const model = scriptedModel([[{ call: 'a' }, { call: 'alone' }, { call: 'b' }], ['done']])
    await using test = await testKernel([
      model.plugin,
      tool('a', true),
      tool('alone', false),
      tool('b', true),
    ])
    await runTurn(test, 'go')
    expect(order).toEqual([
      'a starts',
      'a ends',
      'alone starts',
      'alone ends',
      'b starts',
      'b ends',
    ])
  })

  it('answers unknown tools and bad arguments and goes on', async () => {
    const strict = scriptedTool('strict', 'ran', {
      input: {
        kind: 'json',
        schema: {},
        parse: () => {
          throw new Error('missing field `cmd`')
        },
      },
    })
    const model = scriptedModel([
      [{ call: 'nobody' }, { call: 'strict' }, { custom: 'strange', input: 'x' }],
      ['done'],
    ])
    await using test = await testKernel([model.plugin, strict])
    await runTurn(test, 'go')
    expect(transcript(test.session.items).filter((line) => line.startsWith('output'))).toEqual([
      'output: unsupported call: nobody',
      'output: failed to parse function arguments: missing field `cmd`',
      'output: unsupported call: strange',
    ])
  })

  it('tells instructions once and again only when they change', async () => {
    let mood = 'calm'
    const tell = definePlugin({
      name: 'tell',
      power: 'shape',
      setup: ({ hooks }) =>
        hooks.instructions.tap('parts', (parts) => [
          ...parts,
          { kind: 'base', role: 'developer', text: 'be good' },
          { kind: 'mood', role: 'user', text: mood },
        ]),
    })
    await using test = await testKernel([scriptedModel([['1'], ['2'], ['3']]).plugin, tell])
    await runTurn(test, 'one')
    await runTurn(test, 'two')
    mood = 'wild'
    await runTurn(test, 'three')
    expect(transcript(test.session.items)).toEqual([
      'developer: be good',
      'user: calm',
      'user: one',
      'assistant: 1',
      'user: two',
      'assistant: 2',
      'user: wild',
      'user: three',
      'assistant: 3',
    ])
  })

  it('goes on when a stop tap gives a reason, with the reason escaped', async () => {
    const nag = definePlugin({
      name: 'nag',
      power: 'decide',
      setup: ({ hooks }) =>
        hooks.stop.tap('nag', (gate) =>
          gate.continuations === 0 ? gate.continue('a < b & c', 'stop:0:x') : undefined,
        ),
    })
    await using test = await testKernel([scriptedModel([['first'], ['second']]).plugin, nag])
    expect(await runTurn(test, 'go')).toMatchObject({ lastMessage: 'second' })
    expect(transcript(test.session.items)).toContain(
      'user: <hook_prompt hook_run_id="stop:0:x">a &lt; b &amp; c</hook_prompt>',
    )
  })

  it('makes no request for a blocked prompt, and keeps the context for the next one', async () => {
    const model = scriptedModel([['hello']])
    const block = definePlugin({
      name: 'block',
      power: 'decide',
      setup: ({ hooks }) =>
        hooks.userPromptSubmit.tap('block', (gate) =>
          gate.prompt.text === 'bad' ? gate.addContext('remember').block('bad word') : undefined,
        ),
    })
    await using test = await testKernel([model.plugin, block])
    expect(await runTurn(test, 'bad')).toMatchObject({ outcome: 'completed' })
    expect(model.requests).toHaveLength(0)
    await runTurn(test, 'good')
    expect(transcript(test.session.items)).toEqual([
      'developer: remember',
      'user: good',
      'assistant: hello',
    ])
  })

  it('records an item before its tool runs', async () => {
    const entries: LogEntry[] = []
    let recordedBefore = false
    const probe = scriptedTool('probe', '', {
      run: async () => {
        recordedBefore = entries.some(
          (entry) => entry.type === 'item' && entry.item.type === 'tool_call',
        )
        return { output: 'x' }
      },
    })
    await using test = await testKernel(
      [memoryStore(entries), scriptedModel([[{ call: 'probe' }], ['done']]).plugin, probe],
      { ephemeral: false },
    )
    await runTurn(test, 'go')
    expect(recordedBefore).toBe(true)
  })

  it('fails when it cannot be recorded, with one clear error', async () => {
    const store = definePlugin({
      name: 'full-disk',
      power: 'decide',
      setup: ({ services }) =>
        void services.provide(storeKey, 'default', (): SessionStore => ({
          create: async () => ({
            append: () => {
              throw new Error('ENOSPC')
            },
            close: async () => {},
          }),
          open: () => Promise.reject(new Error('no')),
          latest: async () => undefined,
        })),
    })
    await using test = await testKernel([store, scriptedModel([['hi']]).plugin], {
      ephemeral: false,
    })
    expect(await runTurn(test, 'go')).toMatchObject({
      outcome: 'failed',
      error: { code: 'STORE_WRITE_FAILED' },
    })
  })

  it('answers calls that a crash left open as interrupted before it goes on', async () => {
    const items: readonly Item[] = [
      { type: 'message', id: 'm', role: 'user', parts: [{ type: 'text', text: 'before' }] },
      {
        type: 'tool_call',
        id: 'f',
        callId: 'c',
        name: 'probe',
        payload: { kind: 'json', text: '{}' },
      },
    ]
    const model = scriptedModel([['done']])
    await using test = await testKernel(
      [memoryStore([], items), model.plugin, scriptedTool('probe', 'ran')],
      { ephemeral: false, resume: 'some-id' },
    )
    await runTurn(test, 'after')
    const lines = transcript(test.session.items)
    expect(lines[2]).toMatch(/^output: aborted/)
    expect(lines[3]).toMatch(/^user: <turn_aborted>/)
    expect(lines[4]).toBe('user: after')
  })

  it('runs a repeatable call again after a crash, marked as a replay', async () => {
    const items: readonly Item[] = [
      {
        type: 'tool_call',
        id: 'f',
        callId: 'c',
        name: 'look',
        payload: { kind: 'json', text: '{}' },
      },
    ]
    let replayed: boolean | undefined
    const look = scriptedTool('look', '', {
      repeatable: true,
      run: async (_input, context) => {
        replayed = context.call.replay
        return { output: 'seen' }
      },
    })
    await using test = await testKernel(
      [memoryStore([], items), scriptedModel([['done']]).plugin, look],
      { ephemeral: false, resume: 'some-id' },
    )
    await runTurn(test, 'after')
    expect(replayed).toBe(true)
    expect(transcript(test.session.items)[1]).toBe('output: seen')
  })
})
