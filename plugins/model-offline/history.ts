import { textOf, type Item, type MessageItem } from 'hookline'

/** What the script reads from the items of a request. */
export interface History {
  /** What was asked last. */
  readonly prompt: string | undefined
  /** What hooks told before it was asked. */
  readonly context: string | undefined
  /** The text of each output, by the id of its call; without a call that was cut off by the end of its turn. */
  readonly outputs: ReadonlyMap<string, string>
  /** Why a Stop hook wants the model to go on, when that is the last thing that happened. */
  readonly goOn: string | undefined
  /** Nothing was done since it was asked. */
  readonly isFresh: boolean
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

/** Each hook has its own part of the message. */
function goOnReason(last: Item | undefined): string | undefined {
  if (!last || !isMessage(last) || last.role !== 'user') return undefined
  const reasons = last.parts
    .map((part) => hookPrompt.exec(textOf([part]))?.[1])
    .filter((reason) => reason !== undefined)
  return reasons.length === 0 ? undefined : unescapeXml(reasons.join(' '))
}

/** The forms of an output that only a call has which came to its end. */
const answered = /\bexited with code \d|^Exit code: \d|\bPreToolUse hook\b/

function wasCutOff(output: string, next: Item | undefined): boolean {
  const isLast = next !== undefined && isMessage(next) && next.kinds?.includes('turn_aborted')
  return isLast === true && !answered.test(output)
}

/** Reads a conversation. */
export function readHistory(items: readonly Item[]): History {
  const at = items.findLastIndex(isPrompt)
  const asked = items[at]
  const told = items
    .slice(0, Math.max(at, 0))
    .findLast(
      (item) => isMessage(item) && item.role === 'developer' && item.kinds?.includes('hook'),
    )
  const outputs = new Map<string, string>()
  for (const [index, item] of items.entries()) {
    if (item.type !== 'tool_output') continue
    const output = textOf(item.output)
    if (!wasCutOff(output, items[index + 1])) outputs.set(item.callId, output)
  }
  return {
    prompt: asked && isMessage(asked) ? textOf(asked.parts) : undefined,
    context: told && isMessage(told) ? textOf(told.parts) : undefined,
    outputs,
    goOn: goOnReason(items.at(-1)),
    isFresh: at === items.length - 1,
  }
}

/** The lines that a command has written, without the frame that the shell tool puts around them. */
export function linesOf(output: string): readonly string[] {
  const text = /\nOutput:\n(.*)$/s.exec(output)?.[1] ?? output
  return text.split('\n').filter((line) => line.trim() !== '')
}
