import type { Item, ToolCallItem, ToolOutputItem } from '../items.ts'
import { uuid7 } from '../kit/ids.ts'
import { message } from './messages.ts'

/** Calls of a recorded conversation that have no output: perhaps they ran, perhaps not. */
export function unansweredCalls(items: readonly Item[]): readonly ToolCallItem[] {
  const answers = new Map<string, number>()
  for (const item of items)
    if (item.type === 'tool_output') answers.set(item.callId, (answers.get(item.callId) ?? 0) + 1)
  return items.filter((item) => {
    if (item.type !== 'tool_call') return false
    const left = answers.get(item.callId) ?? 0
    answers.set(item.callId, left - 1)
    return left <= 0
  }) as readonly ToolCallItem[] // filtered by type in the first line of the callback
}

/** The items that close a conversation whose last turn was cut off. */
export function closingItems(calls: readonly ToolCallItem[]): readonly Item[] {
  const outputs = calls.map((call): ToolOutputItem => ({
    type: 'tool_output',
    id: `${call.payload.kind === 'json' ? 'fco' : 'ctco'}_${uuid7()}`,
    callId: call.callId,
    kind: call.payload.kind,
    output: 'aborted: the session ended while this call ran; it may have taken effect',
  }))
  return [...outputs, abortedNote('lost')]
}

const notes = {
  stopped:
    'The turn was interrupted. Commands that were running were stopped; some may have taken effect.',
  lost: 'The turn was cut off by the end of its process. Commands that were running may have taken effect, and some may still run.',
} as const

/** Tells the model that a turn was cut off: by an interrupt, or together with its process. */
export function abortedNote(how: keyof typeof notes = 'stopped'): Item {
  const text = `<turn_aborted>\n${notes[how]}\n</turn_aborted>`
  return message('user', text, 'turn_aborted')
}
