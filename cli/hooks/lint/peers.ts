import type { HookProduct } from '../../../plugins/command-hooks/file-origin.ts'

/** A product that hookline shares hooks files with. */
export type Peer = Exclude<HookProduct, 'hookline'>

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

const shared = `SessionStart UserPromptSubmit PreToolUse PermissionRequest PostToolUse PreCompact PostCompact
  SubagentStart SubagentStop Stop SessionEnd`

/** The events that each peer fires. */
export const peerEvents: Readonly<Record<Peer, ReadonlySet<string>>> = {
  codex: words(`${shared} Interrupt PreModelRequest PostModelRequest`),
  claude:
    words(`${shared} PostToolUseFailure PostToolBatch Notification UserPromptExpansion StopFailure
    PreModelSwitch PostModelSwitch PermissionDenied Setup TeammateIdle TaskCreated TaskCompleted Elicitation
    ElicitationResult ConfigChange WorktreeCreate WorktreeRemove InstructionsLoaded CwdChanged FileChanged
    DirectoryAdded MessageDisplay`),
}

/** The handler types that each peer runs. */
export const peerTypes: Readonly<Record<Peer, ReadonlySet<string>>> = {
  codex: words('command mcp_tool'),
  claude: words('command prompt agent http mcp_tool'),
}

/** Types that Codex reads and leaves out; any other unknown type costs it the whole file. */
export const parkedByCodex = words('prompt agent')

/** The keys of handlers, of any type, that each peer reads. */
export const peerHandlerKeys: Readonly<Record<Peer, ReadonlySet<string>>> = {
  codex: words(
    `type command commandWindows timeout async statusMessage additionalContextLimit server tool input`,
  ),
  claude:
    words(`type command timeout async asyncRewake rewakeMessage rewakeSummary args shell statusMessage
    continueOnBlock onFailure if once prompt model url headers allowedEnvVars server tool input`),
}

/** Keys that only hookline reads. */
export const ownHandlerKeys = words('file source persistent onFailure timeoutMs memoryMiB')
/** Keys that count for hookline in the claude dialect only. */
export const claudeHandlerKeys = words(
  'asyncRewake rewakeMessage once if continueOnBlock args shell',
)
export const groupKeys = words('matcher hooks')
export const ownGroupKeys = words('sequential')
export const topKeys = words('description hooks')
export const ownTopKeys = words('dialect $schema')

/** What people who come from elsewhere write for `timeout`. */
export const otherTimeouts = words(
  'timeoutSec timeout_sec timeoutSeconds timeoutMs timeout_ms timeoutMillis',
)

/** Remarks, and words of other products: no slip of the pen, so nothing else was meant. */
export const remarks = words(
  'name id description comment enabled version additionalContext continueOnError suppressOutput',
)

export const peerNames: Readonly<Record<HookProduct, string>> = {
  hookline: 'hookline',
  codex: 'Codex',
  claude: 'Claude Code',
}
