import {
  isJson,
  readLines,
  tableIn,
  textIn,
  type Json,
  type RecordedLine,
  type RecordedResult,
  type RecordedSession,
  type RecordedStep,
} from './recorded-session.ts'
import { viewOfClaude } from './tool-view.ts'

interface Reading {
  readonly steps: RecordedStep[]
  readonly results: Map<string, RecordedResult>
  readonly seen: Set<string>
}

const partsOf = ({ content }: Json): readonly Json[] =>
  Array.isArray(content) ? content.filter(isJson) : []

function textOfContent(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part) => (isJson(part) ? (textIn(part, 'text') ?? '') : '')).join('')
}

function factsOf({ line, value }: RecordedLine): Omit<RecordedStep, 'what'> {
  const cwd = textIn(value, 'cwd')
  const model = textIn(tableIn(value, 'message'), 'model')
  const turnId = textIn(value, 'promptId') ?? textIn(value, 'requestId')
  return {
    line,
    ...(cwd !== undefined && { cwd }),
    ...(model !== undefined && { model }),
    ...(turnId !== undefined && { turnId }),
  }
}

function takeAssistant(reading: Reading, line: RecordedLine): void {
  const message = tableIn(line.value, 'message')
  for (const part of partsOf(message)) {
    const id = textIn(part, 'id')
    if (part['type'] !== 'tool_use' || id === undefined || reading.seen.has(id)) continue
    reading.seen.add(id)
    const view = viewOfClaude(textIn(part, 'name') ?? '', part['input'])
    reading.steps.push({ ...factsOf(line), what: { type: 'call', id, ...view } })
  }
  const lastMessage = textOfContent(message['content'])
  if (message['stop_reason'] === 'end_turn')
    reading.steps.push({ ...factsOf(line), what: { type: 'end', lastMessage } })
}

/** Text that the product itself puts in the name of the user. */
const notAsked =
  /^\s*(<(command-name|command-message|local-command|system-reminder|bash-)|\[Request interrupted|Caveat:)/

function takeUser(reading: Reading, line: RecordedLine): void {
  const { value } = line
  const message = tableIn(value, 'message')
  const results = partsOf(message).filter((part) => part['type'] === 'tool_result')
  for (const part of results) {
    const shown = value['toolUseResult']
    const isOnly = results.length === 1 && shown !== undefined
    const response = isOnly ? shown : textOfContent(part['content'])
    reading.results.set(textIn(part, 'tool_use_id') ?? '', {
      response,
      failed: part['is_error'] === true,
    })
  }
  const text = textOfContent(message['content'])
  if (results.length > 0 || value['isMeta'] === true || text.trim() === '' || notAsked.test(text))
    return
  reading.steps.push({ ...factsOf(line), what: { type: 'prompt', text } })
}

/** Reads a transcript of Claude Code. What subagents did in the same file counts as well. */
export function readTranscript(text: string): RecordedSession {
  const { lines, torn } = readLines(text)
  const reading: Reading = { steps: [], results: new Map(), seen: new Set() }
  for (const line of lines) {
    if (line.value['type'] === 'assistant') takeAssistant(reading, line)
    if (line.value['type'] === 'user') takeUser(reading, line)
  }
  const named = lines.find(({ value }) => textIn(value, 'sessionId') !== undefined)?.value ?? {}
  const placed = lines.find(({ value }) => textIn(value, 'cwd') !== undefined)?.value ?? {}
  const [sessionId, cwd] = [textIn(named, 'sessionId'), textIn(placed, 'cwd')]
  const steps = reading.steps.map((step): RecordedStep => {
    const result = step.what.type === 'call' ? reading.results.get(step.what.id) : undefined
    return result && step.what.type === 'call' ? { ...step, what: { ...step.what, result } } : step
  })
  return {
    format: 'transcript',
    ...(sessionId !== undefined && { sessionId }),
    ...(cwd !== undefined && { cwd }),
    steps,
    torn,
  }
}

/** True for the lines of a transcript of Claude Code. */
export function isTranscript(text: string): boolean {
  return readLines(text.slice(0, 200_000)).lines.some(
    ({ value }) =>
      (value['type'] === 'assistant' || value['type'] === 'user') && isJson(value['message']),
  )
}
