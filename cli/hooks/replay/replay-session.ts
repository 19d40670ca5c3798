import type { HookEvent } from '../../../plugins/command-hooks/events.ts'
import type { Firing, Rehearsed, Rehearsal } from '../../../plugins/command-hooks/rehearsal.ts'
import type { Decision, EventVerdict } from '../../../plugins/command-hooks/sum-up.ts'
import { sampleInput } from '../sample-input.ts'
import type { FoundSession } from './read-session.ts'
import type { RecordedCall, RecordedStep } from './recorded-session.ts'

/** What hooks said to one firing. */
export interface ReplayedFiring {
  readonly line: number
  readonly event: HookEvent
  readonly tool?: string
  /** What the event is about, in short: a command, a prompt, the input of a tool. */
  readonly subject: string
  readonly runs: number
  /** What went wrong in hooks, a text for each failed run. */
  readonly failures: readonly string[]
  readonly verdict: EventVerdict
}

/** How often what happened. */
export interface ReplayCounts {
  readonly calls: number
  readonly firings: number
  /** Firings for which a hook ran. */
  readonly matched: number
  readonly refused: number
  readonly asked: number
  readonly rewritten: number
  /** Firings that the model would have been told something at. */
  readonly added: number
  readonly failedRuns: number
}

export interface Replay {
  readonly firings: readonly ReplayedFiring[]
  readonly counts: ReplayCounts
}

/** The events that a replay can fire. */
export const replayEvents = [
  'UserPromptSubmit',
  'PreToolUse',
  'PostToolUse',
  'PostToolUseFailure',
  'Stop',
] as const satisfies readonly HookEvent[]
export type ReplayEvent = (typeof replayEvents)[number]

/** The events of tool calls: what is fired where nothing else is asked for. */
export const callEvents: readonly ReplayEvent[] = [
  'PreToolUse',
  'PostToolUse',
  'PostToolUseFailure',
]

const isRefused = (decision: Decision) => !['none', 'allow', 'ask'].includes(decision)

function subjectOf({ what }: RecordedStep): string {
  if (what.type === 'prompt') return what.text
  if (what.type === 'end') return what.lastMessage ?? ''
  const { input } = what
  const isCommand = typeof input === 'object' && input !== null && 'command' in input
  return isCommand && typeof input.command === 'string'
    ? input.command
    : (JSON.stringify(input) ?? '')
}

type Fields = Readonly<Record<string, unknown>>

function sessionFields(step: RecordedStep, { sessionId, file }: FoundSession): Fields {
  return {
    transcript_path: file,
    ...(sessionId !== undefined && { session_id: sessionId }),
    ...(step.turnId !== undefined && { turn_id: step.turnId, prompt_id: step.turnId }),
    ...(step.model !== undefined && { model: step.model }),
    ...(step.cwd !== undefined && { cwd: step.cwd }),
  }
}

function ofCall({ id, toolName, input }: RecordedCall): Fields {
  return { tool_name: toolName, tool_input: input, tool_use_id: id }
}

function before(call: RecordedCall): readonly Firing[] {
  return [{ event: 'PreToolUse', input: ofCall(call), aliases: call.aliases }]
}

/** The claude dialect has an event of its own for what failed. */
function after(call: RecordedCall): readonly Firing[] {
  const { result, aliases } = call
  if (!result) return []
  const { response, failed } = result
  const post: Firing = {
    event: 'PostToolUse',
    input: { ...ofCall(call), tool_response: response },
    aliases,
    ...(failed && { only: 'codex' }),
  }
  if (!failed) return [post]
  const error = typeof response === 'string' ? response : JSON.stringify(response)
  const input = { ...ofCall(call), error, is_interrupt: false }
  return [post, { event: 'PostToolUseFailure', input, aliases, only: 'claude' }]
}

/** Gives what is recorded to hooks, step by step, and keeps what they say. No tool is run. */
class Player {
  readonly firings: ReplayedFiring[] = []
  readonly #rehearsal: Rehearsal
  readonly #session: FoundSession
  readonly #options: ReplayOptions

