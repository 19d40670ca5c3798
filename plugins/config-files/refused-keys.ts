import type { SettingsLayer } from 'hookline'
import { placeOf } from './legacy-profiles.ts'
import { isTable } from './project-forms.ts'

interface Refusal {
  readonly path: readonly string[]
  readonly why: string
  /** Tells values that do no harm; without it every value is refused. */
  readonly harmless?: (value: unknown) => boolean
}

const redirects = 'it could send requests or credentials elsewhere'
const loosens = 'it could loosen what protects you'
const writes = 'it could make hookline itself write outside of the project'
const personal = 'profiles are yours to choose'

/**
 * What a project may not set, trusted or not: a file that comes with somebody's repository and changes with every pull
 * must not move credentials, start a program by itself, or loosen a guard. What trust covers stays possible: the
 * project's plugins, MCP servers and hooks, which have checks of their own.
 */
const refusals: readonly Refusal[] = [
  ...[
    'openai_base_url',
    'chatgpt_base_url',
    'model_provider',
    'model_providers',
    'oss_provider',
    'auth',
    'cli_auth_credentials_store',
    'forced_login_method',
    'forced_chatgpt_workspace_id',
    'mcp_oauth_callback_port',
    'mcp_oauth_callback_url',
    'mcp_oauth_credentials_store',
    'apps_mcp_product_sku',
    'responses_api_metadata',
    'otel',
    'experimental_realtime_webrtc_call_base_url',
    'experimental_realtime_ws_base_url',
    'experimental_thread_config_endpoint',
    'experimental_thread_store',
  ].map((key) => ({ path: [key], why: redirects })),
  { path: ['notify'], why: 'it would run a program' },
  { path: ['log_dir'], why: writes },
  { path: ['sqlite_home'], why: writes },
  { path: ['profile'], why: personal },
  { path: ['profiles'], why: personal },
  ...[
    'projects',
    'project_root_markers',
    'bypass_hook_trust',
    'builtins',
    'compat',
    'auto_review',
    'sandbox_backend',
    'permissions',
    // Passes secrets on to commands, and by PATH decides which program a name that the rules allow stands for.
    'shell_environment_policy',
  ].map((key) => ({ path: [key], why: loosens })),
  { path: ['hooks', 'state'], why: loosens },
  { path: ['features', 'hooks'], why: loosens, harmless: (value) => value === true },
  { path: ['features', 'guardian_approval'], why: loosens, harmless: (value) => value === true },
  { path: ['approvals_reviewer'], why: loosens, harmless: (value) => value === 'user' },
  {
    path: ['default_permissions'],
    why: loosens,
    harmless: (value) => value === ':read-only' || value === ':workspace',
  },
  {
    path: ['sandbox_mode'],
    why: loosens,
    harmless: (value) => value === 'read-only' || value === 'workspace-write',
  },
  { path: ['sandbox_workspace_write', 'writable_roots'], why: loosens },
]

/**
 * Takes what a project may not set out of its layer, each with a warning that says where it stands and why.
 * `own` is what the user's other layers set.
 */
export function dropRefused(
  layer: SettingsLayer,
  own: Readonly<Record<string, unknown>>,
): SettingsLayer {
  const values: Record<string, unknown> = structuredClone(layer.values)
  const warnings: string[] = []
  for (const { path, why, harmless } of [...refusals, ...serversOf(own)]) {
    const [value, remove] = find(values, path)
    if (!remove || harmless?.(value)) continue
    remove()
    warnings.push(
      `${placeOf(layer, path)}: \`${path.join('.')}\` does not count in a project: ${why}`,
    )
  }
  return { ...layer, values, warnings: [...(layer.warnings ?? []), ...warnings] }
}

/** A server of the user's, redefined by a project, would be given the user's credentials for it. */
function serversOf(own: Readonly<Record<string, unknown>>): readonly Refusal[] {
  const servers = own['mcp_servers']
  if (!isTable(servers)) return []
  return Object.keys(servers).map((id) => ({
    path: ['mcp_servers', id],
    why: 'your own settings define this server',
  }))
}

function find(
  values: Record<string, unknown>,
  path: readonly string[],
): readonly [unknown, (() => void)?] {
  let table = values
  for (const [index, key] of path.entries()) {
    if (!Object.hasOwn(table, key)) return [undefined]
    const value = table[key]
    if (index === path.length - 1) return [value, () => delete table[key]]
    if (!isTable(value)) return [undefined]
    table = value
  }
  return [undefined]
}
