export type Decision = 'open' | 'allow' | 'ask' | 'deny'

/** The one table of precedence: deny over ask over allow over open. */
const ranks = { open: 0, allow: 1, ask: 2, deny: 3 } as const satisfies Record<Decision, number>

/** True when `next` is as strict as `before` or stricter; an allow may fall back to open. */
export function isAsStrict(next: Decision, before: Decision): boolean {
  if (before === 'open' || before === 'allow') return true
  return ranks[next] >= ranks[before]
}

/** The decision after one more verdict. */
export function tighten(before: Decision, verdict: Exclude<Decision, 'open'>): Decision {
  return ranks[verdict] > ranks[before] ? verdict : before
}
