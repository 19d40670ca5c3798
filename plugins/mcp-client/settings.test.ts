import { testKernel } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { mcpClient } from './index.ts'
import { mcpSettings } from './settings.ts'

const { mcp_servers: setting } = mcpSettings

const plain = {
  x: {
    command: 'node',
    args: ['a.js'],
    env: { A: '1' },
    env_vars: ['B'],
    cwd: '/srv',
    startup_timeout_sec: 1.5,
    startup_timeout_ms: 20,
    tool_timeout_sec: 3,
    enabled: true,
    required: false,
    enabled_tools: ['a'],
    disabled_tools: [],
    default_tools_approval_mode: 'writes',
    tools: { a: { approval_mode: 'approve' }, b: {} },
    supports_parallel_tool_calls: true,
  },
  '@scope/my.server:1': { command: 'y' },
}

describe('mcp_servers', () => {
  it('are taken without their schema where they are plain', async () => {
    expect(setting.accepts?.(plain)).toBe(true)
    const schema = await setting.schema()
    expect(schema.parse(plain)).toEqual(plain)
  })

  it.each([
    [
      {
        x: { url: 'https://example.com/mcp', bearer_token_env_var: 'T', http_headers: { A: 'b' } },
      },
    ],
    [{ x: { command: 'node', env_vars: [{ name: 'A', source: 'remote' }] } }],
  ])('may also be %j', async (value) => {
    const schema = await setting.schema()
    expect(schema.safeParse(value).success).toBe(true)
  })

  it.each([
    [
      { 'x y': { command: 'node' } },
      'a server whose name has letters, digits and - _ : @ / . only',
    ],
    [{ x: {} }, 'expected a table with `command` or `url`'],
    [{ x: 'node' }, 'expected a table'],
    [{ x: { command: 'node', url: 'http://a' } }, 'url is not supported for stdio'],
    [{ x: { url: 'http://a', args: [] } }, 'args is not supported for streamable_http'],
    [{ x: { url: 'http://a', bearer_token: 'secret' } }, 'name that in bearer_token_env_var'],
    [{ x: { command: '' } }, 'mcp_servers.x.command'],
    [{ x: { command: 'node', tool_timeout_sec: 0 } }, 'mcp_servers.x.tool_timeout_sec'],
    [{ x: { command: 'node', args: 'a' } }, 'expected a list'],
    [
      { x: { command: 'node', tools: { a: { approval_mode: 'yes' } } } },
      'expected "auto" or "prompt"',
    ],
  ])('are refused as %j', async (mcp_servers, message) => {
    expect(setting.accepts?.(mcp_servers)).toBe(false)
    const opening = testKernel([mcpClient], { settings: { mcp_servers } })
    await expect(opening).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(message),
    })
  })

  it('has no word for a token that is shown in the message', async () => {
    const mcp_servers = { x: { url: 'http://a', bearer_token: 'very-secret' } }
    const opening = testKernel([mcpClient], { settings: { mcp_servers } })
    await expect(opening).rejects.not.toThrow('very-secret')
  })
})
