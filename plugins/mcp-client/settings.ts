import { lazySetting } from 'hookline'
import { isTable } from './call-result.ts'

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

const isText = (value: unknown): boolean => typeof value === 'string'
const isWord = (value: unknown): boolean => isText(value) && value !== ''
const isFlag = (value: unknown): boolean => typeof value === 'boolean'
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
const isTextTable = (value: unknown): boolean =>
  isTable(value) && Object.values(value).every(isText)
const isSeconds = (value: unknown): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value > 0
const isMode = (value: unknown): boolean => approvalModes.some((mode) => mode === value)
const isToolTable = (value: unknown): boolean =>
  isTable(value) &&
  Object.values(value).every((tool) => isTable(tool) && fieldsPass(tool, { approval_mode: isMode }))

type Checks = Readonly<Record<string, (value: unknown) => boolean>>

/** The plain fields of a server that speaks over its pipes; whoever sets others waits for the schema. */
const plainFields: Checks = {
  command: isWord,
  args: isTexts,
  env: isTextTable,
  env_vars: isTexts,
  cwd: isWord,
  startup_timeout_sec: isSeconds,
  startup_timeout_ms: isSeconds,
  tool_timeout_sec: isSeconds,
  enabled: isFlag,
  required: isFlag,
  enabled_tools: isTexts,
  disabled_tools: isTexts,
  default_tools_approval_mode: isMode,
  tools: isToolTable,
  supports_parallel_tool_calls: isFlag,
}

function fieldsPass(table: Readonly<Record<string, unknown>>, checks: Checks): boolean {
  return Object.entries(table).every(
    ([key, value]) => Object.hasOwn(checks, key) && checks[key]?.(value),
  )
}

/** What a server may be called. */
export const serverName = /^[\w\-:@/.]+$/

function isPlainServer([name, server]: readonly [string, unknown]): boolean {
  if (!serverName.test(name) || !isTable(server)) return false
  return Object.hasOwn(server, 'command') && fieldsPass(server, plainFields)
}

/** The configuration key of the plugin. */
export const mcpSettings = {
  mcp_servers: lazySetting<ServersSettings>({
    fallback: {},
    accepts: (value) => isTable(value) && Object.entries(value).every(isPlainServer),
    schema: async () => (await import('./settings-schema.ts')).mcpServers,
  }),
}
