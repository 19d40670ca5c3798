/** A server that asks to wait longer is not waited for. */
export const longestWaitMs = 300_000

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** How long the headers of an answer ask to wait: seconds, a date, or OpenAI's milliseconds. */
export function waitFromHeaders(
  header: (name: string) => string | undefined,
  now: number,
): number | undefined {
  const exact = number(header('retry-after-ms'))
  if (exact !== undefined) return exact
  const text = header('retry-after')
  const seconds = number(text)
  if (seconds !== undefined) return seconds * 1000
  const at = text === undefined ? NaN : Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined
}

/** How long a sentence such as "try again in 1m30.5s" asks to wait. */
export function waitFromText(text: string): number | undefined {
  const span = /try again in\s+((?:\d+(?:\.\d+)?\s*(?:ms|[smhd])[a-z]*\s*)+)/i.exec(text)?.[1]
  if (span === undefined) return undefined
  let total = 0
  for (const [, amount, unit] of span.matchAll(/(\d+(?:\.\d+)?)\s*(ms|milli|[smhd])/gi)) {
    const name = unit?.toLowerCase() ?? ''
    total += Number(amount) * (unitMs[name === 'milli' ? 'ms' : name] ?? 0)
  }
  return Math.ceil(total)
}

/** A point in time as a person nearby would say it. */
export function sayWhen(at: number, now: number): string {
  const date = new Date(at)
  const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  return at - now < 12 * 3_600_000 ? time : `${date.toLocaleDateString()}, ${time}`
}
