import { lazySetting, type LazySetting } from './plugin.ts'

/** `[model_providers.<id>]`, in the words of the file. */
export interface ProviderSettings {
  readonly name?: string | undefined
  readonly base_url?: string | undefined
  readonly wire_api?: 'responses' | 'chat' | 'anthropic' | undefined
  readonly env_key?: string | undefined
  readonly env_key_instructions?: string | undefined
  readonly experimental_bearer_token?: string | undefined
  readonly auth?:
    | {
        readonly command: string
        readonly args?: readonly string[] | undefined
        readonly timeout_ms?: number | undefined
        readonly refresh_interval_ms?: number | undefined
        readonly cwd?: string | undefined
      }
    | undefined
  readonly http_headers?: Readonly<Record<string, string>> | undefined
  readonly env_http_headers?: Readonly<Record<string, string>> | undefined
  readonly query_params?: Readonly<Record<string, string>> | undefined
  readonly request_max_retries?: number | undefined
  readonly stream_max_retries?: number | undefined
  readonly stream_idle_timeout_ms?: number | undefined
  readonly websocket_connect_timeout_ms?: number | undefined
  readonly supports_websockets?: boolean | undefined
  readonly requires_openai_auth?: boolean | undefined
}

/** `[permissions.<name>]`, in the words of the file. */
export interface PermissionProfile {
  readonly extends?: string | undefined
  readonly description?: string | undefined
  /** Path, or `:workspace_roots`, to `read`, `write`, `deny`, or a table of the same below it. */
  readonly filesystem?: Readonly<Record<string, unknown>> | undefined
  readonly network?: Readonly<Record<string, unknown>> | undefined
  readonly workspace_roots?: Readonly<Record<string, boolean>> | undefined
}

export interface WorkspaceWriteSettings {
  readonly writable_roots?: readonly string[] | undefined
  readonly network_access?: boolean | undefined
  readonly exclude_tmpdir_env_var?: boolean | undefined
  readonly exclude_slash_tmp?: boolean | undefined
}

export interface GranularApproval {
  readonly granular: {
    readonly sandbox_approval: boolean
    readonly rules: boolean
    readonly skill_approval: boolean
    readonly request_permissions: boolean
    readonly mcp_elicitations: boolean
  }
}

export type ApprovalSetting = 'untrusted' | 'on-request' | 'on-failure' | 'never' | GranularApproval

/** The keys of config.toml that core owns because several plugins need them; wire names, as in the file. */
export interface CoreSettings {
  readonly model: string | undefined
  readonly model_provider: string
  readonly model_providers: Readonly<Record<string, ProviderSettings>>
  readonly openai_base_url: string | undefined
  readonly model_context_window: number | undefined
  readonly model_reasoning_effort: string | undefined
  readonly model_reasoning_summary: string | undefined
  readonly model_verbosity: string | undefined
  readonly service_tier: string | undefined
  readonly sandbox_mode: 'read-only' | 'workspace-write' | 'danger-full-access' | undefined
  readonly sandbox_workspace_write: WorkspaceWriteSettings
  readonly sandbox_backend: string | undefined
  readonly permissions: Readonly<Record<string, PermissionProfile>>
  readonly default_permissions: string | undefined
  readonly approval_policy: ApprovalSetting | undefined
  readonly approvals_reviewer: 'user' | 'auto_review' | 'guardian_subagent'
  readonly features: Readonly<Record<string, unknown>>
  readonly projects: Readonly<
    Record<string, { readonly trust_level?: 'trusted' | 'untrusted' | undefined }>
  >
  readonly use: readonly string[]
  readonly builtins: { readonly disable?: readonly string[] | undefined }
}

const isText = (value: unknown) => typeof value === 'string' && value !== ''
const isOneOf =
  (...known: readonly string[]) =>
  (value: unknown) =>
    typeof value === 'string' && known.includes(value)
const loadSchemas = () => import('./core-settings-schema.ts')

function text(
  key:
    | 'openai_base_url'
    | 'model_reasoning_effort'
    | 'model_reasoning_summary'
    | 'model_verbosity'
    | 'service_tier'
    | 'sandbox_backend'
    | 'default_permissions'
    | 'model',
): LazySetting<string | undefined> {
  return lazySetting<string | undefined>({
    fallback: undefined,
    accepts: isText,
    schema: async () => (await loadSchemas()).coreSchemas[key],
  })
}

/** True for plain tables all of whose entries pass; never for a key that schemas leave out for safety. */
function isTableOf(value: unknown, test: (entry: unknown, key: string) => boolean): boolean {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.entries(value).every(([key, entry]) => key !== '__proto__' && test(entry, key))
}

