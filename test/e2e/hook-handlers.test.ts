import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AnyPlugin } from 'hookline'
import { commandHooks } from 'hookline/plugins/command-hooks'
import { isolateHost } from 'hookline/plugins/isolate-host'
import { mcpClient } from 'hookline/plugins/mcp-client'
import {
  runTurn,
  scriptedModel,
  scriptedTool,
  temporaryHome,
  testKernel,
  transcript,
} from 'hookline/testing'
import { describe, expect, it } from 'vitest'

interface Given {
  readonly handler: object
  readonly plugins: readonly AnyPlugin[]
  readonly files?: Readonly<Record<string, string>>
  readonly settings?: Readonly<Record<string, unknown>>
}

/** One call of a tool under one PreToolUse handler; what the model was told of it. */
async function callUnder({ handler, plugins, files = {}, settings = {} }: Given): Promise<string> {
  await using home = await temporaryHome(files)
  const hooks = { PreToolUse: [{ hooks: [handler] }] }
  await writeFile(join(home.path, 'hooks.json'), JSON.stringify({ hooks }))
  const model = scriptedModel([[{ call: 'tool', args: { path: 'a/.env' } }], ['done']])
  const tool = scriptedTool('tool', 'it ran')
  await using test = await testKernel([model.plugin, tool, ...plugins, commandHooks], {
    home: home.path,
    settings: {
      approval_policy: 'never',
      bypass_hook_trust: true,
      compat: [],
      ...JSON.parse(JSON.stringify(settings).replaceAll('{{home}}', home.path)),
    },
  })
  await runTurn(test, 'do it')
  return transcript(test.session.items).find((line) => line.startsWith('output: ')) ?? ''
}

describe('a script handler in a real isolate', () => {
  const plugins = [isolateHost]
  const guard = `export default (event) => {
    if (!event.tool_input.path.endsWith('.env')) return
    return { decision: 'block', reason: 'secrets of ' + event.hook_event_name }
  }`

  it('decides from a file', async () => {
    const handler = { type: 'script', file: 'guard.js' }
    const output = await callUnder({ handler, plugins, files: { 'guard.js': guard } })
    expect(output).toContain('secrets of PreToolUse')
  })

  it('reaches nothing outside', async () => {
    const source = `return { decision: 'block', reason: [typeof process, typeof require, typeof fetch].join() }`
    const output = await callUnder({ handler: { type: 'script', source }, plugins })
    expect(output).toContain('undefined,undefined,undefined')
  })

  it.each([
    ['runs for ever', 'for (;;);'],
    ['takes all memory', 'const all = []; for (;;) all.push(new Array(1e6).fill(all.length))'],
    ['throws', 'throw new Error("oops")'],
    ['is no JavaScript', '}{'],
  ])('that %s lets the call run, unless it is required', async (_what, source) => {
    expect(await callUnder({ handler: { type: 'script', source }, plugins })).toBe('output: it ran')
    const required = { type: 'script', source, onFailure: 'block' }
    expect(await callUnder({ handler: required, plugins })).toContain('gave no usable answer')
  })
})

describe('a handler at a real MCP server', () => {
  const server = `
    let rest = ''
    const send = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n')
    const answers = {
      initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } }),
      'tools/list': () => ({ tools: [{ name: 'check', inputSchema: { type: 'object' } }] }),
      'tools/call': ({ arguments: { path } }) => ({ content: [{ type: 'text', text: JSON.stringify({ decision: 'block', reason: 'not ' + path }) }] }),
    }
    process.stdin.setEncoding('utf8').on('data', (text) => {
      rest += text
      for (let end = rest.indexOf('\\n'); end >= 0; end = rest.indexOf('\\n')) {
        const { id, method, params } = JSON.parse(rest.slice(0, end))
        rest = rest.slice(end + 1)
        if (id !== undefined) send(id, answers[method]?.(params) ?? {})
      }
    })`
  const given: Omit<Given, 'handler'> = {
    plugins: [mcpClient],
    files: { 'server.mjs': server },
    settings: {
      mcp_servers: { guard: { command: process.execPath, args: ['{{home}}/server.mjs'] } },
    },
  }
  const handler = {
    type: 'mcp_tool',
    server: 'guard',
    tool: 'check',
    input: { path: '${tool_input.path}' },
  }

  it('decides by what its tool says', async () => {
    expect(await callUnder({ ...given, handler })).toContain('not a/.env')
  })

  it('that is not configured does not', async () => {
    expect(await callUnder({ ...given, handler: { ...handler, server: 'other' } })).toBe(
      'output: it ran',
    )
  })
})
