import { nearest } from 'hookline/kit'
import { events } from './events.ts'
import type { Fields, HandlerPlace } from './handler-place.ts'
import { isWorkType, readWork, workKeys, type Work } from './handler-work.ts'
import { compileFilter } from './permission-filter.ts'

export type { HandlerPlace } from './handler-place.ts'

/** What a handler says of itself. */
export interface HandlerFields {
  readonly type: string
  /** What it does when it runs; absent where it cannot run. */
  readonly work?: Work
  /** Absent for handlers of other types. */
  readonly command?: string
  readonly timeoutSec: number
  readonly async: boolean
  /** Asynchronous, and tells the model why where it ends with exit code 2. Counts only where the dialect says so. */
  readonly rewake?: { readonly message?: string }
  /** Runs at its first occasion only. Counts only where the dialect says so. */
  readonly once?: true
  /** A permission rule: it runs for calls that the rule is about. Counts only where the dialect says so. */
  readonly condition?: string
  readonly statusMessage?: string
  /** Tokens of context above which it is cut; 0: never. */
  readonly contextLimit?: number
  /** A failure of the handler refuses the operation. */
  readonly onFailure?: 'block'
  /** What would end the turn after a call is told to the model instead. */
  readonly continueOnBlock?: true
  /** Why it cannot run at all. */
  readonly unusable?: string
}

const commonKeys = [
  'type',
  'timeout',
  'async',
  'asyncRewake',
  'rewakeMessage',
  'once',
  'if',
  'statusMessage',
  'additionalContextLimit',
  'onFailure',
  'continueOnBlock',
]

/** Words of other products and of other types, and remarks: without effect here, and no slip of the pen. */
const knownElsewhere = new Set(
  `name description id timeoutSec continueOnError additionalContext suppressOutput rewakeSummary
  asyncTimeout command commandWindows shell args persistent model url headers allowedEnvVars prompt server tool input
  file source timeoutMs memoryMiB`.split(/\s+/),
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

function workOf(
  type: string,
  fields: Fields,
  { event, path, problems }: HandlerPlace,
): Pick<HandlerFields, 'work' | 'command' | 'unusable'> {
  if (!isWorkType(type)) {
    const message = `hooks of type "${type}" cannot run here; this one of ${event} is left out`
    problems.warn('HookTypeUnsupported', path, message)
    return { unusable: `nothing runs hooks of type "${type}"` }
  }
  const read = readWork(type, fields)
  if ('work' in read)
    return { work: read.work, ...(read.work.type === 'command' && { command: read.work.command }) }
  const message = `a ${type} hook of ${event} ${read.fault}; it is left out`
  problems.warn('HookHandlerInvalid', path, message)
  return { unusable: `it ${read.fault}` }
}

function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0
    ? seconds
    : undefined
}

/** Seconds, where neither the handler nor its event wants less. */
const defaultSeconds: Readonly<Record<string, number>> = { prompt: 30, agent: 60, script: 1 }

/** Scripts count in milliseconds. */
function ownSeconds(type: string, fields: Fields): unknown {
  const { timeout, timeoutMs } = fields
  return type === 'script' && typeof timeoutMs === 'number' ? Math.ceil(timeoutMs / 1000) : timeout
}

function readTimeout(type: string, fields: Fields, place: HandlerPlace): number {
  const { event, path, problems } = place
  const value = ownSeconds(type, fields)
  const fallback = Math.min(events[event].timeoutSec, defaultSeconds[type] ?? Infinity)
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

function readCondition(value: unknown, place: HandlerPlace): string | undefined {
  if (value === undefined || value === null) return undefined
  const { event, path, problems } = place
  const at = [...path, 'if']
  if (typeof value !== 'string' || compileFilter(value) === undefined) {
    const message = `an "if" of ${event} is no permission rule such as "Bash(git *)", and is ignored`
    problems.warn('HookHandlerInvalid', at, message)
    return undefined
  }
  if (events[event].matches === 'tool') return value
  problems.warn('HookHandlerInvalid', at, `an "if" has no effect on ${event}: it is about no call`)
  return undefined
}

function readRewake(fields: Fields): HandlerFields['rewake'] {
  if (fields['asyncRewake'] !== true) return undefined
  const message = fields['rewakeMessage']
  return typeof message === 'string' ? { message } : {}
}

function reportIdle(fields: HandlerFields, { event, path, problems }: HandlerPlace): void {
  if (!fields.async || fields.onFailure === undefined) return
  const message = `nobody waits for an asynchronous hook, so onFailure of this one of ${event} has no effect`
  problems.warn('HookHandlerInvalid', [...path, 'onFailure'], message)
}

/** Reads the fields of a handler whose type is known to be text. What cannot be used is told, and the rest counts. */
export function readHandlerFields(
  type: string,
  handler: Fields,
  place: HandlerPlace,
): HandlerFields {
  if (isWorkType(type)) reportKeys(handler, [...commonKeys, ...workKeys(type)], place)
  const work = workOf(type, handler, place)
  const contextLimit = readLimit(handler['additionalContextLimit'], place)
  const onFailure = readOnFailure(handler['onFailure'], place)
  const condition = readCondition(handler['if'], place)
  const rewake = readRewake(handler)
  const { statusMessage } = handler
  const fields: HandlerFields = {
    type,
    timeoutSec: readTimeout(type, handler, place),
    async: handler['async'] === true,
    ...work,
    ...(rewake && { rewake }),
    ...(handler['once'] === true && { once: true }),
    ...(condition !== undefined && { condition }),
    ...(typeof statusMessage === 'string' && { statusMessage }),
    ...(contextLimit !== undefined && { contextLimit }),
    ...(onFailure && { onFailure }),
    ...(handler['continueOnBlock'] === true && { continueOnBlock: true }),
  }
  reportIdle(fields, place)
  return fields
}
