import { clipped, textTable } from '../../render/text-table.ts'
import { visible } from '../../render/visible.ts'
import type { FoundSession } from './read-session.ts'
import { hadEffect, type Replay, type ReplayedFiring } from './replay-session.ts'

const longestSubject = 48
const longestWhat = 100

function effectOf({ verdict, failures }: ReplayedFiring): string {
  const { decision, reason, updatedInput, updatedOutput, context } = verdict
  const parts = [
    ...(decision === 'none' ? [] : [reason === undefined ? decision : `${decision}: ${reason}`]),
    ...(updatedInput === undefined ? [] : [`input ${JSON.stringify(updatedInput)}`]),
    ...(updatedOutput === undefined ? [] : [`output ${JSON.stringify(updatedOutput)}`]),
    ...context.map((text) => `adds ${text}`),
    ...failures.map((text) => `failed: ${text}`),
  ]
  return parts.length === 0 ? '-' : parts.join('; ')
}

function row(firing: ReplayedFiring): readonly string[] {
  const { line, event, tool, subject } = firing
  return [
    String(line),
    event,
    tool ?? '',
    clipped(subject, longestSubject),
    clipped(effectOf(firing), longestWhat),
  ]
}

const some = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`

/** The replay as lines for people: what hooks made a difference to, or everything. */
export function replayLines(
  session: FoundSession,
  { firings, counts }: Replay,
  isVerbose: boolean,
): readonly string[] {
  const shown = firings.filter((firing) => isVerbose || hadEffect(firing))
  const table =
    shown.length === 0
      ? []
      : textTable([['line', 'event', 'tool', 'about', 'hooks'], ...shown.map(row)])
  const torn = session.torn.length
  return [
    ...table,
    ...(torn === 0 ? [] : [`${some(torn, 'line')} cannot be read: ${session.torn.join(', ')}`]),
    visible(`${some(counts.calls, 'call')} in ${session.file}`),
    [
      `hooks ran for ${counts.matched} of ${some(counts.firings, 'event')}`,
      `${counts.refused} refused`,
      `${counts.asked} asked`,
      `${counts.rewritten} rewritten`,
      `${counts.added} with context added`,
      some(counts.failedRuns, 'failed run'),
    ].join(', '),
  ]
}

/** The replay as a document for programs. */
export function replayDocument(session: FoundSession, { firings, counts }: Replay) {
  const { file, format, sessionId = null, torn } = session
  return { file, format, sessionId, counts, torn, firings }
}
