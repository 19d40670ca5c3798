import type { TapCall, TapOptions, Taps } from 'hookline'
import { maxContinuations } from './dialect.ts'
import type { Dispatch } from './dispatch.ts'
import type { HookEvent } from './events.ts'
import {
  foldChildOpening,
  foldChildStop,
  foldObjection,
  foldOpening,
  foldOutcome,
  foldPermission,
  foldPrompt,
  foldStop,
  foldTool,
  isExhausted,
  type HookRun,
} from './fold.ts'
import type { Occasion } from './input.ts'
import { occasions } from './occasions.ts'

type Binding = (hooks: Taps, dispatch: Dispatch) => void

/** Every handler has a time limit of its own. */
function own(event: HookEvent): TapOptions {
  return { name: event, limit: 'own' }
}

/** A tap that hands on what the runs made of the value; without a run it leaves the value alone. */
function refining<Value>(
  dispatch: Dispatch,
  occasion: (value: Value) => Occasion,
  combine: (value: Value, runs: readonly HookRun[], call: TapCall) => Value,
) {
  return async (value: Value, call: TapCall): Promise<Value | undefined> => {
    const runs = await dispatch.run(occasion(value), call)
    return runs.length === 0 ? undefined : combine(value, runs, call)
  }
}

/** How each event of a hooks file is bound to a hook point: a row an event. Events without a row never run. */
const bindings: Readonly<Partial<Record<HookEvent, Binding>>> = {
  SessionStart: ({ sessionStart }, dispatch) =>
    sessionStart.tap(own('SessionStart'), refining(dispatch, occasions.SessionStart, foldOpening)),
  UserPromptSubmit: ({ userPromptSubmit }, dispatch) =>
    userPromptSubmit.tap(
      own('UserPromptSubmit'),
      refining(dispatch, occasions.UserPromptSubmit, foldPrompt),
    ),
  PreToolUse: ({ preToolUse }, dispatch) =>
    preToolUse.tap(own('PreToolUse'), refining(dispatch, occasions.PreToolUse, foldTool)),
  PermissionRequest: ({ permissionRequest }, dispatch) =>
    permissionRequest.tap(
      own('PermissionRequest'),
      refining(dispatch, occasions.PermissionRequest, foldPermission),
    ),
  PostToolUse: ({ postToolUse }, dispatch) =>
    postToolUse.tap(own('PostToolUse'), refining(dispatch, occasions.PostToolUse, foldOutcome)),
  PreCompact: ({ preCompact }, dispatch) =>
    preCompact.tap(own('PreCompact'), async (request, call) =>
      foldObjection(await dispatch.run(occasions.PreCompact(request), call)),
    ),
  SubagentStart: ({ subagentStart }, dispatch) =>
    subagentStart.tap(
      own('SubagentStart'),
      refining(dispatch, occasions.SubagentStart, foldChildOpening),
    ),
  SubagentStop: ({ subagentStop }, dispatch) =>
    subagentStop.tap(
      own('SubagentStop'),
      refining(dispatch, occasions.SubagentStop, foldChildStop),
    ),
  Stop: ({ stop }, dispatch) =>
    stop.tap(
      own('Stop'),
      refining(dispatch, occasions.Stop, (gate, runs, call) => {
        if (isExhausted(gate, runs)) call.log.warn(exhausted)
        return foldStop(gate, runs)
      }),
    ),
  Interrupt: ({ interrupt }, dispatch) =>
    interrupt.tap(
      own('Interrupt'),
      async (end, call) => void (await dispatch.run(occasions.Interrupt(end), call)),
    ),
  SessionEnd: ({ sessionEnd }, dispatch) =>
    sessionEnd.tap(
      own('SessionEnd'),
      async (end, call) => void (await dispatch.run(occasions.SessionEnd(end), call)),
    ),
}

const exhausted = `stop hooks made this turn go on ${maxContinuations} times already; it ends now, whatever they say`

/** Taps the hook points of the events that have a handler, and no others. */
export function bindEvents(hooks: Taps, dispatch: Dispatch): void {
  for (const event of dispatch.events()) bindings[event]?.(hooks, dispatch)
}
