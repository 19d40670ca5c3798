import { z } from 'zod'
import { approvalModes, serverName } from './settings.ts'

const texts = z.array(z.string())
const textTable = z.record(z.string(), z.string())
const seconds = z.number().positive()
const approvalMode = z.enum(approvalModes)

const server = z.object({
  command: z
    .string()
    .min(1)
    .optional()
    .describe('Program of a server that speaks over its stdin and stdout.'),
  args: texts.optional().describe('Its arguments.'),
  env: textTable
    .optional()
    .describe('Variables it is given beside the few that every server gets.'),
  env_vars: z
    .array(
      z.union([
        z.string(),
        z.object({ name: z.string(), source: z.enum(['local', 'remote']).optional() }),
      ]),
    )
    .optional()
    .describe('Names of variables that are copied from the environment of hookline.'),
  cwd: z
    .string()
    .min(1)
    .optional()
    .describe('Its working folder; default the folder of the session.'),
  url: z.string().min(1).optional().describe('Address of a server that speaks streamable HTTP.'),
  bearer_token: z.unknown().optional(),
  bearer_token_env_var: z
    .string()
    .min(1)
    .optional()
    .describe('Variable that holds its bearer token.'),
  http_headers: textTable.optional().describe('Headers of every request to it.'),
  env_http_headers: textTable.optional().describe('Header to environment variable.'),
  http_headers_helper: z.unknown().optional(),
  scopes: texts.optional(),
  oauth: z.record(z.string(), z.unknown()).optional(),
  oauth_resource: z.string().optional(),
  startup_timeout_sec: seconds.optional().describe('How long it may take to start; default 10.'),
  startup_timeout_ms: seconds.optional().describe('The same in ms; startup_timeout_sec wins.'),
  tool_timeout_sec: seconds.optional().describe('How long a call may take; default 60.'),
  enabled: z.boolean().optional().describe('False: it is not started.'),
  required: z.boolean().optional().describe('True: no session without it.'),
  enabled_tools: texts.optional().describe('The only tools that are offered; default all.'),
  disabled_tools: texts.optional().describe('Tools that are not offered.'),
  default_tools_approval_mode: approvalMode
    .optional()
    .describe('auto asks unless a tool says that it only reads; prompt always; approve never.'),
  tools: z
    .record(z.string(), z.object({ approval_mode: approvalMode.optional() }))
    .optional()
    .describe('Approval by tool.'),
  supports_parallel_tool_calls: z
    .boolean()
    .optional()
    .describe('Its tools may run beside other calls; default false.'),
})

type Server = z.infer<typeof server>

const ofStdio = ['args', 'env', 'env_vars', 'cwd'] as const
const ofHttp = [
  'url',
  'bearer_token',
  'bearer_token_env_var',
  'http_headers',
  'env_http_headers',
  'http_headers_helper',
  'scopes',
  'oauth',
  'oauth_resource',
] as const

/** What is wrong with a server whose fields have the right types: the field and what is expected of it. */
function faultsOf(settings: Server): readonly (readonly [field: string | undefined, string])[] {
  const { command, url, bearer_token: token } = settings
  if (command === undefined && url === undefined)
    return [[undefined, 'a table with `command` or `url`']]
  const foreign = command === undefined ? ofStdio : ofHttp
  const transport = command === undefined ? 'streamable_http' : 'stdio'
  const mixed = foreign.filter((field) => settings[field] !== undefined)
  if (mixed.length > 0)
    return mixed.map((field) => [field, `nothing: ${field} is not supported for ${transport}`])
  return token === undefined
    ? []
    : [
        [
          'bearer_token',
          'nothing: put the token into a variable and name that in bearer_token_env_var',
        ],
      ]
}

/** What files may say under `mcp_servers`. */
export const mcpServers = z
  .record(z.string(), server)
  .superRefine((servers, context) => {
    for (const [name, settings] of Object.entries(servers)) {
      if (!serverName.test(name)) {
        const message = 'a server whose name has letters, digits and - _ : @ / . only'
        context.addIssue({ code: 'custom', path: [name], message })
      }
      for (const [field, message] of faultsOf(settings)) {
        context.addIssue({
          code: 'custom',
          path: field === undefined ? [name] : [name, field],
          message,
        })
      }
    }
  })
  .describe('MCP servers by name.')
