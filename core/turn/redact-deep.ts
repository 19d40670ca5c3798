import { HooklineError } from '../errors.ts'
import type { Secrets } from '../plugin.ts'

/** Redacts every text in a value made of plain data; the value itself is returned where nothing had to go. */
export function redactDeep<T>(value: T, secrets: Secrets): T {
  // Only texts are replaced by texts, so the shape stays.
  return redactValue(value, secrets) as T
}

/** The same error without secrets in what it says; what caused it is left out where something had to go. */
export function redactError(error: HooklineError, secrets: Secrets): HooklineError {
  const { code, message, hint, plugin, hook, retry, details } = error
  const safe = redactDeep({ message, hint, details }, secrets)
  if (safe.message === message && safe.hint === hint && safe.details === details) return error
  const facts = { hint: safe.hint, details: safe.details, plugin, hook, retry }
  const known = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
  return new HooklineError(code, safe.message, known)
}

function redactValue(value: unknown, secrets: Secrets): unknown {
  if (typeof value === 'string') return secrets.redact(value)
  if (Array.isArray(value)) {
    const next = value.map((entry) => redactValue(entry, secrets))
    return next.every((entry, at) => entry === value[at]) ? value : next
  }
  if (typeof value !== 'object' || value === null) return value
  let changed = false
  const next: Record<string, unknown> = {}
  for (const [key, entry] of Object.entries(value)) {
    next[key] = redactValue(entry, secrets)
    if (next[key] !== entry) changed = true
  }
  return changed ? next : value
}
