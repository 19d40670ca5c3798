import { ToolGate } from '../gates/tool-gate.ts'
import { messageOf } from '../errors.ts'
import { textOf, type Part, type ToolCallItem } from '../items.ts'
import type { DeclinedBy } from '../points/events.ts'
import type {
  Tool,
  ToolCall,
  ToolContext,
  ToolDenial,
  ToolOutcome,
  ToolOutput,
} from '../points/tool.ts'
import { startProcess } from './exec.ts'
import { permit } from './permission.ts'
import type { TurnState } from './turn.ts'

/** How a call was answered. */
export interface CallResult {
  readonly output: string | readonly Part[]
  /** Developer messages between the call and its output. */
  readonly context: readonly string[]
  /** Developer messages after its output. */
  readonly notes?: readonly string[]
  readonly outcome?: ToolOutcome
  /** Present: the turn ends after this batch. */
  readonly stopped?: string
}

/** A call on its way: what the model sent, what the tool is given, what hooks see. */
export interface Pending {
  readonly turn: TurnState
  readonly tool: Tool
  readonly input: unknown
  readonly call: ToolCall
}

/** What the model is told of a call that an interrupt kept from running or cut off. */
export function abortedOutput(ms = 0): string {
  return `Wall time: ${(ms / 1000).toFixed(1)} seconds\naborted by user`
}

/** How long a tool may take to wind up once its turn is interrupted. */
const graceMs = 3_000

/** A call as the model made it. */
export interface Asked {
  readonly turn: TurnState
  readonly item: ToolCallItem
  /** Run again after a crash. */
  readonly replay: boolean
}

/** Takes one call through its gates, runs it, and refines the outcome. */
export async function runCall(asked: Asked, tool: Tool): Promise<CallResult> {
  const read = readInput(tool, asked.item)
  if ('fault' in read) {
    return { output: `failed to parse function arguments: ${read.fault}`, context: [] }
  }
  const { input } = read
  const pending: Pending = { turn: asked.turn, tool, input, call: callOf(tool, asked, input) }
  const gate = await askHooks(pending)
  const result = await judged(pending, gate)
  const stopped = result.stopped ?? gate.stopped
  const context = [...gate.context, ...result.context]
  return stopped === undefined ? { ...result, context } : { ...result, context, stopped }
}

/** What becomes of a call once its hooks have been heard. */
async function judged(pending: Pending, gate: ToolGate): Promise<CallResult> {
  if (gate.decision === 'deny') {
    const reason = gate.reasons.join('\n\n')
    return decline(pending, { reason, by: gate.deniedBy ?? 'hook', output: reason })
  }
  const ready = rewritten(pending, gate)
  if ('fault' in ready) return { output: ready.fault, context: [] }
  const permission = await permit(ready, gate)
  if (permission.decision !== 'deny') return runTool(ready, permission.decision === 'granted')
  const { reason, by, stopped } = permission
  // A policy speaks for itself; what a person, a reviewer or a hook refused is put in the tool's own words.
  const output = by === 'policy' ? reason : (ready.tool.rejected?.(reason, ready.input) ?? reason)
  const declined = await decline(ready, { reason, by, output })
  return stopped === undefined ? declined : { ...declined, stopped }
}

/** The call with the input that hooks have put in place of the model's. */
function rewritten(pending: Pending, gate: ToolGate): Pending | { readonly fault: string } {
  if (gate.rewrites === 0) return pending
  const { tool, input } = pending
  try {
    const next = tool.hooks
      ? tool.hooks.fromInput(input, gate.call.input)
      : checked(tool, gate.call.input)
    return { ...pending, input: next, call: gate.call }
  } catch (error) {
    return { fault: messageOf(error) }
  }
}

function readInput(
  tool: Tool,
  item: ToolCallItem,
): { readonly input: unknown } | { readonly fault: string } {
  if (tool.input.kind !== 'json') return { input: item.payload.text }
  try {
    // No arguments at all is what some models send for a tool without required ones.
    return {
      input: tool.input.parse(JSON.parse(item.payload.text === '' ? '{}' : item.payload.text)),
    }
  } catch (error) {
    return { fault: messageOf(error) }
  }
}

function checked(tool: Tool, input: unknown): unknown {
  return tool.input.kind === 'json' ? tool.input.parse(input) : input
}

function callOf(tool: Tool, { turn, item, replay }: Asked, input: unknown): ToolCall {
  const cwd = tool.hooks?.cwd?.(input, { turn: turn.facts })
  return {
    ...(cwd === undefined ? {} : { cwd }),
    id: item.callId,
    toolName: tool.hooks?.name ?? `${item.namespace ?? ''}${item.name}`,
    aliases: tool.hooks?.aliases ?? [],
    input: tool.hooks ? tool.hooks.toInput(input) : input,
    item,
    replay,
  }
}

