/** Tokens of one turn or of a whole thread. */
export interface Usage {
  readonly inputTokens: number
  readonly cachedInputTokens: number
  readonly cacheWriteInputTokens: number
  readonly outputTokens: number
  readonly reasoningOutputTokens: number
}

/** Who refused an action. */
export type DeclinedBy = 'hook' | 'rule' | 'policy' | 'reviewer' | 'user' | 'sandbox'

export type ActionStatus = 'in_progress' | 'completed' | 'failed' | 'declined'

interface Declinable {
  readonly status: ActionStatus
  /** Present with status `declined`. */
  readonly declinedBy?: DeclinedBy
  readonly reason?: string
}

export interface FileChange {
  /** Absolute path. */
  readonly path: string
  readonly kind: 'add' | 'update' | 'delete'
}

export interface HookRunEntry {
  readonly kind: 'warning' | 'stop' | 'feedback' | 'context' | 'error'
  readonly text: string
}

/** What a person sees of a session, in the order it happens; not what the model is sent. */
export type ThreadItemBody =
  | { readonly type: 'agent_message'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | ({
      readonly type: 'command_execution'
      readonly command: string
      readonly aggregatedOutput: string
      /** Absent while the command runs. */
      readonly exitCode?: number
    } & Declinable)
  | ({ readonly type: 'file_change'; readonly changes: readonly FileChange[] } & Declinable)
  | ({
      readonly type: 'mcp_tool_call'
      readonly server: string
      readonly tool: string
      readonly arguments: unknown
      readonly result?: unknown
      readonly error?: { readonly message: string }
    } & Declinable)
  /** A refused call of a tool that has no item of its own. */
  | ({
      readonly type: 'tool_call'
      readonly tool: string
      readonly arguments: unknown
    } & Declinable)
  | {
      readonly type: 'web_search'
      /** The server's own id of the search. */
      readonly serverId: string
      readonly query: string
      readonly action: unknown
    }
  | {
      readonly type: 'hook_run'
      readonly event: string
      readonly source: string
      readonly status: 'completed' | 'failed' | 'blocked' | 'stopped'
      readonly durationMs: number
      readonly entries: readonly HookRunEntry[]
      readonly statusMessage?: string
    }
  /** A warning: the session goes on. */
  | { readonly type: 'error'; readonly message: string }

export type ThreadItem = ThreadItemBody & { readonly id: string }

/** Everything a front end or a log may follow. Order of events is order of record. */
export type SessionEvent =
  | { readonly type: 'session_started'; readonly sessionId: string; readonly resumed: boolean }
  | { readonly type: 'turn_started'; readonly turnId: string }
  | { readonly type: 'item_started'; readonly turnId?: string; readonly item: ThreadItem }
  | { readonly type: 'item_updated'; readonly turnId?: string; readonly item: ThreadItem }
  | { readonly type: 'item_completed'; readonly turnId?: string; readonly item: ThreadItem }
  /** Trouble that the loop is about to mend by itself. */
  | { readonly type: 'retrying'; readonly turnId: string; readonly message: string }
  | {
      readonly type: 'turn_completed'
      readonly turnId: string
      readonly usage: Usage
      readonly threadUsage: Usage
      readonly lastMessage?: string
    }
  | {
      readonly type: 'turn_failed'
      readonly turnId: string
      readonly error: {
        readonly code: string
        readonly message: string
        /** Facts for programs, such as `{ advice: 'wait' }`. */
        readonly details?: Readonly<Record<string, unknown>>
      }
      readonly interrupted: boolean
    }

export const noUsage: Usage = Object.freeze({
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteInputTokens: 0,
  outputTokens: 0,
  reasoningOutputTokens: 0,
})

export function addUsage(left: Usage, right: Usage): Usage {
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    cachedInputTokens: left.cachedInputTokens + right.cachedInputTokens,
    cacheWriteInputTokens: left.cacheWriteInputTokens + right.cacheWriteInputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    reasoningOutputTokens: left.reasoningOutputTokens + right.reasoningOutputTokens,
  }
}

/** An item on display: shown once it exists, changed while it lasts, ended once. */
export interface ShownItem {
  readonly id: string
  update(change: Partial<ThreadItemBody>): void
  end(change?: Partial<ThreadItemBody>): void
}
