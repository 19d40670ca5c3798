import { describe, expect, it } from 'vitest'
import { hostileServer, probeTurn } from './mcp-harness.ts'

const wait = { tool: 'echo', args: { text: '' } }
const own = (tool: string, args: unknown = {}) => ({ tool, server: '', args })

describe('the resources of servers', () => {
  it('can be listed and read once a server is there that has some', async () => {
    const { model, outputs, items } = await probeTurn([
      wait,
      own('list_mcp_resources'),
      own('list_mcp_resource_templates', { server: 'probe' }),
      own('read_mcp_resource', { server: 'probe', uri: 'probe://note' }),
      own('read_mcp_resource', { server: 'probe', uri: 'probe://any/7' }),
    ])
    expect(model.offered(0)).toEqual([])
    expect(model.offered(1)).toContain('/read_mcp_resource')
    const [, list, templates, note, blob] = outputs.map((text) =>
      text.startsWith('{') ? JSON.parse(text) : text,
    )
    expect(list).toMatchObject({
      resources: [{ server: 'probe', name: 'note', uri: 'probe://note' }],
    })
    expect(templates).toMatchObject({ resourceTemplates: [{ uriTemplate: 'probe://any/{id}' }] })
    expect(note).toMatchObject({ server: 'probe', contents: [{ text: 'remember the milk' }] })
    expect(blob).toMatchObject({ contents: [{ blob: '<4 characters of base64>' }] })
    const shown = items
      .filter((item) => item.type === 'mcp_tool_call')
      .map(({ server, status }) => [server, status])
    expect(shown.slice(1, 3)).toEqual([
      ['codex', 'completed'],
      ['probe', 'completed'],
    ])
  })

  it('are asked for in vain of a server that is not there or knows nothing of them', async () => {
    const { outputs, items } = await probeTurn([
      wait,
      own('list_mcp_resources', { server: 'other' }),
      own('read_mcp_resource', { server: 'probe' }),
      own('read_mcp_resource', { server: 'probe', uri: 'probe://none' }),
    ])
    expect(outputs[1]).toBe('list_mcp_resources failed: no MCP server is called "other"')
    expect(outputs[2]).toBe('failed to parse function arguments: missing field `uri`')
    expect(outputs[3]).toMatch(/^read_mcp_resource failed: MCP error -32602: .*probe:\/\/none/)
    expect(items[1]).toMatchObject({ tool: 'list_mcp_resources', status: 'failed' })
  })

  it('are not offered where no server has any', async () => {
    const { model } = await probeTurn([{ tool: 'go' }], { server: hostileServer([]) })
    expect(model.offered(1)).toEqual(['mcp__probe/go'])
  })
})
