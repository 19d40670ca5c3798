import type { SessionFacts, TurnRecord } from 'hookline'
import { headAndTail } from 'hookline/kit'

/** Below what systems take as one argument: 128 KiB on Linux. */
const longestArgument = 100_000
const shortestText = 16

/** The argument a notified program gets: JSON, its long texts cut in the middle where it would be too long. */
export function notifyArgument(
  record: TurnRecord,
  session: SessionFacts,
  redact: (text: string) => string,
): string {
  const prompts = record.prompts.map(redact)
  const last = record.lastMessage === undefined ? null : redact(record.lastMessage)
  const write = (limit: number, messages: readonly string[]) =>
    JSON.stringify({
      type: 'agent-turn-complete',
      'thread-id': session.id,
      'turn-id': record.facts.id,
      cwd: record.facts.cwd,
      client: session.source,
      'input-messages': messages.map((text) => headAndTail(text, limit)),
      'last-assistant-message': last === null ? null : headAndTail(last, limit),
    })
  for (let limit = longestArgument; limit >= shortestText; limit = Math.floor(limit / 2)) {
    const argument = write(limit, prompts)
    if (Buffer.byteLength(argument) <= longestArgument) return argument
  }
  // So many prompts that even their first words are too much.
  return write(shortestText, prompts.slice(-1))
}
