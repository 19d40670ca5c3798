import { textOf, type Item, type MessageItem } from 'hookline'

/** What the script reads from the items of a request. */
export interface History {
  /** What was asked last. */
  readonly prompt: string | undefined
  /** What hooks told before it was asked. */
  readonly context: string | undefined
  /** The text of each output, by the id of its call. */
  readonly outputs: ReadonlyMap<string, string>
  /** Why a Stop hook wants the model to go on, when that is the last thing that happened. */
  readonly goOn: string | undefined
}

const hookPrompt = /^<hook_prompt\b[^>]*>(.*)<\/hook_prompt>$/s

function isMessage(item: Item): item is MessageItem {
  return item.type === 'message'
}

function isPrompt(item: Item): item is MessageItem {
  return (
    isMessage(item) && item.role === 'user' && !item.kinds && !hookPrompt.test(textOf(item.parts))
  )
}

function unescapeXml(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

function goOnReason(last: Item | undefined): string | undefined {
  if (!last || !isMessage(last) || last.role !== 'user') return undefined
  const text = hookPrompt.exec(textOf(last.parts))?.[1]
  return text === undefined ? undefined : unescapeXml(text)
}

/** Reads a conversation. */
export function readHistory(items: readonly Item[]): History {
  const at = items.findLastIndex(isPrompt)
  const asked = items[at]
  const told = items
    .slice(0, Math.max(at, 0))
    .findLast((item) => isMessage(item) && item.role === 'developer' && item.kinds?.includes('hook'))
  const outputs = items
    .filter((item) => item.type === 'tool_output')
    .map((item) => [item.callId, textOf(item.output)] as const)
  return {
    prompt: asked && isMessage(asked) ? textOf(asked.parts) : undefined,
    context: told && isMessage(told) ? textOf(told.parts) : undefined,
    outputs: new Map(outputs),
    goOn: goOnReason(items.at(-1)),
  }
}

/** The lines that a command has written, without the frame that the shell tool puts around them. */
export function linesOf(output: string): readonly string[] {
  const text = /\nOutput:\n(.*)$/s.exec(output)?.[1] ?? output
  return text.split('\n').filter((line) => line.trim() !== '')
}
