import type { Item, MessageItem, Part, ToolOutputItem, VendorFields } from './items.ts'

/*
 * The recorded form of an item: the JSON that rollout files hold and that the Responses wire takes.
 * Encoding is stable, byte for byte: an item read back from a file is sent exactly as it was sent before.
 */

type Json = Record<string, unknown>

const known = {
  message: ['type', 'id', 'role', 'content', 'phase', 'status'],
  reasoning: ['type', 'id', 'summary', 'content', 'encrypted_content', 'status'],
  call: ['type', 'id', 'name', 'namespace', 'arguments', 'input', 'call_id', 'status'],
  output: ['type', 'id', 'call_id', 'output', 'status'],
} as const

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function vendorFields(value: Json, names: readonly string[]): { vendor?: VendorFields } {
  const rest = Object.entries(value).filter(
    ([name, entry]) => !names.includes(name) && entry !== null && entry !== undefined,
  )
  return rest.length > 0 ? { vendor: Object.fromEntries(rest) } : {}
}

function recordPart(part: Part, textType: string): Json {
  if (part.type === 'text') return { type: textType, text: part.text }
  return {
    type: 'input_image',
    image_url: part.imageUrl,
    ...(part.detail === undefined ? {} : { detail: part.detail }),
  }
}

function parsePart(value: unknown): Part | undefined {
  if (typeof value === 'string') return { type: 'text', text: value }
  if (!isRecord(value)) return undefined
  if (typeof value['text'] === 'string') return { type: 'text', text: value['text'] }
  if (typeof value['refusal'] === 'string') return { type: 'text', text: value['refusal'] }
  if (typeof value['image_url'] !== 'string') return undefined
  const detail = typeof value['detail'] === 'string' ? { detail: value['detail'] } : {}
  return { type: 'image', imageUrl: value['image_url'], ...detail }
}

function parseParts(value: unknown): readonly Part[] {
  if (typeof value === 'string') return [{ type: 'text', text: value }]
  if (!Array.isArray(value)) return []
  return value.map(parsePart).filter((part) => part !== undefined)
}

function recordMessage(item: MessageItem): Json {
  const textType = item.role === 'assistant' ? 'output_text' : 'input_text'
  return {
    type: 'message',
    id: item.id,
    role: item.role,
    content: item.parts.map((part) => recordPart(part, textType)),
    ...item.vendor,
  }
}

function recordOutput(item: ToolOutputItem): Json {
  return {
    type: item.kind === 'text' ? 'custom_tool_call_output' : 'function_call_output',
    id: item.id,
    call_id: item.callId,
    output:
      typeof item.output === 'string'
        ? item.output
        : item.output.map((part) => recordPart(part, 'input_text')),
    ...item.vendor,
  }
}

/** The recorded form of an item. */
export function recordItem(item: Item): Readonly<Json> {
  switch (item.type) {
    case 'message':
      return recordMessage(item)
    case 'reasoning':
      return {
        type: 'reasoning',
        id: item.id,
        summary: item.summary.map((text) => ({ type: 'summary_text', text })),
        content: null,
        ...(item.encrypted === undefined ? {} : { encrypted_content: item.encrypted }),
        ...item.vendor,
      }
    case 'tool_call':
      return {
        type: item.payload.kind === 'json' ? 'function_call' : 'custom_tool_call',
        id: item.id,
        name: item.name,
        ...(item.namespace === undefined ? {} : { namespace: item.namespace }),
        [item.payload.kind === 'json' ? 'arguments' : 'input']: item.payload.text,
        call_id: item.callId,
        ...item.vendor,
      }
    case 'tool_output':
      return recordOutput(item)
    case 'foreign':
      return item.value
  }
}

const encoded = new WeakMap<Item, string>()

/** The recorded form as JSON text. Each item is encoded once, however often it is sent or stored. */
export function itemJson(item: Item): string {
  const cached = encoded.get(item)
  if (cached !== undefined) return cached
  const text = JSON.stringify(recordItem(item))
  encoded.set(item, text)
  return text
}

function parseMessage(value: Json, id: string): Item | undefined {
  const role = value['role'] === 'system' ? 'developer' : value['role']
  if (role !== 'developer' && role !== 'user' && role !== 'assistant') return undefined
  const phase = typeof value['phase'] === 'string' ? { phase: value['phase'] } : {}
  const { vendor } = vendorFields(value, known.message)
  const extra = { ...phase, ...vendor }
  return {
    type: 'message',
    id,
    role,
    parts: parseParts(value['content']),
    ...(Object.keys(extra).length > 0 ? { vendor: extra } : {}),
  }
}

function parseReasoning(value: Json, id: string): Item {
  const encrypted = value['encrypted_content']
  return {
    type: 'reasoning',
    id,
    summary: parseParts(value['summary']).map((part) => (part.type === 'text' ? part.text : '')),
    ...(typeof encrypted === 'string' ? { encrypted } : {}),
    ...vendorFields(value, known.reasoning),
  }
}

function parseCall(value: Json, id: string): Item | undefined {
  const [callId, name, namespace] = [value['call_id'], value['name'], value['namespace']]
  if (typeof callId !== 'string' || typeof name !== 'string') return undefined
  const kind = value['type'] === 'function_call' ? 'json' : 'text'
  const text = value[kind === 'json' ? 'arguments' : 'input']
  return {
    type: 'tool_call',
    id,
    callId,
    name,
    ...(typeof namespace === 'string' ? { namespace } : {}),
    payload: { kind, text: typeof text === 'string' ? text : JSON.stringify(text ?? {}) },
    ...vendorFields(value, known.call),
  }
}

function parseOutput(value: Json, id: string): Item | undefined {
  const [callId, output] = [value['call_id'], value['output']]
  if (typeof callId !== 'string') return undefined
  return {
    type: 'tool_output',
    id,
    callId,
    kind: value['type'] === 'function_call_output' ? 'json' : 'text',
    output: typeof output === 'string' ? output : parseParts(output),
    ...vendorFields(value, known.output),
  }
}

/** Reads a recorded item; an item of an unknown type is kept as a foreign one. Undefined: not an item. */
export function parseItem(value: unknown): Item | undefined {
  if (!isRecord(value)) return undefined
  const type = value['type'] ?? (typeof value['role'] === 'string' ? 'message' : undefined)
  const id = typeof value['id'] === 'string' ? value['id'] : ''
  switch (type) {
    case 'message':
      return parseMessage(value, id)
    case 'reasoning':
      return parseReasoning(value, id)
    case 'function_call':
    case 'custom_tool_call':
      return parseCall(value, id)
    case 'function_call_output':
    case 'custom_tool_call_output':
      return parseOutput(value, id)
    default:
      return typeof type === 'string' ? { type: 'foreign', id, value } : undefined
  }
}
