import type { Taps, TapCall, TapOptions, ToolBatch, ToolOutcome } from 'hookline'
import type { BackgroundTasks } from './background-tasks.ts'
import { maxContinuations } from './dialect.ts'
import type { Dispatch } from './dispatch.ts'
import type { HookEvent } from './events.ts'
import {
  checkResponse,
  contextOf,
  foldBatch,
  foldChildOpening,
  foldChildStop,
  foldCompaction,
  foldDenial,
  foldObjection,
  foldOpening,
  foldOutcome,
  foldPermission,
  foldPrompt,
  foldRequest,
  foldStop,
  foldTool,
  isExhausted,
  isMisshapen,
  type HookRun,
} from './fold.ts'
import type { Occasion } from './input.ts'
import { tapInstructions } from './instruction-files.ts'
import { occasions, type StopFacts } from './occasions.ts'

/** What the taps of a session share. */
export interface TapParts {
  readonly dispatch: Dispatch
  readonly session: StopFacts['session']
  /** Tells the model, at the next opportunity. */
  readonly tell: (text: string) => void
}

interface Bound extends TapParts {
  readonly tasks: BackgroundTasks
}

type Binding = (hooks: Taps, bound: Bound) => void

/** Every handler has a time limit of its own. */
function own(event: HookEvent): TapOptions {
  return { name: event, limit: 'own' }
}

/** A tap that hands on what the runs made of the value; without a run it leaves the value alone. */
function refining<Value>(
  { dispatch }: Bound,
  occasion: (value: Value) => Occasion | undefined,
  combine: (value: Value, runs: readonly HookRun[], call: TapCall) => Value,
) {
  return async (value: Value, call: TapCall): Promise<Value | undefined> => {
    const fitting = occasion(value)
    const runs = fitting ? await dispatch.run(fitting, call) : []
    return runs.length === 0 ? undefined : combine(value, runs, call)
  }
}

/** A tap that only tells. */
function telling<Value>({ dispatch }: Bound, occasion: (value: Value) => Occasion | undefined) {
  return async (value: Value, call: TapCall): Promise<void> => {
    const fitting = occasion(value)
    if (fitting) await dispatch.run(fitting, call)
  }
}

function tellOutcome(outcome: ToolOutcome, runs: readonly HookRun[], call: TapCall): ToolOutcome {
  if (isMisshapen(outcome, runs)) call.log.warn(misshapen(outcome.call.toolName))
  return foldOutcome(outcome, runs)
}

const misshapen = (tool: string) =>
  `a hook wants to replace the output of ${tool}, but not in the form of that tool; the output stays`

const exhausted = `stop hooks made this turn go on ${maxContinuations} times already; it ends now, whatever they say`

