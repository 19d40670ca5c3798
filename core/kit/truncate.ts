/** A text that was made to fit, with what it was before. */
export interface Truncated {
  readonly text: string
  readonly truncated: boolean
  /** Of the whole text: a token is taken for four bytes. */
  readonly originalTokens: number
}

const bytesPerToken = 4

/**
 * Cuts a text in the middle to a budget of tokens, for the model: head and tail get half of it each.
 * The two lines that say so come on top of the budget.
 */
export function truncateMiddle(text: string, budgetTokens: number): Truncated {
  const size = Buffer.byteLength(text)
  const originalTokens = tokens(size)
  const budget = Math.max(0, Math.floor(budgetTokens)) * bytesPerToken
  if (size <= budget) return { text, truncated: false, originalTokens }
  const { head, tail } = ends(text, budget)
  const notice = `Warning: truncated output (original token count: ${originalTokens})\nTotal output lines: ${countLines(text)}`
  const marker = `…${tokens(size - budget)} tokens truncated…`
  return { text: `${notice}\n\n${head}${marker}${tail}`, truncated: true, originalTokens }
}

/** Cuts a text in the middle so that it has at most `maxBytes`, the mark for the missing part included. */
export function headAndTail(text: string, maxBytes: number): string {
  const size = Buffer.byteLength(text)
  if (size <= maxBytes) return text
  const room = maxBytes - Buffer.byteLength(omitted(size))
  if (room < 0) return ends(text, Math.max(0, maxBytes) * 2).head
  const { head, tail } = ends(text, room)
  return head + omitted(size - Buffer.byteLength(head) - Buffer.byteLength(tail)) + tail
}

function omitted(bytes: number): string {
  return `…${bytes} bytes omitted…`
}

function tokens(bytes: number): number {
  return Math.ceil(bytes / bytesPerToken)
}

function countLines(text: string): number {
  let lines = text === '' || text.endsWith('\n') ? 0 : 1
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1
  return lines
}

/** Only the ends are encoded: no more than `budget` characters can be in `budget` bytes. */
function ends(text: string, budget: number): { head: string; tail: string } {
  const forHead = Math.floor(budget / 2)
  const forTail = budget - forHead
  const front = Buffer.from(text.slice(0, forHead + 1))
  const back = Buffer.from(forTail === 0 ? '' : text.slice(-forTail - 1))
  let end = Math.min(forHead, front.length)
  while (end > 0 && continues(front[end])) end -= 1
  let start = Math.max(0, back.length - forTail)
  while (start < back.length && continues(back[start])) start += 1
  return { head: front.toString('utf8', 0, end), tail: back.toString('utf8', start) }
}

/** True for the bytes of a UTF-8 character after its first. */
function continues(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}
