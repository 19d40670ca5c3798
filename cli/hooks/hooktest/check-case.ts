import { isDeepStrictEqual } from 'node:util'
import { events, type HookEvent } from '../../../plugins/command-hooks/events.ts'
import type { Decision, EventVerdict } from '../../../plugins/command-hooks/sum-up.ts'
import type { Expected, TextMatcher } from './hooktest-schema.ts'

/** What a case came to. */
export interface CaseResult {
  readonly verdict: EventVerdict
  /** The status of each run, in the order of configuration. */
  readonly statuses: readonly string[]
  /** The text of a file in the folder of the case; undefined where there is none. */
  readonly fileText: (path: string) => string | undefined
}

/** The word of the wire for an event, where it has another one here. */
function canonical(decision: Decision, event: HookEvent): Decision {
  if (decision !== 'block') return decision
  switch (events[event].kind) {
    case 'tool':
    case 'permission':
      return 'deny'
    case 'stopping':
      return 'continue'
    case 'opening':
    case 'compaction':
    case 'batch':
      return 'stop'
    default:
      return decision
  }
}

const quoted = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value))

function textFault(what: string, matcher: TextMatcher | null, text: string | undefined) {
  if (matcher === null)
    return text === undefined ? [] : [`${what}: expected none, got ${quoted(text)}`]
  if (typeof matcher === 'string') {
    return text === matcher ? [] : [`${what}: expected ${quoted(matcher)}, got ${quoted(text)}`]
  }
  if ('contains' in matcher) {
    if (text?.includes(matcher.contains)) return []
    return [`${what}: expected it to contain ${quoted(matcher.contains)}, got ${quoted(text)}`]
  }
  if (text !== undefined && new RegExp(matcher.match, 'u').test(text)) return []
  return [`${what}: expected it to match /${matcher.match}/, got ${quoted(text)}`]
}

const joined = (texts: readonly string[]) => (texts.length === 0 ? undefined : texts.join('\n\n'))

function textFaults(expected: Expected, { verdict, fileText }: CaseResult): readonly string[] {
  const { reason, context, systemMessage, files = {} } = expected
  return [
    ...(reason === undefined ? [] : textFault('reason', reason, verdict.reason)),
    ...(context === undefined ? [] : textFault('context', context, joined(verdict.context))),
    ...(systemMessage === undefined
      ? []
      : textFault('systemMessage', systemMessage, joined(verdict.systemMessages))),
    ...Object.entries(files).flatMap(([path, matcher]) =>
      textFault(`file ${path}`, matcher, fileText(path)),
    ),
  ]
}

function same(what: string, expected: unknown, actual: unknown): readonly string[] {
  if (isDeepStrictEqual(expected, actual)) return []
  return [`${what}: expected ${quoted(expected)}, got ${quoted(actual)}`]
}

/** What is not as it was expected, a line for each; empty: the case passes. */
export function checkCase(
  expected: Expected,
  event: HookEvent,
  result: CaseResult,
): readonly string[] {
  const { decision, updatedInput, status, runs } = expected
  const { verdict, statuses } = result
  return [
    ...(decision === undefined
      ? []
      : same('decision', canonical(decision, event), verdict.decision)),
    ...('updatedInput' in expected
      ? same('updatedInput', updatedInput ?? undefined, verdict.updatedInput)
      : []),
    ...(status === undefined ? [] : same('status', status, statuses)),
    ...(runs === undefined ? [] : same('runs', runs, statuses.length)),
    ...textFaults(expected, result),
  ]
}