  constructor(rehearsal: Rehearsal, session: FoundSession, options: ReplayOptions) {
    this.#rehearsal = rehearsal
    this.#session = session
    this.#options = options
  }

  async play(step: RecordedStep): Promise<void> {
    const { what } = step
    switch (what.type) {
      case 'prompt':
        await this.#fire(step, [{ event: 'UserPromptSubmit', input: { prompt: what.text } }])
        return
      case 'end': {
        const input = { ...sampleInput('Stop'), last_assistant_message: what.lastMessage ?? null }
        await this.#fire(step, [{ event: 'Stop', input }])
        return
      }
      case 'call': {
        const verdicts = await this.#fire(step, before(what))
        // What would not have run, or would have run with another input, has no result to look at.
        const ranAsRecorded = verdicts.every(
          ({ decision, updatedInput }) => decision !== 'deny' && updatedInput === undefined,
        )
        if (ranAsRecorded) await this.#fire(step, after(what))
      }
    }
  }

  async #fire(step: RecordedStep, firings: readonly Firing[]): Promise<readonly EventVerdict[]> {
    const { events, signal } = this.#options
    const verdicts: EventVerdict[] = []
    for (const firing of firings) {
      if (!events.some((event) => event === firing.event) || signal?.aborted) continue
      const input = { ...sessionFields(step, this.#session), ...firing.input }
      const rehearsed = await this.#rehearsal.run({ ...firing, input, ...(signal && { signal }) })
      verdicts.push(rehearsed.verdict)
      this.firings.push(replayed(step, firing.event, rehearsed))
    }
    return verdicts
  }
}

function replayed(
  step: RecordedStep,
  event: HookEvent,
  { runs, verdict }: Rehearsed,
): ReplayedFiring {
  return {
    line: step.line,
    event,
    ...(step.what.type === 'call' && { tool: step.what.toolName }),
    subject: subjectOf(step),
    runs: runs.length,
    failures: runs.flatMap(({ outcome: { status, entries } }) =>
      status === 'failed'
        ? [entries.find(({ kind }) => kind === 'error')?.text ?? 'it failed']
        : [],
    ),
    verdict,
  }
}

function count(session: FoundSession, firings: readonly ReplayedFiring[]): ReplayCounts {
  const number = (is: (firing: ReplayedFiring) => boolean) => firings.filter(is).length
  return {
    calls: session.steps.filter(({ what }) => what.type === 'call').length,
    firings: firings.length,
    matched: number(({ runs }) => runs > 0),
    refused: number(({ verdict }) => isRefused(verdict.decision)),
    asked: number(({ verdict }) => verdict.decision === 'ask'),
    rewritten: number(
      ({ verdict }) => verdict.updatedInput !== undefined || verdict.updatedOutput !== undefined,
    ),
    added: number(({ verdict }) => verdict.context.length > 0),
    failedRuns: firings.reduce((sum, { failures }) => sum + failures.length, 0),
  }
}

/** What a replay fires, and what ends it early. */
export interface ReplayOptions {
  readonly events: readonly ReplayEvent[]
  readonly signal?: AbortSignal
}

/** Gives a recorded session to hooks. No tool is run; the hooks are. */
export async function replaySession(
  rehearsal: Rehearsal,
  session: FoundSession,
  options: ReplayOptions,
): Promise<Replay> {
  const player = new Player(rehearsal, session, options)
  for (const step of session.steps) {
    if (options.signal?.aborted) break
    await player.play(step)
  }
  return { firings: player.firings, counts: count(session, player.firings) }
}

/** True when hooks made a difference, or tried to. */
export function hadEffect({ verdict, failures }: ReplayedFiring): boolean {
  const { decision, updatedInput, updatedOutput, context } = verdict
  return (
    decision !== 'none' ||
    updatedInput !== undefined ||
    updatedOutput !== undefined ||
    context.length > 0 ||
    failures.length > 0
  )
}
