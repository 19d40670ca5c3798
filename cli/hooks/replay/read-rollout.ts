import {
  isJson,
  readLines,
  tableIn,
  textIn,
  type Json,
  type RecordedCall,
  type RecordedLine,
  type RecordedResult,
  type RecordedSession,
  type RecordedStep,
} from './recorded-session.ts'
import { toldCall } from './told-call.ts'
import { viewOfWire } from './tool-view.ts'

type Draft = Omit<RecordedCall, 'result'>

/** The facts that later lines are read with. */
interface Reading {
  sessionId: string | undefined
  firstCwd: string | undefined
  cwd: string | undefined
  model: string | undefined
  turnId: string | undefined
  lastMessage: string | undefined
  readonly steps: (Omit<RecordedStep, 'what'> & { readonly what: RecordedStep['what'] | Draft })[]
  readonly calls: Set<string>
  /** What was called in which turn: the display tells it once more, perhaps under another id. */
  readonly told: Set<string>
  readonly results: Map<string, RecordedResult>
  /** Prompts come as items and as events; one of the two counts. */
  readonly prompts: Set<string>
}

function add(reading: Reading, line: number, what: RecordedStep['what'] | Draft): void {
  const { turnId, cwd, model } = reading
  reading.steps.push({
    line,
    what,
    ...(turnId !== undefined && { turnId }),
    ...(cwd !== undefined && { cwd }),
    ...(model !== undefined && { model }),
  })
}

