import { nearest } from 'hookline/kit'
import { events, type HookEvent } from './events.ts'
import type { Path, ProblemList } from './problems.ts'

type Fields = Readonly<Record<string, unknown>>

/** What a handler says of itself. */
export interface HandlerFields {
  readonly type: string
  /** Absent for handlers of other types. */
  readonly command?: string
  readonly timeoutSec: number
  readonly async: boolean
  readonly statusMessage?: string
  /** Tokens of context above which it is cut; 0: never. */
  readonly contextLimit?: number
  /** A failure of the handler refuses the operation. */
  readonly onFailure?: 'block'
  /** Why it cannot run at all. */
  readonly unusable?: string
}

/** Where a handler stands, and where its problems go. */
export interface HandlerPlace {
  readonly event: HookEvent
  readonly path: Path
  readonly problems: ProblemList
}

const handlerKeys = [
  'type',
  'command',
  'commandWindows',
  'timeout',
  'async',
  'statusMessage',
  'additionalContextLimit',
  'onFailure',
]

/** Words of other products, and remarks: without effect here, and no slip of the pen. */
const knownElsewhere = new Set(
  `name description id if once timeoutSec continueOnError continueOnBlock additionalContext suppressOutput
  asyncRewake rewakeMessage rewakeSummary asyncTimeout shell args model url headers allowedEnvVars prompt server
  tool input file source persistent`.split(/\s+/),
)
const likelyMilliseconds = 1000

/** Reports keys that nothing reads; those of other products quietly. */
export function reportKeys(
  table: Fields,
  known: readonly string[],
  { path, problems }: Omit<HandlerPlace, 'event'>,
): void {
  for (const key of Object.keys(table)) {
    if (known.includes(key)) continue
    const at = [...path, key]
    if (knownElsewhere.has(key)) {
      problems.note('HookHandlerInvalid', at, `"${key}" has no effect here`)
    } else problems.warn('HookHandlerInvalid', at, unknownKey(key, known))
  }
}

/** Says that a key is not known, and which one may have been meant. */
export function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known)
  const advice = meant === undefined ? '' : `; did you mean "${meant}"?`
  return `"${key}" is not a known key and is ignored${advice}`
}

function commandOf({ command, commandWindows }: Fields): string | undefined {
  if (process.platform === 'win32' && typeof commandWindows === 'string') return commandWindows
  return typeof command === 'string' ? command : undefined
}

function whyUnusable(
  type: string,
  command: string | undefined,
  { event, path, problems }: HandlerPlace,
): string | undefined {
  if (type !== 'command') {
    const message = `hooks of type "${type}" cannot run here; this one of ${event} is left out`
    problems.warn('HookTypeUnsupported', path, message)
    return `nothing runs hooks of type "${type}"`
  }
  if (command !== undefined && command.trim() !== '') return undefined
  const message = `a command hook of ${event} has no command; it is left out`
  problems.warn('HookHandlerInvalid', path, message)
  return 'it has no command'
}

function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0
    ? seconds
    : undefined
}

function readTimeout(value: unknown, { event, path, problems }: HandlerPlace): number {
  const fallback = events[event].timeoutSec
  if (value === undefined || value === null) return fallback
  const at = [...path, 'timeout']
  const seconds = secondsOf(value)
  if (seconds === undefined) {
    const message = `a timeout of ${event} is not a number of seconds; ${fallback} s are used`
    problems.warn('HookHandlerInvalid', at, message)
    return fallback
  }
  const whole = Math.max(1, Math.ceil(seconds))
  if (typeof value === 'string' || !Number.isInteger(seconds)) {
    const message = `a timeout of ${event} is taken as ${whole} whole seconds`
    problems.warn('HookHandlerInvalid', at, message)
  }
  if (whole >= likelyMilliseconds) {
    const message = `a timeout of ${event} is ${whole} seconds; timeouts are seconds, not milliseconds`
    problems.warn('HookTimeoutSuspicious', at, message)
  }
  return whole
}

function readLimit(value: unknown, { path, problems }: HandlerPlace): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  const message = 'additionalContextLimit is not a whole number of tokens and is ignored'
  problems.warn('HookHandlerInvalid', [...path, 'additionalContextLimit'], message)
  return undefined
}

function readOnFailure(value: unknown, { path, problems }: HandlerPlace): 'block' | undefined {
  if (value === 'block') return value
  if (value !== undefined && value !== 'continue') {
    const message = 'onFailure is neither "block" nor "continue" and is ignored'
    problems.warn('HookHandlerInvalid', [...path, 'onFailure'], message)
  }
  return undefined
}

/** Reads the fields of a handler whose type is known to be text. What cannot be used is told, and the rest counts. */
export function readHandlerFields(
  type: string,
  handler: Fields,
  place: HandlerPlace,
): HandlerFields {
  if (type === 'command') reportKeys(handler, handlerKeys, place)
  const command = commandOf(handler)
  const unusable = whyUnusable(type, command, place)
  const contextLimit = readLimit(handler['additionalContextLimit'], place)
  const onFailure = readOnFailure(handler['onFailure'], place)
  const { statusMessage } = handler
  return {
    type,
    timeoutSec: readTimeout(handler['timeout'], place),
    async: handler['async'] === true,
    ...(command !== undefined && { command }),
    ...(typeof statusMessage === 'string' && { statusMessage }),
    ...(contextLimit !== undefined && { contextLimit }),
    ...(onFailure && { onFailure }),
    ...(unusable !== undefined && { unusable }),
  }
}
