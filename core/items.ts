/** Text of a message or of a tool's output. */
export interface TextPart {
  readonly type: 'text'
  readonly text: string
}

/** A picture, as a data: or https: address. */
export interface ImagePart {
  readonly type: 'image'
  readonly imageUrl: string
  readonly detail?: string
}

export type Part = TextPart | ImagePart

/** Fields of an item that only its vendor understands; kept and sent back as they came. */
export type VendorFields = Readonly<Record<string, unknown>>

export interface MessageItem {
  readonly type: 'message'
  readonly id: string
  readonly role: 'developer' | 'user' | 'assistant'
  readonly parts: readonly Part[]
  /** What a message made by the session is for (`instructions`, `environment_context`, `hook`, …); never sent to a model. */
  readonly kinds?: readonly string[]
  readonly vendor?: VendorFields
}

export interface ReasoningItem {
  readonly type: 'reasoning'
  readonly id: string
  readonly summary: readonly string[]
  readonly encrypted?: string
  readonly vendor?: VendorFields
}

/** What a model passes to a tool: JSON text, or free text for tools with a grammar of their own. */
export type CallPayload =
  | { readonly kind: 'json'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }

export interface ToolCallItem {
  readonly type: 'tool_call'
  readonly id: string
  readonly callId: string
  readonly name: string
  readonly namespace?: string
  readonly payload: CallPayload
  readonly vendor?: VendorFields
}

export interface ToolOutputItem {
  readonly type: 'tool_output'
  readonly id: string
  readonly callId: string
  /** The kind of the call that this answers. */
  readonly kind: CallPayload['kind']
  readonly output: string | readonly Part[]
  readonly vendor?: VendorFields
}

/** An item the loop does not interpret, such as a hosted web search; replayed unchanged. */
export interface ForeignItem {
  readonly type: 'foreign'
  readonly id: string
  readonly value: Readonly<Record<string, unknown>>
}

/** One entry of a conversation, as the loop, the hooks and the stores see it. */
export type Item = MessageItem | ReasoningItem | ToolCallItem | ToolOutputItem | ForeignItem

/** Joins the text parts of a message or output. */
export function textOf(parts: string | readonly Part[]): string {
  if (typeof parts === 'string') return parts
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
}
