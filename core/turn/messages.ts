import type { MessageItem } from '../items.ts'
import { uuid7 } from '../kit/ids.ts'

/** A message made by the session itself. */
export function message(role: MessageItem['role'], text: string, kind?: string): MessageItem {
  const base = {
    type: 'message',
    id: `msg_${uuid7()}`,
    role,
    parts: [{ type: 'text', text }],
  } as const
  return kind === undefined ? base : { ...base, kinds: [kind] }
}
