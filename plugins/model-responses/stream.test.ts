import type { ModelEvent } from 'hookline'
import { describe, expect, it } from 'vitest'
import { completed, expected, message, read, sse, usage } from './sample-stream.ts'

describe('the end of a response', () => {
  it('without `completed` is a broken stream, after the items that came', async () => {
    const { events, error } = await read([
      sse({ type: 'response.output_item.done', item: message }),
    ])
    expect(events).toHaveLength(1)
    expect(error).toMatchObject({
      code: 'MODEL_STREAM_BROKEN',
      retry: { phase: 'stream', retryable: true },
    })
    expect(String(error)).toContain('stream closed before response.completed')
  })

  it('by failure comes after the items of the same piece', async () => {
    const failed = { type: 'response.failed', response: { error: { code: 'odd', message: 'why' } } }
    const { events, error } = await read([
      sse({ type: 'response.output_item.done', item: message }, failed, completed),
    ])
    expect(events).toEqual([expected[2]])
    expect(error).toMatchObject({
      code: 'MODEL_REQUEST_FAILED',
      message: 'the response failed (odd): why',
      retry: { retryable: true },
    })
  })

  it.each([
    ['an error event', { type: 'error', code: 'insufficient_quota', message: 'no' }],
    [
      'an error event with an object',
      { type: 'error', error: { type: 'insufficient_quota', message: 'no' } },
    ],
    ['an error without a type', { error: { code: 'insufficient_quota', message: 'no' } }],
  ])('may be %s', async (_name, event) => {
    const { error } = await read([`data: ${JSON.stringify(event)}\n\n`])
    expect(error).toMatchObject({ code: 'MODEL_QUOTA_EXCEEDED', retry: { retryable: false } })
  })

  it('may be incomplete, with the reason', async () => {
    const event = {
      type: 'response.incomplete',
      response: { incomplete_details: { reason: 'max_output_tokens' } },
    }
    const { error } = await read([sse(event)])
    expect(error).toMatchObject({
      code: 'MODEL_INCOMPLETE',
      retry: { retryable: false },
      details: { reason: 'max_output_tokens' },
    })
    expect(String(error)).toContain('max_output_tokens')
  })

  it('says when the model wants to go on', async () => {
    const { events } = await read([
      sse({ type: 'response.completed', response: { id: 'r', end_turn: false, usage } }),
    ])
    expect(events[0]).toMatchObject({ endTurn: false })
  })

  it.each([
    ['missing', undefined],
    ['null', null],
    ['odd', { input_tokens: 'many', output_tokens: -3, input_tokens_details: null }],
  ])('counts %s usage as zeros', async (_name, odd) => {
    const { events } = await read([sse({ type: 'response.completed', response: { usage: odd } })])
    expect(events).toEqual([
      {
        type: 'completed',
        usage: {
          inputTokens: 0,
          cachedInputTokens: 0,
          cacheWriteInputTokens: 0,
          outputTokens: 0,
          reasoningOutputTokens: 0,
        },
      },
    ])
  })

  it('brings the items where no event brought them', async () => {
    const { events } = await read([
      sse({ type: 'response.completed', response: { output: [message], usage } }),
    ])
    expect(events.map((event) => event.type)).toEqual(['item', 'completed'])
    const both = await read([
      sse(
        { type: 'response.output_item.done', item: message },
        { type: 'response.completed', response: { output: [message], usage } },
      ),
    ])
    expect(both.events.map((event) => event.type)).toEqual(['item', 'completed'])
  })
})

async function itemOf(item: Readonly<Record<string, unknown>>): Promise<ModelEvent | undefined> {
  return (await read([sse({ type: 'response.output_item.done', item }, completed)])).events[0]
}

describe('items', () => {
  it('of a web search are kept as they came and shown', async () => {
    const item = {
      type: 'web_search_call',
      id: 'ws_1',
      status: 'completed',
      action: { type: 'search', query: 'weather' },
    }
    expect(await itemOf(item)).toEqual({
      type: 'item',
      item: { type: 'foreign', id: 'ws_1', value: item },
      shown: { type: 'web_search', serverId: 'ws_1', query: 'weather', action: item.action },
    })
  })

  it.each([
    [{ type: 'search', queries: ['a', 'b'] }, 'a, b'],
    [{ type: 'open_page', url: 'https://x.test' }, 'https://x.test'],
    [{ type: 'find_in_page', url: 'https://x.test', pattern: 'cat' }, 'cat'],
    [undefined, ''],
  ])('of a web search for %j are shown as "%s"', async (action, query) => {
    expect(await itemOf({ type: 'web_search_call', id: 'ws_1', action })).toMatchObject({
      shown: { query },
    })
  })

  it('of unknown types are kept', async () => {
    const item = { type: 'hologram', id: 'h_1', pixels: [1] }
    expect(await itemOf(item)).toEqual({
      type: 'item',
      item: { type: 'foreign', id: 'h_1', value: item },
    })
  })

  it('without an id get one, because they are sent back', async () => {
    const { id: _id, ...item } = message
    expect(await itemOf(item)).toMatchObject({
      item: { id: expect.stringMatching(/^msg_[0-9a-f-]{36}$/) },
    })
  })
})

it('shows the summary of reasoning with a gap between its parts', async () => {
  const { events } = await read([
    sse(
      { type: 'response.reasoning_summary_part.added', item_id: 'rs', summary_index: 0 },
      {
        type: 'response.reasoning_summary_text.delta',
        item_id: 'rs',
        summary_index: 0,
        delta: 'one',
      },
      { type: 'response.reasoning_summary_part.added', item_id: 'rs', summary_index: 1 },
      {
        type: 'response.reasoning_summary_text.delta',
        item_id: 'rs',
        summary_index: 1,
        delta: 'two',
      },
      completed,
    ),
  ])
  expect(
    events.filter((event) => event.type === 'reasoning_delta').map((event) => event.delta),
  ).toEqual(['one', '\n\n', 'two'])
})
