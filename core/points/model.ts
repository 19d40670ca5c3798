import type { Item } from '../items.ts'
import type { ThreadItemBody, Usage } from './events.ts'

/** What a tool looks like to a model. */
export interface ToolSpec {
  readonly name: string
  readonly namespace?: string
  /** What the tools of the namespace have in common. */
  readonly namespaceDescription?: string
  readonly description: string
  readonly input: ToolInputSpec
}

export type ToolInputSpec =
  | { readonly kind: 'json'; readonly schema: Readonly<Record<string, unknown>> }
  /** Free text, constrained by a Lark grammar where the wire can. */
  | { readonly kind: 'text'; readonly grammar?: string }
  /** Run by the provider; `wire` is what its API wants to be sent. */
  | { readonly kind: 'hosted'; readonly wire: Readonly<Record<string, unknown>> }

/** One request to a model, before it is put into the words of a wire. */
export interface ModelRequest {
  readonly model: string
  readonly items: readonly Item[]
  readonly tools: readonly ToolSpec[]
  readonly parallelToolCalls: boolean
  readonly effort?: string
  readonly summary?: string
  readonly verbosity?: string
  readonly serviceTier?: string
  /** JSON Schema the final answer must fit. */
  readonly outputSchema?: Readonly<Record<string, unknown>>
  /** Further headers; those of the provider's settings win over none of its own. */
  readonly headers: Readonly<Record<string, string>>
  readonly sessionId: string
  readonly turnId: string
  readonly kind: 'turn' | 'compaction' | 'review'
  /** What a provider wants to hand from one request of a turn to the next, such as a routing header. */
  readonly turnState: Map<string, string>
}

/** What a provider tells while it streams. */
export type ModelEvent =
  | { readonly type: 'text_delta'; readonly itemId: string; readonly delta: string }
  | { readonly type: 'reasoning_delta'; readonly itemId: string; readonly delta: string }
  /** A finished item. `shown` is what a person sees of an item that the loop does not interpret. */
  | { readonly type: 'item'; readonly item: Item; readonly shown?: ThreadItemBody }
  /** Something the user should know, such as a rerouted model; shown as a warning. */
  | { readonly type: 'notice'; readonly message: string }
  | {
      readonly type: 'completed'
      readonly usage: Usage
      readonly endTurn?: boolean
      readonly responseId?: string
    }

/** A finished response, before it is recorded or its tools run. */
export interface ModelResponse {
  readonly items: readonly Item[]
  readonly shown: ReadonlyMap<Item, ThreadItemBody>
  readonly usage: Usage
  /** False: the model wants to go on although it called no tool. */
  readonly endTurn: boolean
  /** False: the stream broke after these items; they count, and the request is made again. */
  readonly complete: boolean
}

/** What to do about a failed request; the turn owns the counters. */
export type FailureAnswer =
  | { readonly action: 'retry'; readonly afterMs: number }
  | { readonly action: 'fall_back'; readonly model: string; readonly provider?: string }
  | { readonly action: 'fail' }
