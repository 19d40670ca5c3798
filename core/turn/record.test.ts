import { HooklineError } from '../errors.ts'
import { definePlugin } from '../plugin.ts'
import { pluginSourceKey, storeKey, type LogEntry, type SessionLog } from '../service-keys.ts'
import { runTurn, scriptedModel, scriptedTool, testKernel, transcript } from '../testing.ts'
import { describe, expect, it } from 'vitest'

/** A store in memory that refuses an append whenever `refuses` says so. */
function memoryStore(refuses: (entries: readonly LogEntry[]) => boolean = () => false) {
  const entries: LogEntry[] = []
  const log: SessionLog = {
    append(more) {
      if (refuses(more)) throw new Error('no space')
      entries.push(...more)
    },
    close: async () => {},
  }
  const plugin = definePlugin({
    name: 'memory-store',
    power: 'decide',
    setup({ services }) {
      services.provide(storeKey, 'default', () => ({
        create: async () => log,
        open: () => Promise.reject(new Error('nothing is kept')),
        latest: async () => undefined,
      }))
    },
  })
  return { plugin, entries }
}

function isOutput(entry: LogEntry): boolean {
  return entry.type === 'item' && entry.item.type === 'tool_output'
}

const secret = 'sk-very-secret-value'
const keeper = definePlugin({ name: 'keeper', setup: ({ secrets }) => secrets.add(secret) })

describe('a secret', () => {
  it('is neither recorded nor told to the model, whoever says it', async () => {
    const store = memoryStore()
    const model = scriptedModel([[{ call: 'say', args: { key: secret } }], [`it is ${secret}`]])
    const say = scriptedTool('say', () => ({
      output: [{ type: 'text', text: `key=${secret}` }],
      response: secret,
    }))
    const plugins = [keeper, model.plugin, say, store.plugin]
    await using test = await testKernel(plugins, { ephemeral: false })
    const record = await runTurn(test, `use ${secret}`)
    expect(record).toMatchObject({ prompts: ['use <redacted>'], lastMessage: 'it is <redacted>' })
    expect(JSON.stringify(store.entries)).not.toContain(secret)
    const items = store.entries.flatMap((entry) => (entry.type === 'item' ? [entry.item] : []))
    expect(items).toEqual(test.session.items)
    expect(model.requests.at(-1)?.items).toEqual(items.slice(0, -1))
    expect(transcript(items)).toContain('output: key=<redacted>')
  })

  it('does not come back in what is said of a failure', async () => {
    const fault = new HooklineError('MODEL_REQUEST_FAILED', `bad key ${secret}`, {
      hint: `replace ${secret}`,
      details: { key: secret },
      cause: new Error(secret),
    })
    const model = scriptedModel([[{ fail: fault }]])
    await using test = await testKernel([keeper, model.plugin])
    const { error } = await runTurn(test, 'go')
    expect(error).toMatchObject({
      code: 'MODEL_REQUEST_FAILED',
      message: 'bad key <redacted>',
      hint: 'replace <redacted>',
      details: { key: '<redacted>' },
    })
    expect(error?.cause).toBeUndefined()
    expect(test.events.at(-1)).toMatchObject({ error: { message: 'bad key <redacted>' } })
  })

  it('of a plugin that cannot be set up is not told either', async () => {
    const failing = definePlugin({
      name: 'failing',
      setup({ secrets }) {
        secrets.add(secret)
        throw new Error(`no entry with ${secret}`)
      },
    })
    await expect(testKernel([failing])).rejects.toMatchObject({
      code: 'PLUGIN_SETUP_FAILED',
      message: 'plugin "failing" could not be set up: no entry with <redacted>',
    })
  })

  it('of a plugin that is left out is not told either', async () => {
    const failing = definePlugin({
      name: 'failing',
      setup({ secrets }) {
        secrets.add(secret)
        throw new Error(`no entry with ${secret}`)
      },
    })
    const loader = definePlugin({
      name: 'loader',
      phase: 'bootstrap',
      setup({ services }) {
        const entry = { plugin: failing, builtin: false }
        services.provide(pluginSourceKey, 'test', () => ({ load: async () => [entry] }))
      },
    })
    await using test = await testKernel([loader])
    const message = 'plugin "failing" could not be set up: no entry with <redacted>'
    expect(test.kernel.failures()).toMatchObject([{ message }])
    expect(test.session.parts.warnings).toEqual([message])
    expect(test.errors).toMatchObject([{ message }])
  })
})

describe('a record that cannot be written', () => {
  it('fails the turn, and the next one answers what was left without an answer', async () => {
    let full = true
    const store = memoryStore((entries) => full && entries.some(isOutput))
    const model = scriptedModel([[{ call: 'work' }], ['fine']])
    const plugins = [model.plugin, scriptedTool('work', 'done'), store.plugin]
    await using test = await testKernel(plugins, { ephemeral: false })
    expect(await runTurn(test, 'go')).toMatchObject({
      outcome: 'failed',
      error: { code: 'STORE_WRITE_FAILED' },
    })
    expect(transcript(test.session.items)).toEqual(['user: go', 'call work: {}'])
    full = false
    expect(await runTurn(test, 'again')).toMatchObject({ outcome: 'completed' })
    expect(transcript(test.session.items)).toEqual([
      'user: go',
      'call work: {}',
      expect.stringMatching(/^output: aborted/),
      expect.stringMatching(/^user: <turn_aborted>/),
      'user: again',
      'assistant: fine',
    ])
  })

  it('stops the calls that still run and starts none that wait', async () => {
    const store = memoryStore((entries) => entries.some(isOutput))
    const { promise: stopped, resolve } = Promise.withResolvers<string>()
    const ran: string[] = []
    const long = scriptedTool('long', '', {
      run: (_input, context) =>
        new Promise((answer) => {
          context.signal.addEventListener('abort', () => {
            resolve('stopped')
            answer({ output: 'stopped' })
          })
        }),
    })
    const run = async () => {
      ran.push('alone')
      return { output: '' }
    }
    const alone = scriptedTool('alone', '', { parallel: false, run })
    const model = scriptedModel([[{ call: 'work' }, { call: 'long' }, { call: 'alone' }]])
    const plugins = [model.plugin, scriptedTool('work', 'done'), long, alone, store.plugin]
    await using test = await testKernel(plugins, { ephemeral: false })
    expect(await runTurn(test, 'go')).toMatchObject({
      outcome: 'failed',
      error: { code: 'STORE_WRITE_FAILED' },
    })
    expect(await stopped).toBe('stopped')
    await new Promise((done) => setImmediate(done))
    expect(ran).toEqual([])
  })
})
