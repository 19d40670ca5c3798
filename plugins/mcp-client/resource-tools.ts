import { HooklineError, messageOf, type Tool, type ToolContext, type ToolOutput } from 'hookline'
import { isTable } from './call-result.ts'
import type { Asked } from './link.ts'
import { readableJson, sentText } from './model-output.ts'
import type { BoundServer } from './model-tool.ts'

const mostPages = 20

type Table = Readonly<Record<string, unknown>>

/** Checked arguments of any of the tools. */
interface Arguments {
  readonly server?: string
  readonly uri?: string
}

interface Kind {
  readonly name: string
  readonly description: string
  readonly required: readonly (keyof Arguments)[]
  answer(bound: readonly BoundServer[], input: Arguments, context: ToolContext): Promise<Table>
}

const properties = {
  server: { type: 'string', description: 'Name of the MCP server.' },
  uri: { type: 'string', description: 'Address of the resource, as it was listed.' },
}

function named(bound: readonly BoundServer[], name: string | undefined): readonly BoundServer[] {
  if (name === undefined) return bound.filter(({ server }) => server.hasResources)
  const found = bound.find(({ spec }) => spec.launch.name === name)
  if (found) return [found]
  throw new HooklineError('MCP_SERVER_UNAVAILABLE', `no MCP server is called "${name}"`)
}

async function ask(
  { server, spec }: BoundServer,
  asked: Pick<Asked, 'method' | 'params'>,
  { signal }: ToolContext,
): Promise<Table> {
  const answer = await server.ask({ ...asked, signal, timeoutMs: spec.callTimeoutMs })
  if (!answer.ok) throw new HooklineError('MCP_CALL_FAILED', answer.message)
  return answer.value
}

/** All pages of one server's list, each entry with the name of the server. */
async function listOf(
  bound: BoundServer,
  list: { readonly method: 'resources/list' | 'resources/templates/list'; readonly field: string },
  context: ToolContext,
): Promise<readonly unknown[]> {
  const entries: unknown[] = []
  let cursor: unknown
  for (let page = 0; page < mostPages; page += 1) {
    const params = typeof cursor === 'string' ? { cursor } : {}
    const answer = await ask(bound, { method: list.method, params }, context)
    const found: unknown = answer[list.field]
    const { name } = bound.spec.launch
    if (Array.isArray(found))
      for (const entry of found.filter(isTable)) entries.push({ ...entry, server: name })
    cursor = answer['nextCursor']
    if (typeof cursor !== 'string') break
  }
  return entries
}

function listing(
  method: 'resources/list' | 'resources/templates/list',
  field: string,
): Kind['answer'] {
  return async (bound, { server }, context) => {
    const lists = named(bound, server).map((one) => listOf(one, { method, field }, context))
    return { [field]: (await Promise.all(lists)).flat() }
  }
}

const kinds: readonly Kind[] = [
  {
    name: 'list_mcp_resources',
    description:
      'Lists the resources of one MCP server, or of all: files, records and the like that can be read.',
    required: [],
    answer: listing('resources/list', 'resources'),
  },
  {
    name: 'list_mcp_resource_templates',
    description: 'Lists the templates for addresses of resources of one MCP server, or of all.',
    required: [],
    answer: listing('resources/templates/list', 'resourceTemplates'),
  },
  {
    name: 'read_mcp_resource',
    description: 'Reads one resource of an MCP server.',
    required: ['server', 'uri'],
    async answer(bound, { server, uri }, context) {
      const [found] = named(bound, server ?? '')
      if (!found) return {}
      const { contents } = await ask(found, { method: 'resources/read', params: { uri } }, context)
      return { server, uri, contents }
    },
  },
]

function argumentsOf(value: unknown, required: Kind['required']): Arguments {
  const given = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const known = given.filter(([key, entry]) => key in properties && typeof entry === 'string')
  const found: Arguments = Object.fromEntries(known)
  const missing = required.find((field) => found[field] === undefined)
  if (missing !== undefined) throw new Error(`missing field \`${missing}\``)
  return found
}

async function run(
  kind: Kind,
  bound: readonly BoundServer[],
  call: { readonly input: Arguments; readonly context: ToolContext },
): Promise<ToolOutput> {
  const { input, context } = call
  const { server = 'codex' } = input
  const shown = context.show({
    type: 'mcp_tool_call',
    server,
    tool: kind.name,
    arguments: input,
    status: 'in_progress',
  })
  const redact = (text: string) => bound[0]?.secrets.redact(text) ?? text
  try {
    const value = await kind.answer(bound, input, context)
    const output = sentText(readableJson(value), redact)
    const content = [{ type: 'text', text: output }]
    shown.end({ status: 'completed', result: { content, structured_content: null } })
    return { output, response: output, value }
  } catch (error) {
    const message = messageOf(error)
    shown.end({ status: 'failed', error: { message } })
    return { output: redact(`${kind.name} failed: ${message}`), failed: true }
  }
}

/** The tools that read what servers keep beside their tools. */
export function resourceTools(bound: readonly BoundServer[]): readonly Tool[] {
  return kinds.map((kind) => ({
    name: kind.name,
    description: kind.description,
    input: {
      kind: 'json',
      schema: {
        type: 'object',
        properties: kind.required.length > 0 ? properties : { server: properties.server },
        required: kind.required,
        additionalProperties: false,
      },
      parse: (value) => argumentsOf(value, kind.required),
    },
    parallel: true,
    repeatable: true,
    // What `argumentsOf` has returned.
    run: (input, context) => run(kind, bound, { input: input as Arguments, context }),
  }))
}