function argumentsOf(item: Json): unknown {
  const text = textIn(item, 'arguments')
  if (text === undefined) return textIn(item, 'input') ?? item['arguments'] ?? item['input']
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const tellingOf = ({ turnId }: Reading, { toolName, input }: Draft) =>
  JSON.stringify([turnId, toolName, input])

function addCall(reading: Reading, line: number, call: Draft | undefined): void {
  if (!call || reading.calls.has(call.id)) return
  reading.calls.add(call.id)
  reading.told.add(tellingOf(reading, call))
  add(reading, line, call)
}

function callOf(item: Json): Draft | undefined {
  const id = textIn(item, 'call_id') ?? textIn(item, 'id') ?? ''
  const name = item['type'] === 'local_shell_call' ? 'local_shell' : textIn(item, 'name')
  const input = item['type'] === 'local_shell_call' ? item['action'] : argumentsOf(item)
  if (name === undefined) return undefined
  const view = viewOfWire(name, textIn(item, 'namespace'), input)
  return view && { type: 'call', id, ...view }
}

const frame = /^(?:Chunk ID: .*\n)?Wall time: [\s\S]*?\n(?:Process .*\n)?[\s\S]*?Output:\n/
const exitCode = /^Process exited with code (-?\d+)$/m

function joined(parts: readonly unknown[]): string {
  return parts.map((part) => (isJson(part) ? (textIn(part, 'text') ?? '') : '')).join('')
}

/** What the model was told of a call, taken out of its frame. */
function resultOf(output: unknown): RecordedResult {
  const text =
    typeof output === 'string' ? output : Array.isArray(output) ? joined(output) : undefined
  if (text === undefined)
    return { response: output, failed: isJson(output) && output['success'] === false }
  const code = exitCode.exec(frame.exec(text)?.[0] ?? '')?.[1]
  return { response: text.replace(frame, ''), failed: code !== undefined && code !== '0' }
}

/** What the session itself says in the name of the user is no prompt. */
const notAsked =
  /^\s*(<(environment_context|user_instructions|turn_aborted|hook_prompt|user_shell_command)|# AGENTS\.md instructions)/

function addPrompt(reading: Reading, line: number, text: string): void {
  const key = `${reading.turnId}\0${text}`
  if (text.trim() === '' || notAsked.test(text) || reading.prompts.has(key)) return
  reading.prompts.add(key)
  add(reading, line, { type: 'prompt', text })
}

function takeMessage(reading: Reading, line: number, item: Json): void {
  const content = item['content']
  const text = typeof content === 'string' ? content : Array.isArray(content) ? joined(content) : ''
  if (item['role'] === 'assistant') reading.lastMessage = text
  if (item['role'] === 'user') addPrompt(reading, line, text)
}

function takeItem(reading: Reading, line: number, item: Json): void {
  switch (item['type']) {
    case 'message':
      return takeMessage(reading, line, item)
    case 'function_call':
    case 'custom_tool_call':
    case 'local_shell_call':
      return addCall(reading, line, callOf(item))
    case 'function_call_output':
    case 'custom_tool_call_output':
    case 'local_shell_call_output':
      reading.results.set(textIn(item, 'call_id') ?? '', resultOf(item['output']))
  }
}

function endTurn(reading: Reading, line: number, message: string | undefined): void {
  const lastMessage = message ?? reading.lastMessage
  add(reading, line, { type: 'end', ...(lastMessage !== undefined && { lastMessage }) })
  reading.lastMessage = undefined
}

function setResult(reading: Reading, id: string, result: RecordedResult | undefined): void {
  if (result && !reading.results.has(id)) reading.results.set(id, result)
}

/** Calls that the file tells by events alone, and what the display shows of calls once more. */
function takeTold(reading: Reading, line: number, event: Json): void {
  const { id, view, result, isShown } = toldCall(event)
  const call: Draft | undefined = view && { type: 'call', id, ...view }
  const isKnown = isShown && call !== undefined && reading.told.has(tellingOf(reading, call))
  if (isKnown) return
  addCall(reading, line, call)
  setResult(reading, id, result)
}

function takeEvent(reading: Reading, line: number, event: Json): void {
  switch (event['type']) {
    case 'user_message':
      return addPrompt(reading, line, textIn(event, 'message') ?? '')
    case 'task_started':
      reading.turnId = textIn(event, 'turn_id') ?? reading.turnId
      return
    case 'task_complete':
      return endTurn(reading, line, textIn(event, 'last_agent_message'))
    default:
      takeTold(reading, line, event)
  }
}

function takeFacts(reading: Reading, facts: Json): void {
  reading.cwd = textIn(facts, 'cwd') ?? reading.cwd
  reading.firstCwd ??= reading.cwd
  reading.model = textIn(facts, 'model') ?? reading.model
}

function take(reading: Reading, { line, value }: RecordedLine): void {
  const payload = tableIn(value, 'payload')
  const turnId = textIn(tableIn(value, 'metadata'), 'turn_id')
  if (turnId !== undefined) reading.turnId = turnId
  switch (value['type']) {
    case 'session_meta':
      reading.sessionId ??= textIn(payload, 'id') ?? textIn(payload, 'session_id')
      return takeFacts(reading, payload)
    case 'turn_context':
      reading.turnId = textIn(payload, 'turn_id') ?? reading.turnId
      return takeFacts(reading, payload)
    case 'response_item':
      return takeItem(reading, line, payload)
    case 'event_msg':
      return takeEvent(reading, line, payload)
    default:
      // The oldest files hold the items themselves.
      if (isJson(value['payload'])) return
      takeItem(reading, line, value)
  }
}

/** Reads a rollout, of hookline or of Codex: items, and events where there is no item. */
export function readRollout(text: string): RecordedSession {
  const { lines, torn } = readLines(text)
  const reading: Reading = {
    sessionId: undefined,
    firstCwd: undefined,
    cwd: undefined,
    model: undefined,
    turnId: undefined,
    lastMessage: undefined,
    steps: [],
    calls: new Set(),
    told: new Set(),
    results: new Map(),
    prompts: new Set(),
  }
  for (const line of lines) take(reading, line)
  const { sessionId, firstCwd, results } = reading
  const steps = reading.steps.map((step): RecordedStep => {
    const result = step.what.type === 'call' ? results.get(step.what.id) : undefined
    return result && step.what.type === 'call' ? { ...step, what: { ...step.what, result } } : step
  })
  return {
    format: 'rollout',
    ...(sessionId !== undefined && { sessionId }),
    ...(firstCwd !== undefined && { cwd: firstCwd }),
    steps,
    torn,
  }
}
