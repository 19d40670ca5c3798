import { events, type HookEvent } from './events.ts'
import type { Effects, Outcome } from './verdict.ts'

/**
 * What all runs of one firing come to. `block`: the prompt, the request or the output is refused; `continue`: the turn
 * goes on instead of ending; `stop`: the session, the turn or the compaction ends.
 */
export type Decision = 'none' | 'allow' | 'ask' | 'deny' | 'block' | 'continue' | 'stop'

/** The verdict on one firing of an event. */
export interface EventVerdict {
  readonly decision: Decision
  /** Absent where nobody gave one. */
  readonly reason?: string
  readonly updatedInput?: unknown
  readonly updatedOutput?: unknown
  /** What the model is told beside that. */
  readonly context: readonly string[]
  /** What the user is told. */
  readonly systemMessages: readonly string[]
}

/** One run, as far as it bears on the verdict. */
export interface SummedRun {
  readonly outcome: Outcome
  /** Its place in the order of completion. */
  readonly finished: number
  /** Nobody waits for it, so it decides nothing. */
  readonly async: boolean
}

type Runs = readonly SummedRun[]

const has =
  (name: keyof Effects) =>
  ({ outcome }: SummedRun) =>
    outcome.effects[name] !== undefined

function reasonsOf(runs: Runs, ...kinds: readonly string[]): readonly string[] {
  return runs.flatMap(({ outcome }) =>
    outcome.entries.filter(({ kind }) => kinds.includes(kind)).map(({ text }) => text),
  )
}

/** A decision with its reason. */
type Made = Pick<EventVerdict, 'decision' | 'reason'>

function firstOf(runs: Runs, rules: readonly (readonly [keyof Effects, Decision])[]): Made {
  for (const [effect, decision] of rules) {
    const told = runs.find(has(effect))?.outcome.effects[effect]
    if (told !== undefined) return { decision, ...(typeof told === 'string' && { reason: told }) }
  }
  return { decision: 'none' }
}

/** What the model is told in place of an output, or about it. */
function feedbackOf(run: SummedRun): string {
  return run.outcome.effects.feedback ?? reasonsOf([run], 'feedback').join('\n')
}

function ofResult(runs: Runs): Made {
  const ended = firstOf(runs, [['endTurn', 'stop']])
  if (ended.decision !== 'none') return ended
  const by = runs.filter((run) => run.outcome.status === 'blocked' || has('feedback')(run))
  if (by.length === 0) return ended
  return { decision: 'block', reason: by.map(feedbackOf).join('\n\n') }
}

function ofStopping(runs: Runs): Made {
  const ended = firstOf(runs, [['stop', 'stop']])
  if (ended.decision !== 'none') return ended
  const by = runs.filter((run) => has('goOn')(run) || has('prompt')(run))
  if (by.length === 0) return ended
  return { decision: 'continue', reason: reasonsOf(by, 'feedback', 'context').join('\n\n') }
}

function decide(event: HookEvent, runs: Runs): Made {
  switch (events[event].kind) {
    case 'tool':
      return firstOf(runs, [
        ['deny', 'deny'],
        ['ask', 'ask'],
        ['endTurn', 'stop'],
        ['grant', 'allow'],
      ])
    case 'permission':
      return firstOf(runs, [
        ['deny', 'deny'],
        ['grant', 'allow'],
      ])
    case 'prompt':
    case 'request':
      return firstOf(runs, [['deny', 'block']])
    case 'result':
      return ofResult(runs)
    case 'stopping':
      return ofStopping(runs)
    case 'opening':
    case 'compaction':
      return firstOf(runs, [['stop', 'stop']])
    case 'batch':
      return firstOf(runs, [['endTurn', 'stop']])
    case 'denied':
    case 'notice':
      return { decision: 'none' }
  }
}

function lastDone(runs: Runs, name: 'rewrite' | 'output'): Effects | undefined {
  const done = runs.filter(has(name)).toSorted((a, b) => a.finished - b.finished)
  return done.at(-1)?.outcome.effects
}

/** What the runs of one firing come to, in words that are the same for both dialects. */
export function sumUp(event: HookEvent, runs: Runs): EventVerdict {
  const waited = runs.filter(({ async }) => !async)
  const { decision, reason } = decide(event, waited)
  const rewrite = decision === 'deny' ? undefined : lastDone(waited, 'rewrite')?.rewrite
  const output = lastDone(waited, 'output')?.output
  return {
    decision,
    ...(reason !== undefined && reason !== '' && { reason }),
    ...(rewrite && { updatedInput: rewrite.input }),
    ...(output && { updatedOutput: output.value }),
    context: reasonsOf(runs, 'context'),
    systemMessages: reasonsOf(runs, 'warning'),
  }
}
