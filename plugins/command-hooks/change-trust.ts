import { HooklineError } from 'hookline'
import { nearest } from 'hookline/kit'
import type { Catalog, Consent, HookHandler } from './catalog.ts'
import type { Chosen, TrustChange } from './listing.ts'
import { forgetTrust, recordTrust } from './record-trust.ts'
import { hookHash } from './trust.ts'

/** What may be changed, and what is recorded so far. */
export interface TrustState {
  readonly home: string
  readonly catalog: Catalog
  readonly consent: Consent
}

function notFound(key: string, known: readonly string[]): HooklineError {
  const guess = nearest(key, known)
  return new HooklineError('HOOK_NOT_FOUND', `no hook has the key "${key}"`, {
    hint: `${guess === undefined ? '' : `did you mean "${guess}"? `}see hookline hooks list`,
  })
}

function find({ catalog }: TrustState, keys: readonly string[]): readonly HookHandler[] {
  const byKey = new Map(catalog.handlers.map((handler) => [handler.key, handler]))
  return keys.map((key) => {
    const handler = byKey.get(key)
    if (handler) return handler
    throw notFound(key, [...byKey.keys()])
  })
}

/** Records that hooks may run as they are now. Those of an administrator need no trust and stay as they are. */
export async function trustHooks(state: TrustState, chosen: Chosen): Promise<TrustChange> {
  const wanted =
    chosen === 'all'
      ? state.catalog.handlers.filter((handler) => handler.state !== 'skipped')
      : find(state, chosen)
  const waiting = wanted.filter(({ trust }) => trust === 'untrusted' || trust === 'modified')
  if (waiting.length > 0)
    await recordTrust(
      state.home,
      new Map(waiting.map((handler) => [handler.key, hookHash(handler)])),
      new Map(waiting.flatMap(({ key, script }) => (script?.digest ? [[key, script.digest]] : []))),
    )
  return {
    changed: waiting.map(({ key }) => key),
    unchanged: wanted.filter((handler) => !waiting.includes(handler)).map(({ key }) => key),
  }
}

/** Takes recorded trust back, also of hooks that are gone by now. */
export async function untrustHooks(state: TrustState, chosen: Chosen): Promise<TrustChange> {
  const recorded = [...state.consent.records]
    .filter(([, { trustedHash }]) => trustedHash !== undefined)
    .map(([key]) => key)
  const wanted = chosen === 'all' ? recorded : chosen
  find(
    state,
    wanted.filter((key) => !recorded.includes(key)),
  )
  const changed = wanted.filter((key) => recorded.includes(key))
  if (changed.length > 0) await forgetTrust(state.home, changed)
  return { changed, unchanged: wanted.filter((key) => !changed.includes(key)) }
}
