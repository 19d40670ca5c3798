import { definePlugin, HooklineError, mcpKey, type McpAnswer, type McpServers } from 'hookline'
import { describe, expect, it } from 'vitest'
import { kindTrial } from './kind-harness.ts'

type Call = Parameters<McpServers['call']>

function servers(answer: (...call: Call) => Promise<Partial<McpAnswer>>) {
  const calls: Call[] = []
  const plugin = definePlugin({
    name: 'servers',
    power: 'shape',
    setup({ services }) {
      services.provide(mcpKey, 'default', () => ({
        servers: () => [],
        call: async (...call) => {
          calls.push(call)
          return { text: '', isError: false, content: [], ...(await answer(...call)) }
        },
      }))
    },
  })
  return { plugin, calls }
}

const tool = { type: 'mcp_tool', server: 'srv', tool: 'check' }
const input = {
  hook_event_name: 'PreToolUse',
  tool_input: { command: 'ls -l', list: [1, 'two'], deep: { x: true } },
}

describe('a tool of a server', () => {
  it('is called, and its text is read like the output of a command', async () => {
    const { plugin, calls } = servers(async () => ({ text: '{"decision":"block","reason":"no"}' }))
    await using t = await kindTrial({ plugins: [plugin], input })
    expect(await t.run(tool)).toMatchObject({
      code: 0,
      stdout: '{"decision":"block","reason":"no"}',
    })
    expect(calls.map(([server, name, given]) => [server, name, given])).toEqual([
      ['srv', 'check', {}],
    ])
  })

  it('is given what the event says, wherever its input asks for it', async () => {
    const { plugin, calls } = servers(async () => ({}))
    await using t = await kindTrial({ plugins: [plugin], input })
    await t.run({
      ...tool,
      input: {
        a: 'run ${tool_input.command}!',
        b: ['${tool_input.list.1}', '${tool_input.list}'],
        c: { d: '${tool_input.deep}', e: '${ hook_event_name }', n: 5 },
        f: '[${tool_input.none.at.all}${toString}${tool_input.command.length}]',
      },
    })
    expect(calls[0]?.[2]).toEqual({
      a: 'run ls -l!',
      b: ['two', '[1,"two"]'],
      c: { d: '{"x":true}', e: 'PreToolUse', n: 5 },
      f: '[]',
    })
  })

  it('that says it failed, or cannot be called, is a failed run', async () => {
    const failing = servers(async () => ({ isError: true, text: 'broken pipe' }))
    await using first = await kindTrial({ plugins: [failing.plugin] })
    expect(await first.run(tool)).toEqual({
      kind: 'broken',
      message: "hook's tool check failed: broken pipe",
    })
    const missing = servers(async () => {
      throw new HooklineError('SERVICE_MISSING', 'no server is called srv')
    })
    await using second = await kindTrial({ plugins: [missing.plugin] })
    expect(await second.run(tool)).toMatchObject({ message: expect.stringContaining('no server') })
    await using none = await kindTrial()
    expect(await none.run(tool)).toMatchObject({ message: expect.stringContaining('MCP') })
  })

  it('has the time that the hook has, and ends with the turn', async () => {
    const waiting = servers(
      (...[, , , options]) =>
        new Promise((_resolve, reject) => {
          options?.signal?.addEventListener('abort', () => reject(new Error('aborted')))
        }),
    )
    await using t = await kindTrial({ plugins: [waiting.plugin] })
    expect(await t.run({ ...tool, timeout: 1 })).toEqual({ kind: 'timed_out', seconds: 1 })
    expect(waiting.calls[0]?.[3]?.timeoutMs).toBe(1000)
    const controller = new AbortController()
    const run = t.run(tool, { signal: controller.signal })
    controller.abort()
    expect(await run).toEqual({ kind: 'interrupted' })
  })
})
