import { serviceKey } from 'hookline'
import type { Catalog, HookHandler, HookState } from './catalog.ts'
import { fillPlaceholders } from './placeholders.ts'
import type { Problem } from './problems.ts'
import type { Rehearsal } from './rehearsal.ts'
import type { RehearsalOptions } from './rehearse.ts'
import { hookHash } from './trust.ts'

/** One hook as `hooks list --json` shows it. */
export interface ListedHook {
  readonly key: string
  readonly eventName: string
  readonly handlerType: string
  readonly command: string | null
  /** What it does, whatever its type: the command, where it sends to, what it asks, calls or runs. */
  readonly action: string | null
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

export interface HookListing {
  readonly hooks: readonly ListedHook[]
  readonly problems: readonly Omit<Problem, 'place' | 'quiet'>[]
}

/** Which hooks are meant, by their keys. */
export type Chosen = readonly string[] | 'all'

/** What a change of trust did, by key. */
export interface TrustChange {
  readonly changed: readonly string[]
  /** They were as they should be already. */
  readonly unchanged: readonly string[]
}

/** The hooks of a session's surroundings, whether they run or not. */
export interface Hooks {
  list(): Promise<HookListing>
  /** Records that hooks may run as they are now; counts from the next session on. Throws HOOK_NOT_FOUND. */
  trust(chosen: Chosen): Promise<TrustChange>
  /** Takes recorded trust back. Throws HOOK_NOT_FOUND. */
  untrust(chosen: Chosen): Promise<TrustChange>
  /** Makes ready to try hooks on events that nothing has caused. Throws FILE_UNREADABLE and HOOKS_INVALID. */
  rehearse(options: RehearsalOptions): Promise<Rehearsal>
}

/** Provided under the id `default`. */
export const hooksKey = serviceKey<Hooks>('hooks')

const codes = {
  runnable: '',
  untrusted: 'HookUntrusted',
  disabled: 'HookDisabled',
  skipped: 'HookUnusable',
  blocked: 'PolicyDenied',
} as const satisfies Record<HookState, string>

function reasonOf({ state, trust, reason }: HookHandler): ListedHook['reason'] {
  if (reason === undefined) return undefined
  return {
    code: trust === 'modified' && state === 'untrusted' ? 'HookModified' : codes[state],
    message: reason,
  }
}

function actionOf({ work }: HookHandler): string | null {
  switch (work?.type) {
    case 'command':
      return [work.command, ...(work.args ?? [])].join(' ')
    case 'http':
      return `POST ${work.url}`
    case 'prompt':
    case 'agent':
      return work.prompt
    case 'mcp_tool':
      return `${work.server}/${work.tool}`
    case 'script':
      return work.file ?? work.source ?? null
    case undefined:
      return null
  }
}

/** A handler in the words of the list. */
function listed(handler: HookHandler): ListedHook {
  const { source, event } = handler
  const reason = reasonOf(handler)
  const action = actionOf(handler)
  return {
    key: handler.key,
    eventName: `${event.charAt(0).toLowerCase()}${event.slice(1)}`,
    handlerType: handler.type,
    command: handler.command === undefined ? null : fillPlaceholders(handler.command, source),
    action: action === null ? null : fillPlaceholders(action, source),
    matcher: handler.matcher ?? null,
    timeoutSec: handler.timeoutSec,
    async: handler.async,
    statusMessage: handler.statusMessage ?? null,
    source: source.kind,
    sourcePath: source.path,
    pluginId: source.bundle?.id ?? null,
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

/** The list for a catalog. */
export function listingOf({ handlers, problems }: Catalog): HookListing {
  return {
    hooks: handlers.map(listed),
    problems: problems.map(({ code, severity, file, pointer, message }) => ({
      code,
      severity,
      file,
      pointer,
      message,
    })),
  }
}
