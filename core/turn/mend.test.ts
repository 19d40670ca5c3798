import { describe, expect, it } from 'vitest'
import type { ToolCallItem } from '../items.ts'
import { definePlugin } from '../plugin.ts'
import { noUsage } from '../points/events.ts'
import type { Tool } from '../points/tool.ts'
import { storeKey, toolKey } from '../service-keys.ts'
import { runTurn, scriptedTool, testKernel } from '../testing.ts'

const call: ToolCallItem = {
  type: 'tool_call',
  id: 'i',
  callId: 'c',
  name: 'write',
  payload: { kind: 'json', text: '{}' },
}

const facts = { cwd: '/', source: 'test', product: 'none', provider: 'scripted', model: 'm' }

/** A store with one session that was cut off in a call. */
const cutOff = definePlugin({
  name: 'cut-off',
  power: 'decide',
  setup({ services }) {
    const log = { append: () => {}, close: async () => {} }
    services.provide(storeKey, 'default', () => ({
      create: async () => log,
      open: async (id) => ({
        meta: { ...facts, id, startedAt: '' },
        items: [call],
        threadUsage: noUsage,
        log,
        warnings: [],
      }),
      latest: async () => undefined,
    }))
  },
})

describe('a call that a crash left open', () => {
  it('is not run again because a tool of that name in a namespace is repeatable', async () => {
    let ran = 0
    const own = scriptedTool('write', () => {
      ran += 1
      return 'ran'
    })
    const namesake: Tool = {
      name: 'write',
      namespace: 'other',
      description: '',
      input: { kind: 'json', schema: {}, parse: (value) => value },
      parallel: true,
      repeatable: true,
      run: async () => ({ output: '' }),
    }
    const other = definePlugin({
      name: 'other',
      power: 'shape',
      setup: ({ services }) => void services.provide(toolKey, 'other.write', () => namesake),
    })
    await using test = await testKernel([own, other, cutOff], { ephemeral: false, resume: 's1' })
    await runTurn(test, 'go on')
    expect(ran).toBe(0)
  })
})