/** Asks preToolUse; a rewritten input is judged once more by policy and guards. A failing tap denies. */
async function askHooks({ turn, tool, input, call }: Pending): Promise<ToolGate> {
  const { row } = turn.session.kernel
  const gate = ToolGate.of(call)
  if (!row.isUsed('preToolUse') || tool.hooks?.applies?.(input) === false) return gate
  try {
    const first = await row.refine('preToolUse', gate, turn.call)
    if (first.rewrites === 0 || first.decision === 'deny') return first
    return await row.refine('preToolUse', first.lock(), { ...turn.call, rejudge: true })
  } catch (error) {
    return gate.deny(messageOf(error), 'policy')
  }
}

interface Refused {
  readonly reason: string
  readonly by: DeclinedBy
  /** What the model is sent. */
  readonly output: string
}

/** Shows a refused call, and tells of it. */
async function decline(pending: Pending, { reason, by, output }: Refused): Promise<CallResult> {
  const { turn, tool, input, call } = pending
  const body = tool.refused?.(input, { turn: turn.facts }) ?? {
    type: 'tool_call' as const,
    tool: call.toolName,
    arguments: call.input,
    status: 'declined' as const,
  }
  // Every kind of item that a call shows can be declined.
  turn.call.show({ ...body, status: 'declined', declinedBy: by, reason } as typeof body)
  const outcome: ToolOutcome = {
    call,
    output,
    response: undefined,
    failed: true,
    durationMs: 0,
    context: [],
    declinedBy: by,
  }
  const { row } = turn.session.kernel
  const denial: ToolDenial = { call, reason, by, context: [] }
  const told =
    row.isUsed('permissionDenied') && !turn.signal.aborted
      ? await row.refine('permissionDenied', denial, turn.call)
      : denial
  return { output, context: [], notes: told.context, outcome }
}

function contextFor({ turn, tool, call }: Pending, granted: boolean): ToolContext {
  const { session } = turn
  const { row } = session.kernel
  return {
    call,
    turn: turn.facts,
    session: session.facts,
    signal: turn.signal,
    sessionSignal: session.signal,
    granted,
    log: session.parts.log(tool.name),
    show: (item) => turn.call.show(item),
    chunk: (text) => {
      if (row.isUsed('toolOutput'))
        row.observe('toolOutput', { call, text: session.parts.secrets.redact(text) }, turn.call)
    },
    exec: (request) => startProcess(turn, request, granted),
  }
}

async function runTool(pending: Pending, granted: boolean): Promise<CallResult> {
  const { turn, tool, input } = pending
  // The interrupt may have come while hooks or people were asked.
  if (turn.signal.aborted) return { output: abortedOutput(), context: [] }
  const began = performance.now()
  const result = await untilInterrupted(
    turn,
    tool.run(input, contextFor(pending, granted)).catch((error: unknown) => failureOf(tool, error)),
    began,
  )
  const outcome = outcomeOf(pending, result, Math.round(performance.now() - began))
  const { row } = turn.session.kernel
  if (outcome.response === undefined || turn.signal.aborted || !row.isUsed('postToolUse')) {
    return { output: outcome.output, context: [], outcome }
  }
  const refined = await row.refine('postToolUse', outcome, turn.call)
  const { output, context, notes = [], stopped } = refined
  return { output, context, notes, outcome: refined, ...(stopped !== undefined && { stopped }) }
}

function outcomeOf(
  { tool, input, call }: Pending,
  result: ToolOutput,
  durationMs: number,
): ToolOutcome {
  const { output, response, failed = false, delegated = false, answers = call } = result
  // A failure is told of although there is no result to show; polling is no call of its own.
  const isTold = response === undefined && failed && tool.hooks?.applies?.(input) !== false
  const told = isTold ? textOf(output) : response
  return {
    call: answers,
    output,
    response: told,
    failed,
    durationMs,
    context: [],
    ...(isTold && { withoutResult: true }),
    ...(delegated && { delegated }),
  }
}

function failureOf(tool: Tool, error: unknown): ToolOutput {
  const text = `${tool.name} failed: ${messageOf(error)}`
  return { output: text, response: text, failed: true }
}

/** A tool that does not stop by itself is left behind shortly after an interrupt, so that the turn can end. */
async function untilInterrupted(
  turn: TurnState,
  run: Promise<ToolOutput>,
  began: number,
): Promise<ToolOutput> {
  const { promise: gaveUp, resolve } = Promise.withResolvers<ToolOutput>()
  let timer: NodeJS.Timeout | undefined
  const onAbort = () => {
    timer = setTimeout(() => {
      resolve({ output: abortedOutput(performance.now() - began) })
    }, graceMs)
  }
  if (turn.signal.aborted) onAbort()
  turn.signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([run, gaveUp])
  } finally {
    clearTimeout(timer)
    turn.signal.removeEventListener('abort', onAbort)
  }
}
