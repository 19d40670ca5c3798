import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { definePlugin, isolateKey, type IsolateOutcome, type IsolateRequest } from 'hookline'
import { parseToml } from 'hookline/kit'
import { temporaryHome, testKernel } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { oneCall, trial } from './hooks-harness.ts'
import { commandHooks, hooksKey } from './index.ts'
import { kindTrial } from './kind-harness.ts'
import { isTable } from './shape.ts'

/** An isolate that answers what it is told to, and keeps what it was asked. */
function isolate(answer: (request: IsolateRequest) => IsolateOutcome) {
  const requests: IsolateRequest[] = []
  const plugin = definePlugin({
    name: 'isolate',
    power: 'shape',
    setup({ services }) {
      services.provide(isolateKey, 'default', () => ({
        available: async () => ({ ok: true }),
        run: async (request) => {
          requests.push(request)
          return answer(request)
        },
      }))
    },
  })
  return { plugin, requests }
}

const echo = () => isolate(({ source }) => ({ ok: true, value: source }))
const returning = (value: unknown) => isolate(() => ({ ok: true, value }))
const script = { type: 'script', source: 'return event' }

describe('a script', () => {
  it.each([
    [{ decision: 'block' }, { kind: 'exited', code: 0, stdout: '{"decision":"block"}' }],
    ['text', { kind: 'exited', code: 0, stdout: 'text' }],
    [undefined, { kind: 'exited', code: 0, stdout: '' }],
    [null, { kind: 'exited', code: 0, stdout: '' }],
    [[1], { kind: 'broken' }],
    [5, { kind: 'broken' }],
    [false, { kind: 'broken' }],
  ])('that returns %j', async (value, result) => {
    await using t = await kindTrial({ plugins: [returning(value).plugin] })
    expect(await t.run(script)).toMatchObject(result)
  })

  it('is given the event, and its own limits', async () => {
    const { plugin, requests } = returning(undefined)
    await using t = await kindTrial({ plugins: [plugin], input: { tool_name: 'Bash' } })
    await t.run({ ...script, timeoutMs: 50, memoryMiB: 16 })
    await t.run(script)
    await t.run({ ...script, timeout: 3 })
    expect(requests).toMatchObject([
      {
        source: 'return event',
        input: { tool_name: 'Bash' },
        limits: { timeoutMs: 50, memoryMiB: 16 },
      },
      { limits: { timeoutMs: undefined, memoryMiB: undefined } },
      { limits: { timeoutMs: 3000 } },
    ])
  })

  it.each([
    ['timeout', 'broken'],
    ['memory', 'broken'],
    ['crash', 'broken'],
    ['error', 'broken'],
    ['unavailable', 'broken'],
    ['aborted', 'interrupted'],
  ] as const)('that ends with %s is %s', async (kind, result) => {
    const { plugin } = isolate(() => ({ ok: false, kind, message: 'why' }))
    await using t = await kindTrial({ plugins: [plugin] })
    expect((await t.run(script)).kind).toBe(result)
  })

  it('cannot run where nothing runs scripts', async () => {
    await using t = await kindTrial()
    expect(await t.run(script)).toMatchObject({ message: expect.stringContaining('nothing here') })
  })
})

describe('a script in a file', () => {
  const inFile = { UserPromptSubmit: [{ hooks: [{ type: 'script', file: 'guard.js' }] }] }
  const files = { 'guard.js': 'return "first"' }
  it('stands beside the hooks file, and is read once', async () => {
    const { plugin, requests } = echo()
    await using t = await trial({ hooks: inFile, files, plugins: [plugin] })
    await writeFile(join(t.home, 'guard.js'), 'return "changed"')
    await t.run()
    expect(t.said()).toContain('developer: return "first"')
    expect(requests[0]?.name).toBe(join(t.home, 'guard.js'))
  })

  it('that is not there is named and left out, and refuses where it is required', async () => {
    const { plugin } = echo()
    const required = { type: 'script', file: 'none.js', onFailure: 'block' }
    const hooks = { ...inFile, PreToolUse: [{ hooks: [required] }] }
    await using t = await trial({ hooks, plugins: [plugin], turns: oneCall })
    await t.run()
    const told = JSON.stringify(t.shown('error'))
    expect(told).toContain('guard.js')
    expect(told).toContain('it refuses what it guards')
    expect(t.said().join('\n')).toContain('gave no usable answer')
  })

  it('is trusted as it is, and no longer once it changes', async () => {
    await using home = await temporaryHome({ 'a.js': 'return 1' })
    const file = join(home.path, 'a.js')
    const hooks = { UserPromptSubmit: [{ hooks: [{ type: 'script', file }] }] }
    const session = async (settings: object, act: 'look' | 'trust' = 'look') => {
      const [first, given] = [echo(), { bypass_hook_trust: false, ...settings }]
      await using t = await trial({ hooks, plugins: [first.plugin], settings: given })
      await t.run()
      const service = t.test.services.get(hooksKey, 'default')
      const [hook] = (await service.list()).hooks
      if (act === 'trust') await service.trust('all')
      const config = act === 'trust' ? await readFile(join(t.home, 'config.toml'), 'utf8') : ''
      const record = parseToml(config, 'config.toml').values['hooks']
      const [recorded] = Object.values(
        isTable(record) && isTable(record['state']) ? record['state'] : {},
      )
      return { hook, recorded, ran: first.requests.length }
    }
    const before = await session({}, 'trust')
    expect([before.hook?.trustStatus, before.hook?.action, before.ran]).toEqual([
      'untrusted',
      file,
      0,
    ])
    expect(before.recorded).toEqual({
      trusted_hash: before.hook?.currentHash,
      script_digest: expect.stringMatching(/^sha256:/),
    })
    // Each session has a home of its own here, so the key is another.
    const statusWith = async (record: unknown) => {
      await using t = await trial({ hooks, plugins: [echo().plugin] })
      const [hook] = (await t.test.services.get(hooksKey, 'default').list()).hooks
      const settings = { compat: [], hooks: { state: { [hook?.key ?? '']: record } } }
      await using again = await testKernel([commandHooks], { home: t.home, settings })
      const { hooks: found } = await again.services.get(hooksKey, 'default').list()
      return found[0]?.trustStatus
    }
    expect(await statusWith(before.recorded)).toBe('trusted')
    // Trust in the entry alone is no trust in what the file holds.
    expect(await statusWith({ trusted_hash: before.hook?.currentHash })).toBe('modified')
    await writeFile(file, 'return 2')
    expect(await statusWith(before.recorded)).toBe('modified')
  })
})
