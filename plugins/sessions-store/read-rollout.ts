import { readFile } from 'node:fs/promises'
import {
  HooklineError,
  messageOf,
  noUsage,
  parseItem,
  type Item,
  type SessionMeta,
  type Usage,
} from 'hookline'
import type { RolloutEnd } from './rollout-log.ts'

type Json = Readonly<Record<string, unknown>>

export interface Rollout {
  readonly meta: SessionMeta
  readonly items: readonly Item[]
  readonly threadUsage: Usage
  readonly end: RolloutEnd
  readonly warnings: readonly string[]
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const text = (value: unknown, fallback = '') => (typeof value === 'string' ? value : fallback)
const count = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : 0)

/** The meta line of a session; undefined for anything else. */
export function readMeta(line: unknown): SessionMeta | undefined {
  if (!isJson(line) || line['type'] !== 'session_meta' || !isJson(line['payload'])) return undefined
  const payload = line['payload']
  const id = text(payload['id'])
  if (id === '') return undefined
  const parent = payload['parent_thread_id']
  return {
    id,
    cwd: text(payload['cwd']),
    source: text(payload['source'], 'unknown'),
    product: text(payload['product'], 'none'),
    provider: text(payload['model_provider']),
    model: text(payload['model']),
    startedAt: text(payload['timestamp']),
    ...(typeof parent === 'string' ? { parentId: parent } : {}),
  }
}

function readUsage(payload: Json): Usage {
  const usage = payload['thread_token_usage']
  if (!isJson(usage)) return noUsage
  return {
    inputTokens: count(usage['input_tokens']),
    cachedInputTokens: count(usage['cached_input_tokens']),
    cacheWriteInputTokens: count(usage['cache_write_input_tokens']),
    outputTokens: count(usage['output_tokens']),
    reasoningOutputTokens: count(usage['reasoning_output_tokens']),
  }
}

function readItem(line: Json): Item | undefined {
  const item = parseItem(line['payload'])
  if (item?.type !== 'message' || !isJson(line['metadata'])) return item
  const { kinds } = line['metadata']
  return Array.isArray(kinds) && kinds.every((kind) => typeof kind === 'string')
    ? { ...item, kinds }
    : item
}

interface Lines {
  readonly values: readonly unknown[]
  readonly warnings: readonly string[]
  readonly bytes: number
  /** A line in the middle is lost. */
  readonly unreadable: boolean
}

/** Parses whole lines. A last line without its end was torn off by a crash and does not count. */
function readLines(data: Buffer, path: string): Lines {
  const whole = data.lastIndexOf(0x0a) + 1
  const warnings =
    whole === data.length ? [] : [`the last line of ${path} was cut off by a crash and is left out`]
  const values: unknown[] = []
  let unreadable = false
  for (const [at, line] of data.subarray(0, whole).toString('utf8').split('\n').entries()) {
    if (line.trim() === '') continue
    try {
      values.push(JSON.parse(line))
    } catch (error) {
      unreadable = true
      warnings.push(`line ${at + 1} of ${path} cannot be read and is left out: ${messageOf(error)}`)
    }
  }
  return { values, warnings, bytes: whole, unreadable }
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new HooklineError('STORE_UNREADABLE', `${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** What the lines have told so far. */
interface Told {
  meta: SessionMeta | undefined
  items: Item[]
  threadUsage: Usage
  ordinal: number
}

function take(line: Json, told: Told): void {
  const { type, payload } = line
  told.ordinal = Math.max(told.ordinal, count(line['ordinal']) + 1)
  told.meta ??= readMeta(line)
  if (type === 'response_item') {
    const item = readItem(line)
    if (item) told.items.push(item)
  }
  if (!isJson(payload)) return
  if (type === 'token_usage_record') told.threadUsage = readUsage(payload)
  const history = type === 'compacted' ? payload['replacement_history'] : undefined
  if (Array.isArray(history))
    told.items = history.map(parseItem).filter((item) => item !== undefined)
}

/** No endpoint takes the output of a call that is not there; a call without its output is answered by the loop. */
function withoutOrphans(items: readonly Item[]): readonly Item[] {
  const calls = new Set<string>()
  return items.filter((item) => {
    if (item.type === 'tool_call') calls.add(item.callId)
    return item.type !== 'tool_output' || calls.has(item.callId)
  })
}

/** Reads a session back. Lines of kinds it does not know are passed over. */
export async function readRollout(path: string): Promise<Rollout> {
  const lines = readLines(await readBytes(path), path)
  const told: Told = { meta: undefined, items: [], threadUsage: noUsage, ordinal: 0 }
  for (const line of lines.values) if (isJson(line)) take(line, told)
  const { meta, threadUsage, ordinal } = told
  const items = lines.unreadable ? withoutOrphans(told.items) : told.items
  if (!meta) {
    throw new HooklineError('STORE_UNREADABLE', `${path} has no session_meta line`, {
      hint: 'it is not a recorded session',
    })
  }
  return {
    meta,
    items,
    threadUsage,
    end: { bytes: lines.bytes, ordinal },
    warnings: lines.warnings,
  }
}
