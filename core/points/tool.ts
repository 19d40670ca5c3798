import type { Part, ToolCallItem } from '../items.ts'
import type { DeclinedBy, ShownItem, ThreadItemBody } from './events.ts'
import type { ExecRequest, Running } from './exec.ts'
import type { SessionFacts, TurnFacts } from './turn.ts'
import type { Log } from '../plugin.ts'

/** A call as hooks, gates and approvals see it. */
export interface ToolCall {
  /** The model's call id. */
  readonly id: string
  /** The name hooks match: `Bash`, `apply_patch`, `mcp__server__tool`, else the tool's own. */
  readonly toolName: string
  /** Further names a matcher may use for it. */
  readonly aliases: readonly string[]
  /** The input in the form hooks read and rewrite, for example `{ command }`. */
  readonly input: unknown
  readonly item: ToolCallItem
  /** Run again after a crash, with an unknown outcome of the first run. */
  readonly replay: boolean
  /** The folder the call works in, where it is not that of the turn. */
  readonly cwd?: string
}

export interface ToolOutput {
  /** What the model is sent. */
  readonly output: string | readonly Part[]
  /** The result without framing, as PostToolUse hooks read it; absent: no PostToolUse is run, unless the call failed. */
  readonly response?: unknown
  /** The result as data, for a program that called the tool; absent: the output. */
  readonly value?: unknown
  /** The call failed, as `PostToolUseFailure` tells it; the turn goes on. */
  readonly failed?: boolean
  /** Another tool did the work, such as a patch that was sent as a shell command. */
  readonly delegated?: boolean
  /** A call that ended later than it returned: the outcome belongs to this earlier call. */
  readonly answers?: ToolCall
}

/** Why a call needs more than the policy of the turn gives. */
export interface PermissionNeed {
  readonly kind: 'escalation' | 'patch' | 'network' | 'rule' | 'mcp' | 'hook'
  /** Shown to whoever decides. */
  readonly reason: string
  /** What the policy answers when nobody may be asked. */
  readonly refusal: string
  readonly detail?: Readonly<Record<string, unknown>>
}

/** How hooks see a tool; without it they see its own name and its parsed input. */
export interface ToolHookView {
  readonly name: string
  readonly aliases?: readonly string[]
  toInput(input: unknown): unknown
  /** Takes a rewritten input back; throws an Error whose message the model is sent. */
  fromInput(input: unknown, rewritten: unknown): unknown
  /** False for calls that hooks are not asked about, such as polling. */
  applies?(input: unknown): boolean
  /** The folder the call works in; undefined: that of the turn. */
  cwd?(input: unknown, context: { readonly turn: TurnFacts }): string | undefined
}

/** What a running tool may use. */
export interface ToolContext {
  readonly call: ToolCall
  readonly turn: TurnFacts
  readonly session: SessionFacts
  /** Aborted when the turn is interrupted. */
  readonly signal: AbortSignal
  /** Aborted when the session closes; for processes that outlive their turn. */
  readonly sessionSignal: AbortSignal
  readonly log: Log
  /** Shows the call to whoever watches; a call that shows nothing has no item. */
  show(item: ThreadItemBody): ShownItem
  /** Passes a piece of output on to `toolOutput`. */
  chunk(text: string): void
  /** Starts a process through the gate `execPlan` and the sandbox of the turn. */
  exec(request: ExecRequest): Promise<Running>
  /** True once the needs of this call were granted. */
  readonly granted: boolean
}

export interface JsonInput {
  readonly kind: 'json'
  /** JSON Schema, as the model is given it. */
  readonly schema: Readonly<Record<string, unknown>>
  /** Checks decoded arguments; throws an Error that names the fault. */
  parse(value: unknown): unknown
}

export interface TextInput {
  readonly kind: 'text'
  /** Lark grammar. */
  readonly grammar?: string
}

export interface HostedInput {
  readonly kind: 'hosted'
  readonly wire: Readonly<Record<string, unknown>>
}

/** Something a model can call. */
export interface Tool {
  readonly name: string
  readonly namespace?: string
  /** What the tools of the namespace have in common; the first tool that says so speaks for all. */
  readonly namespaceDescription?: string
  readonly description: string
  readonly input: JsonInput | TextInput | HostedInput
  /** May run beside other calls of the same response. */
  readonly parallel: boolean
  /** May be run again by itself after a crash. */
  readonly repeatable: boolean
  readonly hooks?: ToolHookView
  /** False: not offered under these facts. A call of it is still answered. */
  offered?(turn: TurnFacts): boolean
  /** What a refused call shows; absent: a plain `tool_call` item. */
  refused?(input: unknown, context: { readonly turn: TurnFacts }): ThreadItemBody
  /** How the model is told that somebody who was asked, or a permission hook, refused; absent: the reason alone. */
  rejected?(reason: string, input: unknown): string
  /** What must be granted before `run`; undefined: nothing. Must not have effects. */
  needs?(input: unknown, context: { readonly turn: TurnFacts }): Promise<PermissionNeed | undefined>
  run(input: unknown, context: ToolContext): Promise<ToolOutput>
}

/** A finished call on its way through `postToolUse`. */
export interface ToolOutcome {
  readonly call: ToolCall
  readonly output: string | readonly Part[]
  readonly response: unknown
  readonly failed: boolean
  readonly durationMs: number
  /** Told to the model as developer messages before the output. */
  readonly context: readonly string[]
  /** Told to the model as developer messages after the output. */
  readonly notes?: readonly string[]
  /** Present: the turn ends after this batch. */
  readonly stopped?: string
  /** Present: the call was refused and did not run. */
  readonly declinedBy?: DeclinedBy
  /** The call failed before there was a result; `response` is what the model is told instead. */
  readonly withoutResult?: boolean
  /** Another tool did the work, such as a patch that was sent as a shell command. */
  readonly delegated?: boolean
}

/** A refused call on its way through `permissionDenied`. */
export interface ToolDenial {
  readonly call: ToolCall
  readonly reason: string
  readonly by: DeclinedBy
  /** Told to the model as developer messages after the refusal. */
  readonly context: readonly string[]
}

/** All calls of one response with their outcomes, refused ones among them, for `toolBatch`. */
export interface ToolBatch {
  readonly outcomes: readonly ToolOutcome[]
  /** Told to the model as developer messages after the outputs. */
  readonly context?: readonly string[]
  /** Present: the turn ends before the model is asked again. */
  readonly stopped?: string
}
