import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mcpKey, sessionsKey } from 'hookline'
import { runTurn, temporaryHome, testKernel } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { mcpClient } from './index.ts'
import { hostileServer, isAlive, probeTurn, sdkServer, serversOf, warnings } from './mcp-harness.ts'
import type { ServerSettings } from './settings.ts'

describe('the process of a server', () => {
  it('gets few variables, those that are configured, and its folder', async () => {
    process.env['PROBE_SECRET_TOKEN'] = 'not-for-servers'
    process.env['PROBE_WANTED'] = 'wanted'
    const server = sdkServer({ env: { OWN: 'own' }, env_vars: ['PROBE_WANTED'], cwd: '/' })
    const { outputs } = await probeTurn([{ tool: 'surroundings' }], { server })
    const { env, cwd } = JSON.parse(outputs[0]?.split('\n')[2] ?? '{}')
    expect(env).toMatchObject({ OWN: 'own', PROBE_WANTED: 'wanted', PATH: process.env['PATH'] })
    expect(env).not.toHaveProperty('PROBE_SECRET_TOKEN')
    expect(cwd).toBe('/')
  })

  it('does not let a configured secret get into the conversation', async () => {
    const server = sdkServer({ env: { API_TOKEN: 'tok-1234567890abcdef' } })
    const { outputs, items } = await probeTurn([{ tool: 'surroundings' }], { server })
    expect(outputs[0]).toContain('<redacted>')
    expect(JSON.stringify([outputs, items])).not.toContain('tok-1234567890abcdef')
  })

  it('is shared with the child sessions of a session, and ends with the last of them', async () => {
    const settings = { mcp_servers: { probe: sdkServer() } }
    const test = await testKernel([mcpClient], { settings })
    const pidOf = async (servers = serversOf(test)) =>
      JSON.parse((await servers.call('probe', 'surroundings', {})).text).pid as number // as the fixture answers
    const pid = await pidOf()
    const child = await test.services.get(sessionsKey, 'default').child({ kind: 'probe' })
    const ofChild = child.kernel.services.get(mcpKey, 'default')
    expect(ofChild.servers()).toMatchObject([{ name: 'probe', status: 'ready' }])
    expect(await pidOf(ofChild)).toBe(pid)
    await child.close()
    expect(isAlive(pid)).toBe(true)
    await test[Symbol.asyncDispose]()
    expect(isAlive(pid)).toBe(false)
  })

  it('is not there for a server that is disabled', async () => {
    const { model, outputs } = await probeTurn([{ tool: 'echo' }], {
      server: sdkServer({ enabled: false }),
    })
    expect(model.offered(1)).toEqual([])
    expect(outputs).toEqual(['unsupported call: mcp__probeecho'])
  })
})

describe('a missing server', () => {
  const missing: ServerSettings = { command: '/no/such/program' }

  it('is told once, and the turn goes on', async () => {
    const { events, model } = await probeTurn([{ tool: 'echo' }], { server: missing })
    expect(warnings(events)).toEqual([
      'MCP server "probe" is left out: cannot start "/no/such/program": there is no such program',
    ])
    expect(model.requests).toHaveLength(2)
  })

  it('is told before the turn is over, however short that was', async () => {
    const { events } = await probeTurn([], { server: missing })
    expect(warnings(events)).toHaveLength(1)
    expect(events.at(-1)).toMatchObject({ type: 'turn_completed' })
  })

  it('that is required stops the session, and the others with it', async () => {
    await using home = await temporaryHome()
    const file = join(home.path, 'pid')
    const other = hostileServer(['family', file], { required: true })
    const mcp_servers = { probe: { ...missing, required: true }, other }
    const opening = testKernel([mcpClient], { settings: { mcp_servers } })
    await expect(opening).rejects.toMatchObject({
      code: 'MCP_SERVER_UNAVAILABLE',
      message: expect.stringMatching(
        /^required MCP servers failed to initialize: probe: cannot start/,
      ),
    })
    expect(isAlive(Number(await readFile(file, 'utf8')))).toBe(false)
  })

  it('with a url is told of', async () => {
    const mcp_servers = {
      web: { url: 'http://127.0.0.1:1/mcp' },
      'other-web': { url: 'http://127.0.0.1:2' },
    }
    await using test = await testKernel([mcpClient], { settings: { mcp_servers } })
    await runTurn(test, 'go')
    expect(warnings(test.events)).toEqual([
      'MCP servers with a url are not available yet: "web", "other-web"; they are left out',
    ])
  })

  it('with a url that is required stops the session', async () => {
    const mcp_servers = { web: { url: 'http://127.0.0.1:1/mcp', required: true } }
    const opening = testKernel([mcpClient], { settings: { mcp_servers } })
    await expect(opening).rejects.toMatchObject({ code: 'MCP_SERVER_UNAVAILABLE' })
  })
})
