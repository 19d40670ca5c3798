import type { PermissionNeed, ToolCall } from './tool.ts'
import type { DeclinedBy } from './events.ts'

/** A call that waits for somebody's answer. */
export interface ApprovalRequest {
  readonly call: ToolCall
  readonly need: PermissionNeed
}

export interface Approval {
  readonly decision: 'allow' | 'allow_for_session' | 'deny' | 'cancel'
  readonly by: DeclinedBy
  readonly reason?: string
}

/** A question of a tool or of an MCP server. */
export interface Question {
  readonly from: string
  readonly message: string
  /** JSON Schema of the answer, where there is one. */
  readonly schema?: Readonly<Record<string, unknown>>
}

export type QuestionAnswer =
  | { readonly action: 'accept'; readonly content: Readonly<Record<string, unknown>> }
  | { readonly action: 'decline' | 'cancel' }
