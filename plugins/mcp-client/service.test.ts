import { testKernel } from 'hookline/testing'
import { expect, it } from 'vitest'
import { mcpClient } from './index.ts'
import { hostileServer, sdkServer, serversOf } from './mcp-harness.ts'

it('calls a tool by its original name, also before any turn and when the model is not offered it', async () => {
  const settings = { mcp_servers: { probe: sdkServer({ disabled_tools: ['write-it'] }) } }
  await using test = await testKernel([mcpClient], { settings })
  const servers = serversOf(test)
  const content = [{ type: 'text', text: 'written' }]
  expect(await servers.call('probe', 'write-it', {})).toEqual({
    text: 'written',
    isError: false,
    content,
  })
  expect(await servers.call('probe', 'fail', {})).toMatchObject({
    text: 'it went wrong',
    isError: true,
  })
  const [facts] = servers.servers()
  expect(facts).toMatchObject({ name: 'probe', status: 'ready' })
  expect(facts?.tools).toContain('echo')
  expect(facts?.tools).not.toContain('write-it')
})

it('gives the structured form of a result that has no text', async () => {
  const settings = { mcp_servers: { probe: hostileServer(['structured']) } }
  await using test = await testKernel([mcpClient], { settings })
  expect(await serversOf(test).call('probe', 'go', {})).toEqual({
    text: '{"deep":1}',
    isError: false,
    content: [],
  })
})

it('says why a call got no result', async () => {
  const settings = {
    mcp_servers: { probe: hostileServer(['silent']), refusing: hostileServer(['error']) },
  }
  await using test = await testKernel([mcpClient], { settings })
  const servers = serversOf(test)
  await expect(servers.call('probe', 'go', {}, { timeoutMs: 50 })).rejects.toMatchObject({
    code: 'MCP_CALL_FAILED',
    message: expect.stringContaining('timed out awaiting tools/call after 50ms'),
  })
  await expect(servers.call('refusing', 'go', {})).rejects.toMatchObject({
    code: 'MCP_CALL_FAILED',
    message: expect.stringContaining('I refuse'),
  })
  const signal = AbortSignal.timeout(10)
  await expect(servers.call('probe', 'go', {}, { signal })).rejects.toThrow(
    'the call was interrupted',
  )
})

it('knows only the configured servers', async () => {
  await using bare = await testKernel([mcpClient])
  expect(serversOf(bare).servers()).toEqual([])
  await expect(serversOf(bare).call('x', 'y', {})).rejects.toMatchObject({
    code: 'MCP_SERVER_UNAVAILABLE',
    hint: 'configure [mcp_servers.x]',
  })
  const settings = { mcp_servers: { probe: sdkServer() } }
  await using test = await testKernel([mcpClient], { settings })
  expect(serversOf(test).servers()).toEqual([{ name: 'probe', status: 'waiting', tools: [] }])
  await expect(serversOf(test).call('x', 'y', {})).rejects.toMatchObject({ hint: 'known: probe' })
})
