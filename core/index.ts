export { definePlugin, lazySetting } from './plugin.ts'
export type {
  AnyPlugin,
  Cleanup,
  LazySetting,
  Log,
  ParsedSettings,
  Plugin,
  PluginApi,
  PluginEntry,
  PluginServices,
  Power,
  Secrets,
  SettingKey,
  SettingsShape,
  SharedKey,
  Stage,
  TapCall,
  TapOptions,
  TapPoint,
  Taps,
} from './plugin.ts'
export { createHost } from './host.ts'
export type { Host, HostOptions, LogLine, SessionOptions } from './host.ts'
export type { Session, Turn } from './turn/session.ts'
export { hookPoints } from './hooks.ts'
export type {
  HookAnswer,
  HookKind,
  HookName,
  HookPoint,
  HookPoints,
  HookValue,
  TapReturn,
} from './hooks.ts'
export { HooklineError, errorCodes, isHooklineError, messageOf, wrapError } from './errors.ts'
export type { ErrorCode, HooklineErrorOptions, RetryAdvice } from './errors.ts'
export { serviceKey } from './services.ts'
export type { ServiceKey } from './services.ts'
export {
  authKey,
  catalogKey,
  commandKey,
  inboxKey,
  isolateKey,
  mcpKey,
  modelKey,
  pluginSourceKey,
  sandboxKey,
  sessionEnvKey,
  sessionsKey,
  storeKey,
  toolKey,
} from './service-keys.ts'
export type {
  Audience,
  AuthProvider,
  Availability,
  ChildRequest,
  Command,
  CommandContext,
  Credentials,
  Inbox,
  IsolateOutcome,
  IsolateRequest,
  IsolateService,
  LogEntry,
  McpAnswer,
  McpCallOptions,
  McpServerFacts,
  McpServers,
  ModelCatalog,
  ModelInfo,
  ModelProvider,
  PluginSource,
  PluginSourceContext,
  SandboxBackend,
  SessionEnv,
  SessionLog,
  SessionMeta,
  SessionStore,
  Sessions,
  StoredSession,
} from './service-keys.ts'
export { textOf } from './items.ts'
export type {
  CallPayload,
  ForeignItem,
  ImagePart,
  Item,
  MessageItem,
  Part,
  ReasoningItem,
  TextPart,
  ToolCallItem,
  ToolOutputItem,
  VendorFields,
} from './items.ts'
export { itemJson, parseItem, recordItem } from './item-record.ts'
export { addUsage, noUsage } from './points/events.ts'
export type {
  ActionStatus,
  DeclinedBy,
  FileChange,
  HookRunEntry,
  SessionEvent,
  ShownItem,
  ThreadItem,
  ThreadItemBody,
  Usage,
} from './points/events.ts'
export type { Candidate, Refusal } from './points/admission.ts'
export type { Approval, ApprovalRequest, Question, QuestionAnswer } from './points/approval.ts'
export type { CompactRequest, CompactResult, Objection } from './points/compaction.ts'
export type { ExecPlan, ExecRequest, ProcessExit, Running } from './points/exec.ts'
export type {
  FailureAnswer,
  ModelEvent,
  ModelRequest,
  ModelResponse,
  ToolInputSpec,
  ToolSpec,
} from './points/model.ts'
export type { InstructionPart, Opening, Prompt, StartReason } from './points/opening.ts'
export type {
  EndReason,
  ModelFailure,
  Notification,
  OutputChunk,
  TurnRecord,
} from './points/progress.ts'
export type { ChildOpening, ChildStop } from './points/subagent.ts'
export type {
  HostedInput,
  JsonInput,
  PermissionNeed,
  TextInput,
  Tool,
  ToolBatch,
  ToolCall,
  ToolContext,
  ToolDenial,
  ToolHookView,
  ToolOutcome,
  ToolOutput,
} from './points/tool.ts'
export type { ApprovalPolicy, SandboxPolicy, SessionFacts, TurnFacts } from './points/turn.ts'
export { ExecGate } from './gates/exec-gate.ts'
export type { Gate } from './gates/gate.ts'
export { PermissionGate } from './gates/permission-gate.ts'
export { PromptGate } from './gates/prompt-gate.ts'
export type { Decision } from './gates/rank.ts'
export { StopGate } from './gates/stop-gate.ts'
export type { GoOn } from './gates/stop-gate.ts'
export { ToolGate } from './gates/tool-gate.ts'
export { SettingsLayers, mergeValues, originOf } from './settings-layers.ts'
export type { Place, SettingsLayer } from './settings-layers.ts'
export type {
  CoreSettings,
  PermissionProfile,
  ProviderSettings,
  WorkspaceWriteSettings,
} from './core-settings.ts'
