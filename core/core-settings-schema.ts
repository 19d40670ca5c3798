import { z } from 'zod'

const count = z.int().nonnegative()

const provider = z.object({
  name: z.string().optional().describe('Name shown to people.'),
  base_url: z
    .url()
    .optional()
    .describe('Address of the endpoint, such as https://api.openai.com/v1.'),
  wire_api: z
    .enum(['responses', 'chat', 'anthropic'])
    .optional()
    .describe('What the endpoint speaks; default responses.'),
  env_key: z.string().min(1).optional().describe('Environment variable that holds the key.'),
  env_key_instructions: z.string().optional().describe('Shown when the variable is not set.'),
  experimental_bearer_token: z
    .string()
    .optional()
    .describe('The token itself; env_key wins over it.'),
  auth: z
    .object({
      command: z.string().min(1),
      args: z.array(z.string()).optional(),
      timeout_ms: count.optional(),
      refresh_interval_ms: count.optional(),
      cwd: z.string().optional(),
    })
    .optional()
    .describe('A command that prints a token.'),
  http_headers: z.record(z.string(), z.string()).optional().describe('Sent with every request.'),
  env_http_headers: z
    .record(z.string(), z.string())
    .optional()
    .describe('Header to environment variable; unset ones are left out.'),
  query_params: z.record(z.string(), z.string()).optional().describe('Added to the address.'),
  request_max_retries: count.optional().describe('Further attempts to open a stream; default 4.'),
  stream_max_retries: count.optional().describe('Further streams after one that broke; default 5.'),
  stream_idle_timeout_ms: count
    .optional()
    .describe('A stream that is silent for longer is broken, in ms; default 300000.'),
  websocket_connect_timeout_ms: count.optional(),
  supports_websockets: z.boolean().optional(),
  requires_openai_auth: z.boolean().optional().describe('Wants an OpenAI sign-in.'),
})

const granular = z.object({
  granular: z.object({
    sandbox_approval: z.boolean(),
    rules: z.boolean(),
    skill_approval: z.boolean(),
    request_permissions: z.boolean(),
    mcp_elicitations: z.boolean(),
  }),
})

/** What files may say under the keys that core owns. */
export const coreSchemas = {
  model: z.string().min(1).optional().describe('The model to use.'),
  model_provider: z
    .string()
    .min(1)
    .describe('Id of the provider, from model_providers or built in; default openai.'),
  model_providers: z.record(z.string(), provider).describe('Endpoints by id.'),
  openai_base_url: z
    .string()
    .min(1)
    .optional()
    .describe('Address of the built-in provider openai.'),
  model_context_window: count
    .optional()
    .describe('Tokens the model can take; overrides the catalog.'),
  model_reasoning_effort: z
    .string()
    .min(1)
    .optional()
    .describe('How much the model thinks: minimal, low, medium, high, …'),
  model_reasoning_summary: z
    .string()
    .min(1)
    .optional()
    .describe('auto, concise, detailed or none.'),
  model_verbosity: z.string().min(1).optional().describe('low, medium or high.'),
  service_tier: z
    .string()
    .min(1)
    .optional()
    .describe('Service tier of the endpoint, such as flex.'),
  sandbox_mode: z
    .enum(['read-only', 'workspace-write', 'danger-full-access'])
    .optional()
    .describe('What commands may reach; default read-only.'),
  sandbox_workspace_write: z
    .object({
      writable_roots: z
        .array(z.string())
        .optional()
        .describe('Further folders that may be written.'),
      network_access: z
        .boolean()
        .optional()
        .describe('Commands may use the network; default false.'),
      exclude_tmpdir_env_var: z
        .boolean()
        .optional()
        .describe('Keep $TMPDIR read-only; default false.'),
      exclude_slash_tmp: z.boolean().optional().describe('Keep /tmp read-only; default false.'),
    })
    .describe('Details of the mode workspace-write.'),
  sandbox_backend: z
    .string()
    .min(1)
    .optional()
    .describe('Id of the sandbox backend; default by platform.'),
  permissions: z
    .record(
      z.string(),
      z.object({
        extends: z.string().optional(),
        description: z.string().optional(),
        filesystem: z.record(z.string(), z.unknown()).optional(),
        network: z.record(z.string(), z.unknown()).optional(),
        workspace_roots: z.record(z.string(), z.boolean()).optional(),
      }),
    )
    .describe('Named permission profiles.'),
  default_permissions: z.string().min(1).optional().describe('The permission profile in force.'),
  approval_policy: z
    .union([z.enum(['untrusted', 'on-request', 'on-failure', 'never']), granular])
    .optional()
    .describe('When somebody is asked before a call runs.'),
  approvals_reviewer: z
    .enum(['user', 'auto_review', 'guardian_subagent'])
    .describe('Who is asked.'),
  features: z.record(z.string(), z.unknown()).describe('Features by name.'),
  projects: z
    .record(z.string(), z.object({ trust_level: z.enum(['trusted', 'untrusted']).optional() }))
    .describe('Trust by absolute folder.'),
  use: z
    .array(z.string().min(1))
    .describe('In-process plugins: files (relative to the file that names them) or packages.'),
  builtins: z
    .object({ disable: z.array(z.string()).optional() })
    .describe('Built-in plugins to leave out, by name.'),
}
