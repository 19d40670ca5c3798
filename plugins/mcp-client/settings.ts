import { lazySetting } from 'hookline'

/** When a call of a tool needs somebody's word: as its annotations say, always, or never. */
export type ApprovalMode = (typeof approvalModes)[number]

/** `writes` asks as `auto` does: for every tool that does not say that it only reads. */
export const approvalModes = ['auto', 'prompt', 'approve', 'writes'] as const

/** One server under `[mcp_servers.<name>]`. */
export interface ServerSettings {
  readonly command?: string | undefined
  readonly args?: readonly string[] | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly env_vars?:
    | readonly (
        | string
        | { readonly name: string; readonly source?: 'local' | 'remote' | undefined }
      )[]
    | undefined
  readonly cwd?: string | undefined
  readonly url?: string | undefined
  readonly startup_timeout_sec?: number | undefined
  readonly startup_timeout_ms?: number | undefined
  readonly tool_timeout_sec?: number | undefined
  readonly enabled?: boolean | undefined
  readonly required?: boolean | undefined
  readonly enabled_tools?: readonly string[] | undefined
  readonly disabled_tools?: readonly string[] | undefined
  readonly default_tools_approval_mode?: ApprovalMode | undefined
  readonly tools?:
    | Readonly<Record<string, { readonly approval_mode?: ApprovalMode | undefined }>>
    | undefined
  readonly supports_parallel_tool_calls?: boolean | undefined
}

/** The configured servers by name. */
export type ServersSettings = Readonly<Record<string, ServerSettings>>

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The configuration key of the plugin. */
export const mcpSettings = {
  mcp_servers: lazySetting<ServersSettings>({
    fallback: {},
    accepts: (value) => isTable(value) && Object.keys(value).length === 0,
    schema: async () => (await import('./settings-schema.ts')).mcpServers,
  }),
}
