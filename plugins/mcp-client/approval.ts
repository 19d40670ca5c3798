import type { PermissionNeed, TurnFacts } from 'hookline'
import type { ListedTool } from './listed-tool.ts'
import type { ApprovalMode } from './settings.ts'

/** Nothing is confined and nobody wants to be asked: the user has said so for the whole session. */
function isBypassed({ sandbox, approvalPolicy }: TurnFacts): boolean {
  return sandbox.mode === 'danger-full-access' && approvalPolicy === 'never'
}

function asks(mode: ApprovalMode, tool: ListedTool): boolean {
  if (mode === 'prompt') return true
  return mode !== 'approve' && !tool.readOnly
}

/** A call that somebody may have to approve. */
export interface Asking {
  readonly server: string
  readonly tool: ListedTool
  readonly mode: ApprovalMode
  readonly input: unknown
}

/** What must be granted before a call; undefined: nothing. */
export function approvalNeed(
  { server, tool, mode, input }: Asking,
  turn: TurnFacts,
): PermissionNeed | undefined {
  if (!asks(mode, tool) || isBypassed(turn)) return undefined
  const policy = typeof turn.approvalPolicy === 'string' ? turn.approvalPolicy : 'granular'
  return {
    kind: 'mcp',
    reason: `allow the MCP server "${server}" to run "${tool.name}"`,
    refusal: `MCP tool call requires approval, but approval policy is ${policy}`,
    detail: { server, tool: tool.name, arguments: input, readOnly: tool.readOnly },
  }
}