/** How each event of a hooks file is bound to a hook point: a row an event. */
const bindings: Readonly<Record<HookEvent, Binding>> = {
  SessionStart: ({ sessionStart }, bound) =>
    sessionStart.tap(own('SessionStart'), refining(bound, occasions.SessionStart, foldOpening)),
  InstructionsLoaded: ({ instructions }, { dispatch, session }) =>
    tapInstructions(instructions, dispatch, session.home),
  UserPromptSubmit: ({ userPromptSubmit }, bound) =>
    userPromptSubmit.tap(
      own('UserPromptSubmit'),
      refining(bound, occasions.UserPromptSubmit, foldPrompt),
    ),
  PreModelRequest: ({ modelRequest }, bound) =>
    modelRequest.tap(
      { ...own('PreModelRequest'), onFailure: 'closed' },
      refining(bound, occasions.PreModelRequest, foldRequest),
    ),
  PostModelRequest: ({ modelResponse }, { dispatch }) =>
    modelResponse.tap(own('PostModelRequest'), async (response, call) =>
      checkResponse(await dispatch.run(occasions.PostModelRequest(response), call)),
    ),
  PreToolUse: ({ preToolUse }, bound) =>
    preToolUse.tap(own('PreToolUse'), refining(bound, occasions.PreToolUse, foldTool)),
  PermissionRequest: ({ permissionRequest }, bound) =>
    permissionRequest.tap(
      own('PermissionRequest'),
      refining(bound, occasions.PermissionRequest, foldPermission),
    ),
  PermissionDenied: ({ permissionDenied }, bound) =>
    permissionDenied.tap(
      own('PermissionDenied'),
      refining(bound, occasions.PermissionDenied, foldDenial),
    ),
  PostToolUse: ({ postToolUse }, bound) =>
    postToolUse.tap(own('PostToolUse'), refining(bound, ofResult, tellOutcome)),
  PostToolUseFailure: ({ postToolUse }, bound) =>
    postToolUse.tap(
      own('PostToolUseFailure'),
      refining(bound, ofFailure, (outcome, runs) => foldOutcome(outcome, runs)),
    ),
  PostToolBatch: ({ toolBatch }, bound) =>
    toolBatch.tap(own('PostToolBatch'), refining(bound, ofBatch, foldBatch)),
  PreCompact: ({ preCompact }, { dispatch }) =>
    preCompact.tap(own('PreCompact'), async (request, call) => {
      const runs = await dispatch.run(occasions.PreCompact(request), call)
      const objection = foldObjection(runs)
      if (!objection) for (const text of contextOf(runs)) request.instruct?.(text)
      return objection
    }),
  PostCompact: ({ postCompact }, bound) =>
    postCompact.tap(own('PostCompact'), refining(bound, occasions.PostCompact, foldCompaction)),
  SubagentStart: ({ subagentStart }, bound) =>
    subagentStart.tap(
      own('SubagentStart'),
      refining(bound, occasions.SubagentStart, foldChildOpening),
    ),
  SubagentStop: ({ subagentStop }, bound) =>
    subagentStop.tap(
      own('SubagentStop'),
      refining(
        bound,
        (stop) =>
          occasions.SubagentStop(stop, { session: bound.session, tasks: bound.tasks.list() }),
        (stop, runs, call) => {
          if (isExhausted(stop.gate, runs)) call.log.warn(exhausted)
          return foldChildStop(stop, runs)
        },
      ),
    ),
  Stop: ({ stop }, bound) =>
    stop.tap(
      own('Stop'),
      refining(
        bound,
        (gate) => occasions.Stop(gate, bound.tasks.list()),
        (gate, runs, call) => {
          if (isExhausted(gate, runs)) call.log.warn(exhausted)
          return foldStop(gate, runs)
        },
      ),
    ),
  StopFailure: ({ turnEnd }, bound) =>
    turnEnd.tap(
      own('StopFailure'),
      telling(bound, (record) =>
        record.outcome === 'failed' ? occasions.StopFailure(record) : undefined,
      ),
    ),
  Interrupt: ({ interrupt }, bound) =>
    interrupt.tap(own('Interrupt'), telling(bound, occasions.Interrupt)),
  Notification: ({ notification }, { dispatch, tell }) =>
    notification.tap(own('Notification'), async (told, call) => {
      for (const text of contextOf(await dispatch.run(occasions.Notification(told), call)))
        tell(text)
    }),
  SessionEnd: ({ sessionEnd }, bound) =>
    sessionEnd.tap(own('SessionEnd'), telling(bound, occasions.SessionEnd)),
}

/** A call that failed before it had a result has none to show: PostToolUseFailure tells of it. */
function ofResult(outcome: ToolOutcome): Occasion | undefined {
  const { failed, withoutResult, delegated } = outcome
  return failed && (withoutResult || delegated) ? undefined : occasions.PostToolUse(outcome)
}

function ofFailure(outcome: ToolOutcome): Occasion | undefined {
  if (!outcome.failed) return undefined
  const occasion = occasions.PostToolUseFailure(outcome)
  // The codex dialect is told of a failure that has a result by PostToolUse.
  return ofResult(outcome) ? { ...occasion, only: 'claude' } : occasion
}

/** Calls that no tool could be asked about leave nothing to tell. */
function ofBatch(batch: ToolBatch): Occasion | undefined {
  return batch.outcomes.length > 0 ? occasions.PostToolBatch(batch) : undefined
}

/** Taps the hook points of the events that have a handler, and no others. */
export function bindEvents(hooks: Taps, parts: TapParts, tasks: BackgroundTasks): void {
  const wanted = parts.dispatch.events()
  if (wanted.includes('Stop') || wanted.includes('SubagentStop'))
    hooks.event.tap('background tasks', (event) => tasks.follow(event))
  for (const event of wanted) bindings[event](hooks, { ...parts, tasks })
}
