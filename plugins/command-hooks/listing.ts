import { serviceKey } from 'hookline'
import type { Catalog, HookHandler } from './catalog.ts'
import type { Problem } from './problems.ts'
import { hookHash } from './trust.ts'

/** One hook as `hooks list --json` shows it. */
export interface ListedHook {
  readonly key: string
  readonly eventName: string
  readonly handlerType: string
  readonly command: string | null
  readonly matcher: string | null
  readonly timeoutSec: number
  readonly async: boolean
  readonly statusMessage: string | null
  readonly source: string
  readonly sourcePath: string
  readonly pluginId: string | null
  readonly displayOrder: number
  readonly enabled: boolean
  readonly isManaged: boolean
  readonly currentHash: string
  readonly trustStatus: string
  readonly dialect: string
  readonly state: string
  readonly reason?: { readonly code: string; readonly message: string }
}

/** The hooks of a session's surroundings, whether they run or not. */
export interface Hooks {
  list(): Promise<{ readonly hooks: readonly ListedHook[]; readonly problems: readonly Problem[] }>
}

/** Provided under the id `default`. */
export const hooksKey = serviceKey<Hooks>('hooks')

function reasonOf({ state, trust, reason }: HookHandler): ListedHook['reason'] {
  if (reason === undefined) return undefined
  const codes = { untrusted: trust === 'modified' ? 'HookModified' : 'HookUntrusted', disabled: 'HookDisabled', skipped: 'HookUnusable', blocked: 'PolicyDenied', runnable: '' }
  return { code: codes[state], message: reason }
}

/** A handler in the words of the list. */
export function listed(handler: HookHandler): ListedHook {
  const { source, event } = handler
  const reason = reasonOf(handler)
  return {
    key: handler.key,
    eventName: `${event.charAt(0).toLowerCase()}${event.slice(1)}`,
    handlerType: handler.type,
    command: handler.command ?? null,
    matcher: handler.matcher ?? null,
    timeoutSec: handler.timeoutSec,
    async: handler.async,
    statusMessage: handler.statusMessage ?? null,
    source: source.kind,
    sourcePath: source.path,
    pluginId: null,
    displayOrder: handler.order,
    enabled: handler.enabled,
    isManaged: source.managed,
    currentHash: hookHash(handler),
    trustStatus: handler.trust,
    dialect: source.dialect,
    state: handler.state,
    ...(reason && { reason }),
  }
}

/** The list for a catalog; problems without what is only for ourselves. */
export function listingOf(catalog: Catalog): Awaited<ReturnType<Hooks['list']>> {
  const problems = catalog.problems.map(({ code, severity, file, pointer, message }) => ({
    code,
    severity,
    file,
    pointer,
    message,
  }))
  return { hooks: catalog.handlers.map(listed), problems }
}
