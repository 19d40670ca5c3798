import { describe, expect, it } from 'vitest'
import { probeTurn, sdkServer } from './mcp-harness.ts'
import type { ServerSettings } from './settings.ts'

describe('approval', () => {
  const confined = { sandbox_mode: 'read-only' }
  const refusal = 'MCP tool call requires approval, but approval policy is never'

  it('is not needed by a tool that says that it only reads', async () => {
    const { outputs } = await probeTurn([{ tool: 'echo', args: { text: 'hi' } }], {
      settings: confined,
    })
    expect(outputs[0]).toContain('said hi')
  })

  it('is needed by every other tool', async () => {
    const { outputs, items } = await probeTurn([{ tool: 'write_it' }], { settings: confined })
    expect(outputs).toEqual([refusal])
    expect(items[0]).toMatchObject({
      type: 'mcp_tool_call',
      tool: 'write-it',
      status: 'declined',
      declinedBy: 'policy',
      reason: refusal,
    })
  })

  it.each<readonly [string, { more: ServerSettings; tool: string; expected: string }]>([
    [
      'not for a server that is approved',
      { more: { default_tools_approval_mode: 'approve' }, tool: 'write_it', expected: 'written' },
    ],
    [
      'not for a tool that is approved',
      {
        more: { tools: { 'write-it': { approval_mode: 'approve' } } },
        tool: 'write_it',
        expected: 'written',
      },
    ],
    [
      'for a reading tool that shall be asked for',
      { more: { tools: { echo: { approval_mode: 'prompt' } } }, tool: 'echo', expected: refusal },
    ],
  ])('is asked %s', async (_what, { more, tool, expected }) => {
    const call = { tool, args: { text: '' } }
    const { outputs } = await probeTurn([call], { server: sdkServer(more), settings: confined })
    expect(outputs[0]).toContain(expected)
  })
})
