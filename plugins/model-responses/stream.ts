import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { noUsage, parseItem } from 'hookline'
import type { HooklineError, Item, ModelEvent, ThreadItemBody, Usage } from 'hookline'
import { broken } from './connection-failure.ts'
import { failureOfEvent, incomplete } from './failure.ts'
import {
  isJson,
  jsonField,
  parseJson,
  textField,
  type EventName,
  type Json,
  type UsageName,
} from './wire.ts'

/** No event is longer; a server that never ends one must not fill the memory. */
const longestEvent = 64 * 1024 * 1024

interface Reading {
  readonly out: ModelEvent[]
  items: number
  /** The response has ended; nothing after it counts. */
  ended: boolean
  failure: HooklineError | undefined
}

type Handler = (data: Json, reading: Reading) => void

const onText: Handler = (data, { out }) => {
  if (typeof data['delta'] === 'string')
    out.push({ type: 'text_delta', itemId: textField(data, 'item_id') ?? '', delta: data['delta'] })
}

const onReasoning: Handler = (data, { out }) => {
  if (typeof data['delta'] === 'string')
    out.push({
      type: 'reasoning_delta',
      itemId: textField(data, 'item_id') ?? '',
      delta: data['delta'],
    })
}

const onReasoningPart: Handler = (data, { out }) => {
  const index = data['summary_index']
  if (typeof index === 'number' && index > 0)
    out.push({ type: 'reasoning_delta', itemId: textField(data, 'item_id') ?? '', delta: '\n\n' })
}

const onItem: Handler = (data, reading) => takeItem(data['item'], reading)

const onCompleted: Handler = (data, reading) => {
  const response = jsonField(data, 'response') ?? {}
  const output = response['output']
  // Some gateways send no item events, only the whole.
  if (reading.items === 0 && Array.isArray(output))
    for (const item of output) takeItem(item, reading)
  const endTurn = response['end_turn']
  const responseId = textField(response, 'id')
  reading.ended = true
  reading.out.push({
    type: 'completed',
    usage: usageOf(jsonField(response, 'usage')),
    ...(typeof endTurn === 'boolean' ? { endTurn } : {}),
    ...(responseId === undefined ? {} : { responseId }),
  })
}

const onFailed: Handler = (data, reading) => {
  reading.ended = true
  reading.failure = failureOfEvent(
    jsonField(jsonField(data, 'response'), 'error') ?? jsonField(data, 'error') ?? data,
  )
}

const onIncomplete: Handler = (data, reading) => {
  reading.ended = true
  reading.failure = incomplete(jsonField(data, 'response'))
}

const handlers: ReadonlyMap<string, Handler> = new Map<EventName, Handler>([
  ['response.output_text.delta', onText],
  ['response.refusal.delta', onText],
  ['response.reasoning_summary_text.delta', onReasoning],
  ['response.reasoning_summary_part.added', onReasoningPart],
  ['response.output_item.done', onItem],
  ['response.completed', onCompleted],
  ['response.failed', onFailed],
  ['response.incomplete', onIncomplete],
  ['error', onFailed],
])

/** Ids of items that came without one: they are sent back, and an empty one would be refused. */
const idPrefixes: Readonly<Record<string, string>> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  custom_tool_call: 'ctc',
}

function takeItem(value: unknown, reading: Reading): void {
  if (!isJson(value)) return
  const item = parseItem(
    textField(value, 'id') === undefined ? { ...value, id: makeId(value) } : value,
  )
  if (!item) return
  const shown = shownItem(item)
  reading.items += 1
  reading.out.push(shown ? { type: 'item', item, shown } : { type: 'item', item })
}

function makeId(value: Json): string {
  const prefix = idPrefixes[textField(value, 'type') ?? ''] ?? 'item'
  return `${prefix}_${process.getBuiltinModule('node:crypto').randomUUID()}`
}

function shownItem(item: Item): ThreadItemBody | undefined {
  if (item.type !== 'foreign' || item.value['type'] !== 'web_search_call') return undefined
  const action = jsonField(item.value, 'action')
  return {
    type: 'web_search',
    serverId: item.id,
    query: searchText(action),
    action: action ?? { type: 'other' },
  }
}

function searchText(action: Json | undefined): string {
  const queries = action?.['queries']
  const listed = Array.isArray(queries)
    ? queries.filter((query) => typeof query === 'string').join(', ')
    : ''
  return (
    textField(action, 'query') ??
    (listed === '' ? (textField(action, 'pattern') ?? textField(action, 'url') ?? '') : listed)
  )
}

function count(from: Json | undefined, name: UsageName): number {
  const value = from?.[name]
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0
}

function usageOf(usage: Json | undefined): Usage {
  if (!usage) return noUsage
  const input = jsonField(usage, 'input_tokens_details')
  return {
    inputTokens: count(usage, 'input_tokens'),
    cachedInputTokens: count(input, 'cached_tokens'),
    cacheWriteInputTokens: count(input, 'cache_write_tokens'),
    outputTokens: count(usage, 'output_tokens'),
    reasoningOutputTokens: count(jsonField(usage, 'output_tokens_details'), 'reasoning_tokens'),
  }
}

function take({ event, data }: EventSourceMessage, reading: Reading): void {
  if (reading.ended) return
  // The events that repeat the whole request are the largest ones, and nobody needs them: not even decoded.
  if (event?.startsWith('response.') && !handlers.has(event)) return
  const json = parseJson(data)
  if (!json) return
  const type = textField(json, 'type') ?? event ?? (isJson(json['error']) ? 'error' : '')
  handlers.get(type)?.(json, reading)
}

/**
 * Reads one response to its end. Events and items that are not known, and lines that are not JSON, are passed over.
 * Whatever came before a failure is handed on before the failure is thrown.
 */
export async function* readResponse(
  next: () => Promise<IteratorResult<Uint8Array, unknown>>,
): AsyncGenerator<ModelEvent, void> {
  const reading: Reading = { out: [], items: 0, ended: false, failure: undefined }
  const decoder = new TextDecoder()
  const parser = createParser({
    maxBufferSize: longestEvent,
    onEvent: (message) => take(message, reading),
    onError: (error) => {
      if (error.type !== 'max-buffer-size-exceeded') return
      reading.ended = true
      reading.failure = broken('one event is larger than 64 MiB', { retryable: false })
    },
  })
  for (;;) {
    const part = await next()
    // The last event counts although the blank line after it is missing.
    parser.feed(
      part.done ? `${decoder.decode()}\n\n` : decoder.decode(part.value, { stream: true }),
    )
    yield* reading.out
    reading.out.length = 0
    if (reading.failure) throw reading.failure
    if (reading.ended) return
    if (part.done) throw broken('stream closed before response.completed')
  }
}
