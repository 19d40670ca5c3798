import { messageOf } from '../errors.ts'
import type { Item, ToolCallItem, ToolOutputItem } from '../items.ts'
import { uuid7 } from '../kit/ids.ts'
import type { Tool, ToolOutcome } from '../points/tool.ts'
import { message } from './messages.ts'
import { toolsOf } from './tools.ts'
import { closingItems, unansweredCalls } from './mend.ts'
import { abortedOutput, runCall, type Asked, type CallResult } from './tool-run.ts'
import type { TurnState } from './turn.ts'

/**
 * Runs the calls of one response and records their outputs in the order of the calls.
 * Calls of parallel tools run together; any other waits for those before it and holds up those after it.
 * Returns why the turn must end, if it must.
 */
export async function runCalls(
  turn: TurnState,
  calls: readonly ToolCallItem[],
  replay = false,
): Promise<string | undefined> {
  const results = startCalls(
    calls.map((item) => ({ turn, item, replay })),
    await toolsOf(turn),
  )
  const outcomes: ToolOutcome[] = []
  let stopped: string | undefined
  for (const [at, item] of calls.entries()) {
    const result = await results[at]
    if (!result) continue
    await turn.session.recordItems(itemsFor(turn, item, result), turn.facts.id)
    if (result.outcome) outcomes.push(result.outcome)
    stopped ??= result.stopped
  }
  const { row } = turn.session.kernel
  if (!row.isUsed('toolBatch') || turn.signal.aborted) return stopped
  const batch = await row.refine('toolBatch', { outcomes }, turn.call)
  await turn.session.recordItems(told(batch.context), turn.facts.id)
  return stopped ?? batch.stopped
}

function nameOf({
  name,
  namespace = '',
}: {
  readonly name: string
  readonly namespace?: string
}): string {
  return `${namespace}\n${name}`
}

function startCalls(
  calls: readonly Asked[],
  tools: readonly Tool[],
): readonly Promise<CallResult>[] {
  const byName = new Map(tools.map((tool) => [nameOf(tool), tool]))
  const results: Promise<CallResult>[] = []
  let barrier: Promise<unknown> = Promise.resolve()
  for (const asked of calls) {
    const tool = byName.get(nameOf(asked.item))
    const alone = tool !== undefined && !tool.parallel
    const before = alone ? Promise.all([barrier, ...results]) : barrier
    const result = before.then(() => answer(asked, tool))
    if (alone) barrier = result
    results.push(result)
  }
  return results
}

/** After a crash: repeatable calls without an output are run again, all others are answered as interrupted. */
export async function finishCalls(turn: TurnState): Promise<void> {
  const calls = unansweredCalls(turn.session.items)
  if (calls.length === 0) return
  const tools = await toolsOf(turn)
  const repeatable = new Set(tools.filter((tool) => tool.repeatable).map(nameOf))
  const again = calls.filter((item) => repeatable.has(nameOf(item)))
  if (again.length > 0) await runCalls(turn, again, true)
  await turn.session.recordItems(
    closingItems(calls.filter((item) => !again.includes(item))),
    turn.facts.id,
  )
}

async function answer(asked: Asked, tool: Tool | undefined): Promise<CallResult> {
  const { item } = asked
  if (!tool) return { output: `unsupported call: ${item.namespace ?? ''}${item.name}`, context: [] }
  // It may have waited for a call that the turn was interrupted in.
  if (asked.turn.signal.aborted) return { output: abortedOutput(), context: [] }
  try {
    return await runCall(asked, tool)
  } catch (error) {
    return { output: `${tool.name} failed: ${messageOf(error)}`, context: [] }
  }
}

function told(texts: readonly string[] = []): readonly Item[] {
  return texts.map((text) => message('developer', text, 'hook'))
}

function itemsFor(turn: TurnState, item: ToolCallItem, result: CallResult): readonly Item[] {
  const output: ToolOutputItem = {
    type: 'tool_output',
    id: `${item.payload.kind === 'json' ? 'fco' : 'ctco'}_${uuid7()}`,
    callId: item.callId,
    kind: item.payload.kind,
    output: result.output,
  }
  return [...told(result.context), output, ...told(result.notes)]
}
