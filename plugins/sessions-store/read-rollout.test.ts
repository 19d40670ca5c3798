import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { itemJson, noUsage } from 'hookline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readRollout } from './read-rollout.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hookline-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const id = '01a1f7f1-0188-7da2-ae9d-769ea7f218d9'
const meta = { type: 'session_meta', payload: { id, cwd: '/somewhere', source: 'exec' } }

async function read(...lines: readonly unknown[]) {
  const file = join(folder, 'rollout.jsonl')
  const text = lines.map((line) => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`))
  await writeFile(file, text.join(''))
  return readRollout(file)
}

function message(text: string) {
  const content = [{ type: 'input_text', text }]
  return { type: 'response_item', payload: { type: 'message', id: text, role: 'user', content } }
}

function call(callId: string) {
  const payload = { type: 'function_call', id: 'f', name: 'n', arguments: '{}', call_id: callId }
  return { type: 'response_item', payload }
}

function output(callId: string) {
  const payload = { type: 'function_call_output', id: 'o', call_id: callId, output: 'x' }
  return { type: 'response_item', payload }
}

function usage(tokens: number) {
  const payload = { thread_token_usage: { input_tokens: tokens, output_tokens: 'many' } }
  return { type: 'token_usage_record', ordinal: 7, payload }
}

describe('items', () => {
  it.each([
    {
      type: 'message',
      id: 'm',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'é\u2028"' }],
      phase: 'final',
    },
    {
      type: 'reasoning',
      id: 'r',
      summary: [{ type: 'summary_text', text: 's' }],
      content: null,
      encrypted_content: 'e',
    },
    {
      type: 'function_call',
      id: 'f',
      name: 'n',
      namespace: 'ns',
      arguments: '{"a": 1}',
      call_id: 'c',
    },
    { type: 'custom_tool_call', id: 't', name: 'n', input: '*** Begin', call_id: 'c' },
    {
      type: 'function_call_output',
      id: 'o',
      call_id: 'c',
      output: [{ type: 'input_image', image_url: 'data:,', detail: 'high' }],
    },
    {
      type: 'web_search_call',
      id: 'w',
      action: { type: 'search', query: 'q' },
      status: 'completed',
    },
  ])('are sent again byte for byte: $type', async (payload) => {
    const { items } = await read(meta, { type: 'response_item', payload })
    expect(items.map(itemJson)).toEqual([JSON.stringify(payload)])
  })

  it('keep what they were made for beside what is sent', async () => {
    const { items } = await read(meta, { ...message('a'), metadata: { kinds: ['hook'] } })
    expect(items[0]).toMatchObject({ type: 'message', kinds: ['hook'] })
    expect(items.map(itemJson).join('')).not.toContain('kinds')
  })

  it('are those of the shorter history once there is one', async () => {
    const history = [message('short').payload]
    const compacted = { type: 'compacted', payload: { message: 'm', replacement_history: history } }
    const { items } = await read(meta, message('long'), compacted, message('after'))
    expect(items.map((item) => item.id)).toEqual(['short', 'after'])
  })
})

it('tells the session, its usage so far, and where the file goes on', async () => {
  const found = await read(meta, usage(1), usage(2), { type: 'event_msg', payload: null }, 5, '\n')
  expect(found).toMatchObject({
    meta: { id, cwd: '/somewhere', source: 'exec', product: 'none' },
    threadUsage: { ...noUsage, inputTokens: 2 },
    end: { ordinal: 8 },
    warnings: [],
  })
  expect(await read(meta)).toMatchObject({ threadUsage: noUsage, end: { ordinal: 1 } })
})

describe('damage', () => {
  it.each(['{"type":"response_item","payl', '\0\0\0\0', '{}'])(
    'of a last line that was not ended is left out: %j',
    async (torn) => {
      const good = await read(meta, message('a'))
      const found = await read(meta, message('a'), torn)
      expect(found.items).toEqual(good.items)
      expect(found.end).toEqual(good.end)
      expect(found.warnings).toEqual([expect.stringMatching(/last line of .* was cut off/)])
    },
  )

  it('in the middle costs that line, and is told with its number', async () => {
    const found = await read(meta, message('a'), '{oops\n', '\0\n', message('b'))
    expect(found.items.map((item) => item.id)).toEqual(['a', 'b'])
    expect(found.warnings).toEqual([
      expect.stringMatching(/^line 3 of .* cannot be read/),
      expect.stringMatching(/^line 4 of .* cannot be read/),
    ])
  })

  it('that took a call takes its output, which no endpoint would accept', async () => {
    const found = await read(meta, '{oops\n', output('a'), call('b'), output('b'))
    expect(found.items.map((item) => item.type)).toEqual(['tool_call', 'tool_output'])
  })

  it.each([
    ['an empty file', []],
    ['no session', [message('a')]],
    ['a session without an id', [{ type: 'session_meta', payload: {} }]],
  ])('beyond use is an error: %s', async (_what, lines) => {
    await expect(read(...lines)).rejects.toMatchObject({ code: 'STORE_UNREADABLE' })
  })

  it('of the file itself is an error that names it', async () => {
    await expect(readRollout(folder)).rejects.toMatchObject({
      code: 'STORE_UNREADABLE',
      message: expect.stringContaining(folder),
    })
  })
})
