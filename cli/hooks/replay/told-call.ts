import { tableIn, textIn, type Json, type RecordedResult } from './recorded-session.ts'
import { viewOfWire, type ToolView } from './tool-view.ts'

/** What an event of a rollout tells of a call. */
export interface ToldCall {
  readonly id: string
  /** Absent: the call has been told before. */
  readonly view?: ToolView | undefined
  readonly result?: RecordedResult | undefined
  /** It is shown to people, perhaps under another id than that of the call. */
  readonly isShown: boolean
}

function mcpView(about: Json): ToolView | undefined {
  const server = `mcp__${textIn(about, 'server')}`
  return viewOfWire(textIn(about, 'tool') ?? '', server, about['arguments'] ?? {})
}

const shellView = (command: unknown) => viewOfWire('shell', undefined, { command })

function shellResult(about: Json): RecordedResult | undefined {
  const named = textIn(about, 'aggregated_output') ?? textIn(about, 'aggregatedOutput')
  const response = named ?? textIn(about, 'stdout')
  const code = about['exit_code'] ?? about['exitCode']
  if (response === undefined) return undefined
  return { response, failed: typeof code === 'number' && code !== 0 }
}

function mcpResult(event: Json): RecordedResult {
  const result = tableIn(event, 'result')
  return { response: result['Ok'] ?? result['Err'] ?? event['result'], failed: 'Err' in result }
}

/** A finished item of the display, in the words of either spelling. */
function ofShown(item: Json): ToldCall {
  const id = textIn(item, 'id') ?? ''
  switch ((textIn(item, 'type') ?? '').toLowerCase().replaceAll('_', '')) {
    case 'commandexecution':
      return { id, view: shellView(item['command']), result: shellResult(item), isShown: true }
    case 'mcptoolcall':
      return { id, view: mcpView(item), isShown: true }
    default:
      return { id, isShown: true }
  }
}

/** Reads what an event tells of a call; most events tell nothing of one. */
export function toldCall(event: Json): ToldCall {
  const id = textIn(event, 'call_id') ?? ''
  switch (event['type']) {
    case 'exec_command_begin':
      return { id, view: shellView(event['command']), isShown: false }
    case 'exec_command_end':
      return { id, result: shellResult(event), isShown: false }
    case 'mcp_tool_call_begin':
      return { id, view: mcpView(tableIn(event, 'invocation')), isShown: false }
    case 'mcp_tool_call_end':
      return { id, result: mcpResult(event), isShown: false }
    case 'item_completed':
      return ofShown(tableIn(event, 'item'))
    default:
      return { id, isShown: true }
  }
}
