/** Events that a handler can be run for. */
export type HookEvent = (typeof codexEvents)[number] | (typeof claudeEvents)[number]

/** Events of both products, and of the first alone. */
export const codexEvents = [
  'SessionStart',
  'UserPromptSubmit',
  'PreModelRequest',
  'PostModelRequest',
  'PreToolUse',
  'PermissionRequest',
  'PostToolUse',
  'PreCompact',
  'PostCompact',
  'SubagentStart',
  'SubagentStop',
  'Stop',
  'Interrupt',
  'SessionEnd',
] as const

/** Events of Claude Code that Codex lacks: files of either dialect may use them. */
export const claudeEvents = [
  'InstructionsLoaded',
  'PermissionDenied',
  'PostToolUseFailure',
  'PostToolBatch',
  'Notification',
  'StopFailure',
] as const

/** Names of a peer's events that nothing here fires: a file may hold them, and they never run. */
export const foreignEvents: ReadonlySet<string> = new Set([
  'UserPromptExpansion',
  'PreModelSwitch',
  'PostModelSwitch',
  'Setup',
  'TeammateIdle',
  'TaskCreated',
  'TaskCompleted',
  'Elicitation',
  'ElicitationResult',
  'ConfigChange',
  'WorktreeCreate',
  'WorktreeRemove',
  'CwdChanged',
  'FileChanged',
  'DirectoryAdded',
  'MessageDisplay',
])

/** `PreToolUse` with another separator: `pre_tool_use`, `pre-tool-use`. */
export function spell(event: string, separator: '_' | '-'): string {
  return event.replace(/(?<=[a-z])(?=[A-Z])/g, separator).toLowerCase()
}
