import type { ModelRequest, ToolSpec } from 'hookline'
import manifest from 'hookline/package.json' with { type: 'json' }
import { usableHeaders, type Endpoint } from './endpoint.ts'
import { historyBytes } from './history-bytes.ts'
import type { WireNamespace, WireTool } from './wire.ts'

/** Handed back and forth within a turn, so that its requests reach the same machine. */
export const turnStateHeader = 'x-codex-turn-state'

const encodedTools = new WeakMap<ToolSpec, string>()

function wireTool({
  name,
  description,
  input,
}: ToolSpec): WireTool | Readonly<Record<string, unknown>> {
  switch (input.kind) {
    case 'json':
      return { type: 'function', name, description, strict: false, parameters: input.schema }
    case 'text':
      return {
        type: 'custom',
        name,
        description,
        ...(input.grammar === undefined
          ? {}
          : { format: { type: 'grammar', syntax: 'lark', definition: input.grammar } }),
      }
    case 'hosted':
      return input.wire
  }
}

function toolJson(tool: ToolSpec): string {
  const cached = encodedTools.get(tool)
  if (cached !== undefined) return cached
  const text = JSON.stringify(wireTool(tool))
  encodedTools.set(tool, text)
  return text
}

/** The tools as JSON text. A namespace stands where its first tool stood. */
function toolsJson(tools: readonly ToolSpec[]): string {
  const groups = new Map<string, string[]>()
  const entries: (() => string)[] = []
  for (const tool of tools) {
    const { namespace } = tool
    if (namespace === undefined) {
      entries.push(() => toolJson(tool))
      continue
    }
    const members = groups.get(namespace) ?? []
    const about = tool.namespaceDescription ?? `Tools of ${namespace}.`
    if (members.length === 0) entries.push(() => namespaceJson({ name: namespace, about }, members))
    members.push(toolJson(tool))
    groups.set(namespace, members)
  }
  return `[${entries.map((entry) => entry()).join(',')}]`
}

function namespaceJson(
  { name, about }: { readonly name: string; readonly about: string },
  members: readonly string[],
): string {
  const head: Omit<WireNamespace, 'tools'> = {
    type: 'namespace',
    name,
    description: about,
  }
  return `${JSON.stringify(head).slice(0, -1)},"tools":[${members.join(',')}]}`
}

function reasoningOf({
  effort,
  summary,
}: ModelRequest): Readonly<Record<string, unknown>> | undefined {
  const wanted = summary === 'none' ? undefined : summary
  if (effort === undefined && wanted === undefined) return undefined
  return {
    ...(effort === undefined ? {} : { effort }),
    ...(wanted === undefined ? {} : { summary: wanted }),
  }
}

function textOptions({
  verbosity,
  outputSchema,
}: ModelRequest): Readonly<Record<string, unknown>> | undefined {
  if (verbosity === undefined && outputSchema === undefined) return undefined
  const format = {
    type: 'json_schema',
    strict: true,
    name: 'hookline_output_schema',
    schema: outputSchema,
  }
  return {
    ...(verbosity === undefined ? {} : { verbosity }),
    ...(outputSchema === undefined ? {} : { format }),
  }
}

/** The body, in pieces to be sent one after the other. Items and tools are encoded once, however long the conversation is. */
export function requestBody(
  request: ModelRequest,
  options: { readonly reasons: boolean },
): readonly Uint8Array[] {
  const { tools, sessionId, turnId } = request
  const head = JSON.stringify({ model: request.model, stream: true })
  const offered = tools.length > 0
  const reasoning = reasoningOf(request)
  const text = textOptions(request)
  const rest = JSON.stringify({
    ...(offered ? { tool_choice: 'auto' } : {}),
    parallel_tool_calls: offered && request.parallelToolCalls,
    ...(reasoning ? { reasoning } : {}),
    store: false,
    include: options.reasons ? ['reasoning.encrypted_content'] : [],
    prompt_cache_key: sessionId,
    ...(text ? { text } : {}),
    ...(request.serviceTier === undefined ? {} : { service_tier: request.serviceTier }),
    client_metadata: { session_id: sessionId, thread_id: sessionId, turn_id: turnId },
  })
  return [
    Buffer.from(`${head.slice(0, -1)},"input":[`),
    historyBytes(request.items),
    Buffer.from(`],${offered ? `"tools":${toolsJson(tools)},` : ''}${rest.slice(1)}`),
  ]
}

/** Who sends the request, in the words of headers. */
export function clientHeaders(source: string): Readonly<Record<string, string>> {
  const originator = `hookline_${source.replace(/[^\w.-]+/g, '_')}`
  return {
    originator,
    'user-agent': `${originator}/${manifest.version} (${process.platform}; ${process.arch})`,
  }
}

/** All headers of one attempt; the credential wins over everything else. */
export function requestHeaders(
  request: ModelRequest,
  endpoint: Endpoint,
  parts: {
    readonly client: Readonly<Record<string, string>>
    readonly credential: Readonly<Record<string, string>>
  },
): Record<string, string> {
  const state = request.turnState.get(turnStateHeader)
  return {
    ...parts.client,
    'session-id': request.sessionId,
    'thread-id': request.sessionId,
    'x-client-request-id': request.sessionId,
    ...(request.kind === 'review' ? { 'x-openai-subagent': 'review' } : {}),
    ...(state === undefined ? {} : { [turnStateHeader]: state }),
    ...usableHeaders(request.headers),
    ...endpoint.headers,
    ...usableHeaders(parts.credential),
    accept: 'text/event-stream',
    'content-type': 'application/json',
  }
}
