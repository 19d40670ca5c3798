import type { SessionEvent, ThreadItem } from 'hookline'
import { firstGreeting } from './project.ts'
import type { Tour } from './run-tour.ts'

/** One point of the tour: whether it really happened, and by what that is seen. */
export interface Fact {
  readonly id: 'context' | 'sandbox' | 'confined' | 'refused' | 'patch' | 'stop'
  readonly ok: boolean
  /** What should have happened. */
  readonly title: string
  /** What was seen, or what was missing. */
  readonly seen: string
}

type ItemOf<Type extends ThreadItem['type']> = Extract<ThreadItem, { readonly type: Type }>
type Evidence = Pick<Tour, 'events' | 'traces' | 'project'>

function itemsOf<Type extends ThreadItem['type']>(
  events: readonly SessionEvent[],
  type: Type,
): readonly ItemOf<Type>[] {
  return events
    .filter((event) => event.type === 'item_completed')
    .map(({ item }) => item)
    .filter((item): item is ItemOf<Type> => item.type === type)
}

function hookRuns(events: readonly SessionEvent[], event: string): readonly ItemOf<'hook_run'>[] {
  return itemsOf(events, 'hook_run').filter((run) => run.event === event)
}

function entryOf(run: ItemOf<'hook_run'> | undefined, kind: string): string | undefined {
  return run?.entries.find((entry) => entry.kind === kind)?.text.trim()
}

type Finding = Pick<Fact, 'ok' | 'seen'>

function missing(seen: string): Finding {
  return { ok: false, seen }
}

function contextFact({ events }: Evidence): Finding {
  const context = entryOf(hookRuns(events, 'SessionStart')[0], 'context')
  if (context === undefined) return missing('no SessionStart hook added anything')
  const quoted = itemsOf(events, 'agent_message').some(({ text }) => text.includes(context))
  return quoted ? { ok: true, seen: context } : missing(`the model never spoke of: ${context}`)
}

function sandboxFact({ events, traces }: Evidence): Finding {
  const { ownNamespace } = traces
  const ran = itemsOf(events, 'command_execution').find(({ status }) => status === 'completed')
  if (!ran) return missing('no command ran to its end')
  const inside = /^(pid:\[\d+\]|no \/proc)$/m.exec(ran.aggregatedOutput)?.[1]
  if (inside === undefined || ownNamespace === undefined)
    return missing('it does not say where it ran')
  if (inside === ownNamespace) return missing(`it ran unconfined, in ${inside}`)
  return { ok: true, seen: `its processes were in ${inside}, hookline is in ${ownNamespace}` }
}

function confinedFact({ events, traces }: Evidence): Finding {
  const { outside, outsideBefore } = traces
  if (outside !== outsideBefore) return missing('the file outside of the project was written')
  const refused = itemsOf(events, 'command_execution').find((item) => item.declinedBy === 'sandbox')
  if (!refused) return missing('the sandbox refused nothing')
  return { ok: true, seen: refused.reason ?? 'no reason was given' }
}

function refusedFact({ events, traces }: Evidence): Finding {
  const blocked = hookRuns(events, 'PreToolUse').find(({ status }) => status === 'blocked')
  const refused = itemsOf(events, 'command_execution').find((item) => item.declinedBy === 'hook')
  if (!blocked || !refused) return missing('no hook refused a command')
  if (traces.treasure === undefined) return missing('the command ran all the same')
  return { ok: true, seen: entryOf(blocked, 'feedback') ?? refused.reason ?? 'no reason was given' }
}

function patchFact({ events, traces, project }: Evidence): Finding {
  const changed = itemsOf(events, 'file_change').find(
    ({ status, changes }) =>
      status === 'completed' && changes.some(({ path }) => path === project.greeting),
  )
  if (!changed) return missing('no patch was applied')
  const { greeting } = traces
  if (greeting === undefined || greeting === firstGreeting) return missing('the file is as it was')
  return { ok: true, seen: `greeting.txt now says: ${greeting.trim()}` }
}

function stopFact({ events, traces }: Evidence): Finding {
  const runs = hookRuns(events, 'Stop')
  const [first, second] = runs
  if (first?.status !== 'blocked') return missing('no Stop hook wanted the model to go on')
  if (traces.notes === undefined) return missing('NOTES.md was not written')
  const ended = events.some(({ type }) => type === 'turn_completed')
  if (runs.length !== 2 || second?.status !== 'completed' || !ended) {
    return missing('the model did not come to its end after that')
  }
  return { ok: true, seen: entryOf(first, 'feedback') ?? 'no reason was given' }
}

const points: readonly (readonly [Fact['id'], string, (evidence: Evidence) => Finding])[] = [
  ['context', 'A SessionStart hook told the model something', contextFact],
  ['sandbox', 'A command ran in the sandbox', sandboxFact],
  ['confined', 'A write outside of the project was refused by the sandbox', confinedFact],
  ['refused', 'A command was refused by a PreToolUse hook', refusedFact],
  ['patch', 'A patch was applied', patchFact],
  ['stop', 'A Stop hook made the model go on once', stopFact],
]

/** Finds out what of the tour really happened, from its events and from the files it left. */
export function factsOf(evidence: Evidence): readonly Fact[] {
  return points.map(([id, title, find]) => ({ id, title, ...find(evidence) }))
}
