import { hash } from 'node:crypto'
import { events, spell } from './events.ts'
import type { Declared } from './hooks-file.ts'
import { isTable } from './shape.ts'

/** What the user recorded about one handler, under its key in `[hooks.state]`. */
export interface TrustRecord {
  readonly trustedHash?: string
  /** Fingerprint of the script file as it was then; only for handlers that name one. */
  readonly scriptDigest?: string
  readonly enabled?: boolean
}

export type TrustStatus = 'managed' | 'trusted' | 'untrusted' | 'modified'

/** The name of a handler: it stays the same while its definition changes. */
export function hookKey(path: string, handler: Declared): string {
  return `${path}:${spell(handler.event, '_')}:${handler.group}:${handler.index}`
}

/** Compact JSON with the keys of every object in order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isTable(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
  return `{${members.join(',')}}`
}

/**
 * The fingerprint of what a handler does and when; a recorded trust holds for this fingerprint only.
 * For every type of handler it is made in the same way, from the fields that the handler's own type knows: a command, a
 * url and its headers, a prompt, a tool and its input, a script. Fields of our own are part of it where they are set, so
 * that it agrees with the peer's where they are not. What a script file holds is not in it, but recorded beside it.
 */
export function hookHash(handler: Declared): string {
  const definition = {
    event_name: spell(handler.event, '_'),
    matcher: events[handler.event].matches === 'nothing' ? undefined : handler.matcher,
    sequential: handler.sequential || undefined,
    hooks: [
      {
        type: handler.type,
        timeout: handler.timeoutSec,
        async: handler.async,
        asyncRewake: handler.rewake && true,
        rewakeMessage: handler.rewake?.message,
        once: handler.once,
        if: handler.condition,
        statusMessage: handler.statusMessage,
        additionalContextLimit: handler.contextLimit,
        onFailure: handler.onFailure,
        continueOnBlock: handler.continueOnBlock,
        ...handler.work,
      },
    ],
  }
  return `sha256:${hash('sha256', canonical(definition), 'hex')}`
}

/** Reads `[hooks.state]`; what is not understood there is no trust. */
export function readTrustRecords(state: unknown): ReadonlyMap<string, TrustRecord> {
  const records = new Map<string, TrustRecord>()
  if (!isTable(state)) return records
  for (const [key, entry] of Object.entries(state)) {
    if (!isTable(entry)) continue
    const { trusted_hash: trustedHash, script_digest: scriptDigest, enabled } = entry
    records.set(key, {
      ...(typeof trustedHash === 'string' && { trustedHash }),
      ...(typeof scriptDigest === 'string' && { scriptDigest }),
      ...(typeof enabled === 'boolean' && { enabled }),
    })
  }
  return records
}

/** How far a handler that nobody manages is trusted. A script file that changed is a changed handler. */
export function trustStatusOf(
  handler: Declared,
  record: TrustRecord | undefined,
  scriptDigest?: string,
): TrustStatus {
  if (record?.trustedHash === undefined) return 'untrusted'
  const isSameScript = scriptDigest === undefined || record.scriptDigest === scriptDigest
  return isSameScript && record.trustedHash === hookHash(handler) ? 'trusted' : 'modified'
}
