import { messageOf, type Secrets, type Tool, type ToolContext, type ToolOutput } from 'hookline'
import { approvalNeed } from './approval.ts'
import { resultValue, type CallOutcome } from './call-result.ts'
import type { ListedTool } from './listed-tool.ts'
import { failureOutput, failureText, resultOutput, type Framing } from './model-output.ts'
import type { ServerSpec } from './server-spec.ts'
import type { Server } from './server.ts'
import { hookName } from './tool-names.ts'

type Arguments = Readonly<Record<string, unknown>>

/** A server as one session knows it. */
export interface BoundServer {
  readonly spec: ServerSpec
  readonly server: Server
  /** What the model knows it as. */
  readonly namespace: string
  readonly secrets: Secrets
}

function parseArguments(value: unknown): Arguments {
  if (value === null || value === undefined) return {}
  if (typeof value !== 'object' || Array.isArray(value))
    throw new Error('expected an object with the arguments')
  // Any JSON object has text keys.
  return value as Arguments
}

/** What servers that were made for the peer read about a call. */
function metaOf({ call, session, turn }: ToolContext): Readonly<Record<string, unknown>> {
  return {
    callId: call.id,
    threadId: session.id,
    sessionId: session.id,
    'x-codex-turn-metadata': {
      session_id: session.id,
      thread_id: session.id,
      turn_id: turn.id,
      model: turn.model,
      ...(turn.effort === undefined ? {} : { reasoning_effort: turn.effort }),
      sandbox_mode: turn.sandbox.mode,
    },
  }
}

async function answerOf(
  { spec, server }: BoundServer,
  request: { readonly tool: string; readonly input: Arguments },
  context: ToolContext,
): Promise<CallOutcome> {
  try {
    return await server.call({
      ...request,
      timeoutMs: spec.callTimeoutMs,
      signal: context.signal,
      meta: metaOf(context),
      onProgress: (text) => context.chunk(`${text}\n`),
    })
  } catch (error) {
    return { ok: false, message: messageOf(error) }
  }
}

async function runTool(
  bound: BoundServer,
  tool: ListedTool,
  call: { readonly input: Arguments; readonly context: ToolContext },
): Promise<ToolOutput> {
  const { input, context } = call
  const { name: server } = bound.spec.launch
  const names = { server, tool: tool.name }
  const shown = context.show({
    type: 'mcp_tool_call',
    ...names,
    arguments: input,
    status: 'in_progress',
  })
  const began = performance.now()
  const outcome = await answerOf(bound, { tool: tool.name, input }, context)
  const framing: Framing = {
    seconds: (performance.now() - began) / 1000,
    redact: (text) => bound.secrets.redact(text),
  }
  if (!outcome.ok) {
    const text = failureText(names, outcome.message)
    shown.end({ status: 'failed', error: { message: outcome.message } })
    const response = { content: [{ type: 'text', text }], isError: true }
    return { output: failureOutput(text, framing), response, value: response, failed: true }
  }
  const { result } = outcome
  const { content, structured, isError } = result
  shown.end({
    status: isError ? 'failed' : 'completed',
    result: { content, structured_content: structured ?? null },
  })
  const value = resultValue(result)
  return { output: resultOutput(result, framing), response: value, value, failed: isError }
}

/** A server's tool, as a session offers it to its model under `name`. */
export function modelTool(bound: BoundServer, tool: ListedTool, name: string): Tool {
  const { spec, namespace, server } = bound
  const { name: serverName } = spec.launch
  const hooked = hookName(serverName, tool.name)
  const known =
    hookName(serverName, tool.name) === `${namespace}__${name}` ? [] : [`${namespace}__${name}`]
  const common = server.instructions
  return {
    name,
    namespace,
    ...(common === undefined ? {} : { namespaceDescription: common }),
    description: tool.description,
    input: { kind: 'json', schema: tool.schema, parse: parseArguments },
    parallel: spec.parallel,
    repeatable: false,
    hooks: {
      name: hooked,
      aliases: known,
      toInput: (input) => input,
      fromInput: (_input, rewritten) => parseArguments(rewritten),
    },
    needs: (input, { turn }) =>
      Promise.resolve(
        approvalNeed({ server: serverName, tool, mode: spec.approval(tool.name), input }, turn),
      ),
    refused: (input) => ({
      type: 'mcp_tool_call',
      server: serverName,
      tool: tool.name,
      arguments: input,
      status: 'declined',
    }),
    // What `parseArguments` has returned.
    run: (input, context) => runTool(bound, tool, { input: input as Arguments, context }),
  }
}
