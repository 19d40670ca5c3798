import { definePlugin } from 'hookline'
import { runTurn, testKernel } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { mcpClient } from './index.ts'
import { callingModel, plainOutput, probeTurn, sdkServer } from './mcp-harness.ts'

describe('the tools of a server', () => {
  it('do not hold up the first request, and are there for the next', async () => {
    const { model, outputs } = await probeTurn([{ tool: 'echo', args: { text: 'hi' } }])
    expect(model.offered(0)).toEqual([])
    expect(model.offered(1)).toContain('mcp__probe/echo')
    expect(model.offered(1)).toContain('mcp__probe/write_it')
    expect(outputs).toEqual(['Wall time: … seconds\nOutput:\nsaid hi'])
  })

  it('are offered with the first request where the server is required', async () => {
    const { model } = await probeTurn([], { server: sdkServer({ required: true }) })
    const echo = model.requests[0]?.tools.find(({ name }) => name === 'echo')
    expect(echo).toMatchObject({
      namespace: 'mcp__probe',
      description: 'Says it again.',
      input: { kind: 'json', schema: { type: 'object', required: ['text'] } },
    })
  })

  it('are filtered by their original names, first by the list of the allowed', async () => {
    const server = sdkServer({
      required: true,
      enabled_tools: ['echo', 'write-it'],
      disabled_tools: ['echo'],
    })
    const { model, outputs } = await probeTurn([{ tool: 'echo', args: { text: 'x' } }], { server })
    const ofServer = model.offered(0).filter((name) => name.startsWith('mcp__'))
    expect(ofServer).toEqual(['mcp__probe/write_it'])
    expect(outputs).toEqual(['unsupported call: mcp__probeecho'])
  })

  it('follow the list of the server within a turn', async () => {
    // The list is asked for anew beside the turn, so a few calls lie between.
    const echo = { tool: 'echo', args: { text: 'x' } }
    const { model, outputs } = await probeTurn([
      { tool: 'grow' },
      ...Array.from({ length: 6 }, () => echo),
      { tool: 'grown' },
    ])
    expect(model.offered(0)).not.toContain('mcp__probe/grown')
    expect(model.offered(7)).toContain('mcp__probe/grown')
    expect(outputs[7]).toContain('I am new')
  })

  it('keep the form they were sent in while the list stays the same', async () => {
    const server = sdkServer({ required: true })
    const { model } = await probeTurn([{ tool: 'echo', args: { text: 'x' } }], { server })
    expect(model.requests[1]?.tools[0]).toBe(model.requests[0]?.tools[0])
  })
})

describe('a call', () => {
  it('is shown as an item with its result, and told to PostToolUse as it came', async () => {
    const { items, events, responses, faults } = await probeTurn([
      { tool: 'echo', args: { text: 'hi' } },
    ])
    const content = [{ type: 'text', text: 'said hi' }]
    const call = { type: 'mcp_tool_call', server: 'probe', tool: 'echo', arguments: { text: 'hi' } }
    const started = events.flatMap((event) => (event.type === 'item_started' ? [event.item] : []))
    expect(faults).toEqual([])
    expect(started).toMatchObject([{ ...call, status: 'in_progress' }])
    expect(items[0]).toMatchObject({
      ...call,
      status: 'completed',
      result: { content, structured_content: null },
    })
    expect(responses).toEqual([{ content }])
  })

  it('gives the model the structured form of a result alone', async () => {
    const { outputs, items, responses } = await probeTurn([{ tool: 'sum', args: { a: 1, b: 2 } }])
    expect(outputs).toEqual(['Wall time: … seconds\nOutput:\n{"sum":3}'])
    expect(items[0]).toMatchObject({ result: { structured_content: { sum: 3 } } })
    expect(responses).toMatchObject([{ structuredContent: { sum: 3 } }])
  })

  it('that the tool says has failed keeps its result', async () => {
    const { outputs, items, responses } = await probeTurn([{ tool: 'fail' }])
    expect(outputs).toEqual(['Wall time: … seconds\nOutput:\nit went wrong'])
    expect(items[0]).toMatchObject({
      status: 'failed',
      result: { content: [{ text: 'it went wrong' }] },
    })
    expect(items[0]).not.toHaveProperty('error')
    expect(responses).toMatchObject([{ isError: true }])
  })

  it('hands images on, and says what else there was', async () => {
    const { outputs } = await probeTurn([{ tool: 'picture' }])
    expect(outputs[0]?.split('\n').slice(2)).toEqual([
      'a dot',
      'data:image/png;base64,',
      '{"type":"audio","data":"<4 characters of base64>","mimeType":"audio/wav"}',
      'a note',
    ])
  })

  it('cuts a long text in its middle', async () => {
    const { outputs } = await probeTurn([{ tool: 'long' }])
    expect(outputs[0]).toContain('Warning: truncated output (original token count: 80000)')
    expect(outputs[0]?.length).toBeLessThan(41_000)
  })

  it('tells the server whose call it is', async () => {
    const { outputs } = await probeTurn([{ tool: 'meta' }])
    const meta = JSON.parse(outputs[0]?.split('\n')[2] ?? '{}')
    expect(meta).toMatchObject({
      callId: 'call_1',
      threadId: expect.any(String),
      progressToken: expect.any(Number),
      'x-codex-turn-metadata': { model: 'scripted-model', sandbox_mode: 'danger-full-access' },
    })
  })

  it('passes on what the server says of its progress', async () => {
    expect((await probeTurn([{ tool: 'progress' }])).chunks).toEqual(['half way\n'])
  })

  it('is refused a question to the user', async () => {
    expect((await probeTurn([{ tool: 'ask' }])).outputs[0]).toContain('decline')
  })

  it('fails when it takes longer than it may', async () => {
    const server = sdkServer({ tool_timeout_sec: 0.2 })
    const { outputs, items } = await probeTurn([{ tool: 'slow' }], { server })
    const message = 'timed out awaiting tools/call after 200ms'
    expect(outputs).toEqual([
      `Wall time: … seconds\nOutput:\ntool call error: tool call failed for \`probe/slow\`\n\nCaused by:\n    ${message}`,
    ])
    expect(items[0]).toMatchObject({ status: 'failed', error: { message } })
  })

  it('can be rewritten by a hook, which knows it by both names', async () => {
    const seen: unknown[] = []
    const hook = definePlugin({
      name: 'hook',
      power: 'decide',
      setup({ hooks }) {
        hooks.preToolUse.tap('rewrite', (gate) => {
          seen.push([gate.call.toolName, ...gate.call.aliases])
          return gate.rewrite({ text: 'something else' })
        })
      },
    })
    const model = callingModel([{ tool: 'echo', server: 'mcp__my_probe', args: { text: 'hi' } }])
    const settings = { mcp_servers: { 'my-probe': sdkServer() } }
    await using test = await testKernel([model.plugin, hook, mcpClient], { settings })
    await runTurn(test, 'go')
    expect(seen).toEqual([['mcp__my-probe__echo', 'mcp__my_probe__echo']])
    expect(plainOutput(model.outputs()[0])).toContain('said something else')
  })
})
