import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runTurn, temporaryHome, testKernel } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { mcpClient } from './index.ts'
import {
  callingModel,
  hostileServer,
  isAlive,
  plainOutput,
  probeTurn,
  serversOf,
  warnings,
  type ModelCall,
} from './mcp-harness.ts'
import type { ServerSettings } from './settings.ts'

const go: ModelCall = { tool: 'go' }

/** Runs a turn in which the model makes the calls, with one server; what it was answered and what the user was told. */
async function turn(server: ServerSettings, calls: readonly ModelCall[] = [go]) {
  const model = callingModel(calls)
  await using test = await testKernel([model.plugin, mcpClient], {
    settings: { mcp_servers: { probe: server }, approval_policy: 'never' },
  })
  const record = await runTurn(test, 'go')
  expect(record.outcome).toBe('completed')
  expect(test.errors).toEqual([])
  const [facts] = serversOf(test).servers()
  return { facts, outputs: model.outputs().map(plainOutput), warnings: warnings(test.events) }
}

const unsupported = 'unsupported call: mcp__probego'

describe('a server that cannot be used', () => {
  it('because it crashes at its start is left out, with its last words', async () => {
    const { outputs, warnings: told } = await turn(hostileServer(['crash']))
    expect(outputs).toEqual([unsupported])
    expect(told).toEqual([
      'MCP server "probe" is left out: it ended with exit code 3: the database is gone',
    ])
  })

  it('because it never answers is left out when its time is over', async () => {
    const { facts, warnings: told } = await turn(
      hostileServer(['hang'], { startup_timeout_ms: 300 }),
    )
    expect(told).toEqual(['MCP server "probe" is left out: it did not answer within 0.3 s'])
    expect(facts).toMatchObject({ status: 'failed', reason: 'it did not answer within 0.3 s' })
  })

  it('because it floods the session is ended', async () => {
    const { outputs, warnings: told } = await turn(hostileServer(['flood']))
    expect(outputs).toEqual([unsupported])
    expect(told).toEqual([
      'MCP server "probe" is left out: it sent more than 10000 messages in a second',
    ])
  })
})

describe('a server that can be used all the same', () => {
  it('writes something else to its stdout', async () => {
    const { outputs, warnings: told } = await turn(hostileServer(['garbage']))
    expect(outputs[0]).toContain('went')
    expect(told).toEqual([])
  })

  it('does not know the question for its tools', async () => {
    const { facts, warnings: told } = await turn(hostileServer(['no-list']))
    expect(facts).toMatchObject({ status: 'ready', tools: [] })
    expect(told).toEqual([])
  })

  it('has more pages of tools than anybody wants', async () => {
    const { facts } = await turn(hostileServer(['pages']))
    expect(facts?.tools).toHaveLength(50)
  })

  it('has more to say of itself than every request can carry', async () => {
    const server = hostileServer(['wordy'], { required: true })
    const { model } = await probeTurn([], { server })
    const [tool] = model.requests[0]?.tools ?? []
    expect(tool?.namespaceDescription).toMatch(/^do as I say .*…\d+ bytes omitted….*do as I say $/)
    expect(Buffer.byteLength(tool?.namespaceDescription ?? '')).toBeLessThanOrEqual(16 * 1024)
  })

  it('lists resources under the name of another', async () => {
    const list = { tool: 'list_mcp_resources', server: '' }
    const server = hostileServer(['poser'], { required: true })
    const { outputs } = await probeTurn([list], { server })
    expect(JSON.parse(outputs[0] ?? '')).toEqual({
      resources: [{ server: 'probe', uri: 'x://1' }],
    })
  })

  it('lists some tools that cannot be offered', async () => {
    const { facts, warnings: told } = await turn(hostileServer(['odd']))
    expect(facts?.tools).toEqual(['good', 'go.od', 'go-od', 'bare'])
    expect(told).toEqual([
      'MCP server "probe": tools that cannot be offered: one without a name, ' +
        '"list" (its schema is not that of an object), "props" (its schema is not that of an object), ' +
        '"huge" (its schema is too long), one without a name',
    ])
  })
})

describe('a call', () => {
  it.each([
    ['exit-mid-call', 'it ended with exit code 7'],
    ['close-stdout', 'it closed its stdout'],
    ['huge', 'it sent a message of more than 16 MiB'],
    ['nonsense', 'the answer is not the result of a tool'],
    ['error', 'MCP error -32603: I refuse'],
  ])('of a server that answers with %s fails with the reason', async (mode, reason) => {
    const { outputs } = await turn(hostileServer([mode]))
    expect(outputs[0]).toMatch(/^Wall time: … seconds\nOutput:\ntool call error: /)
    expect(outputs[0]).toContain(`Caused by:\n    ${reason}`)
  })

  it('starts a server again that has ended', async () => {
    await using home = await temporaryHome({ ends: '0' })
    const server = hostileServer(['exit-once', join(home.path, 'ends')])
    const { outputs, warnings: told } = await turn(server, [go, go])
    expect(outputs[0]).toContain('it ended with exit code 7')
    expect(outputs[1]).toContain('back again')
    expect(told).toEqual([
      'MCP server "probe" has gone (it ended with exit code 7); its next call starts it again',
    ])
  })

  it('does not start a server again that ends with every call', async () => {
    const {
      outputs,
      facts,
      warnings: told,
    } = await turn(hostileServer(['exit-mid-call']), [go, go, go, go])
    expect(outputs[2]).toContain('it ended with exit code 7')
    expect(outputs[3]).toBe(unsupported)
    expect(told.at(-1)).toContain('it is left out from now on')
    expect(facts).toMatchObject({ status: 'failed', tools: [] })
  })

  it('that never ends does not hold up an interrupt', async () => {
    const model = callingModel([go])
    const settings = {
      mcp_servers: { probe: hostileServer(['silent']) },
      approval_policy: 'never',
    }
    await using test = await testKernel([model.plugin, mcpClient], { settings })
    const turnOfIt = test.session.run('go')
    for await (const event of turnOfIt) {
      if (event.type === 'item_started') await test.session.interrupt()
    }
    const record = await turnOfIt.done
    expect(record.outcome).toBe('interrupted')
    const item = test.events.findLast((event) => event.type === 'item_completed')
    expect(item).toMatchObject({
      item: { status: 'failed', error: { message: 'the call was interrupted' } },
    })
  })
})

describe('the end of a session', () => {
  it('is the end of all that a server has started', async () => {
    await using home = await temporaryHome()
    const file = join(home.path, 'pid')
    const settings = { mcp_servers: { probe: hostileServer(['family', file]) } }
    const test = await testKernel([mcpClient], { settings })
    await serversOf(test).call('probe', 'go', {})
    const pid = Number(await readFile(file, 'utf8'))
    expect(isAlive(pid)).toBe(true)
    await test[Symbol.asyncDispose]()
    expect(isAlive(pid)).toBe(false)
  })

  it('does not wait for a server that hangs at its start, and tells nothing of it', async () => {
    const settings = { mcp_servers: { probe: hostileServer(['hang']) } }
    const test = await testKernel([mcpClient], { settings })
    const call = serversOf(test)
      .call('probe', 'go', {})
      .catch((error: unknown) => error)
    const began = performance.now()
    await test[Symbol.asyncDispose]()
    expect(performance.now() - began).toBeLessThan(5000)
    expect(await call).toMatchObject({ code: 'MCP_SERVER_UNAVAILABLE' })
    expect(warnings(test.events)).toEqual([])
  })
})