const isTrustLevel = isOneOf('trusted', 'untrusted')
const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0
const isTextList = (value: unknown) => Array.isArray(value) && value.every(isText)

/** True for what plain provider settings are made of; anything else is left to the schema. */
function isPlainProvider(entry: unknown, key: string): boolean {
  if (key === 'wire_api') return entry === 'responses'
  if (key === 'name' || key === 'env_key') return isText(entry)
  if (key === 'base_url')
    return typeof entry === 'string' && /^https?:\/\/\S+$/.test(entry) && URL.canParse(entry)
  return /^(request|stream)_max_retries$|^stream_idle_timeout_ms$/.test(key) && isCount(entry)
}

function isPlainWorkspaceWrite(entry: unknown, key: string): boolean {
  if (key === 'writable_roots') return isTextList(entry)
  return (
    /^(network_access|exclude_tmpdir_env_var|exclude_slash_tmp)$/.test(key) &&
    typeof entry === 'boolean'
  )
}

/** The schemas are loaded only for values that the cheap checks do not know. */
export const coreSettings: {
  readonly [Key in keyof CoreSettings]: LazySetting<CoreSettings[Key]>
} = {
  model: text('model'),
  model_provider: lazySetting({
    fallback: 'openai',
    accepts: isText,
    schema: async () => (await loadSchemas()).coreSchemas.model_provider,
  }),
  model_providers: lazySetting<CoreSettings['model_providers']>({
    fallback: {},
    accepts: (value) => isTableOf(value, (provider) => isTableOf(provider, isPlainProvider)),
    schema: async () => (await loadSchemas()).coreSchemas.model_providers,
  }),
  openai_base_url: text('openai_base_url'),
  model_context_window: lazySetting<number | undefined>({
    fallback: undefined,
    accepts: isCount,
    schema: async () => (await loadSchemas()).coreSchemas.model_context_window,
  }),
  model_reasoning_effort: text('model_reasoning_effort'),
  model_reasoning_summary: text('model_reasoning_summary'),
  model_verbosity: text('model_verbosity'),
  service_tier: text('service_tier'),
  sandbox_mode: lazySetting<CoreSettings['sandbox_mode']>({
    fallback: undefined,
    accepts: isOneOf('read-only', 'workspace-write', 'danger-full-access'),
    schema: async () => (await loadSchemas()).coreSchemas.sandbox_mode,
  }),
  sandbox_workspace_write: lazySetting<WorkspaceWriteSettings>({
    fallback: {},
    accepts: (value) => isTableOf(value, isPlainWorkspaceWrite),
    schema: async () => (await loadSchemas()).coreSchemas.sandbox_workspace_write,
  }),
  sandbox_backend: text('sandbox_backend'),
  permissions: lazySetting<CoreSettings['permissions']>({
    fallback: {},
    schema: async () => (await loadSchemas()).coreSchemas.permissions,
  }),
  default_permissions: text('default_permissions'),
  approval_policy: lazySetting<CoreSettings['approval_policy']>({
    fallback: undefined,
    accepts: isOneOf('untrusted', 'on-request', 'on-failure', 'never'),
    schema: async () => (await loadSchemas()).coreSchemas.approval_policy,
  }),
  approvals_reviewer: lazySetting<CoreSettings['approvals_reviewer']>({
    fallback: 'user',
    accepts: isOneOf('user', 'auto_review', 'guardian_subagent'),
    schema: async () => (await loadSchemas()).coreSchemas.approvals_reviewer,
  }),
  features: lazySetting<CoreSettings['features']>({
    fallback: {},
    accepts: (value) => isTableOf(value, (entry) => typeof entry === 'boolean'),
    schema: async () => (await loadSchemas()).coreSchemas.features,
  }),
  projects: lazySetting<CoreSettings['projects']>({
    fallback: {},
    accepts: (value) =>
      isTableOf(value, (project) =>
        isTableOf(project, (entry, key) => key === 'trust_level' && isTrustLevel(entry)),
      ),
    schema: async () => (await loadSchemas()).coreSchemas.projects,
  }),
  use: lazySetting<readonly string[]>({
    fallback: [],
    accepts: isTextList,
    schema: async () => (await loadSchemas()).coreSchemas.use,
  }),
  builtins: lazySetting<CoreSettings['builtins']>({
    fallback: {},
    schema: async () => (await loadSchemas()).coreSchemas.builtins,
  }),
}
