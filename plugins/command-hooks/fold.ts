import {
  HooklineError,
  type ChildOpening,
  type ChildStop,
  type CompactResult,
  type ModelRequest,
  type Objection,
  type Opening,
  type PermissionGate,
  type PromptGate,
  type StopGate,
  type ToolBatch,
  type ToolCall,
  type ToolDenial,
  type ToolGate,
  type ToolOutcome,
} from 'hookline'
import { uuid7 } from 'hookline/kit'
import { maxContinuations } from './dialect.ts'
import { rewrittenOutput } from './tool-response.ts'
import type { Effects, Outcome } from './verdict.ts'

/** One finished run. Lists of runs are in the order of configuration. */
export interface HookRun {
  readonly id: string
  readonly outcome: Outcome
  /** Its place in the order of completion. */
  readonly finished: number
}

type Runs = readonly HookRun[]
type TextEffect = 'context' | 'note' | 'deny' | 'ask' | 'feedback' | 'stop' | 'endTurn'

function all(runs: Runs, name: TextEffect): readonly string[] {
  return runs.map(({ outcome }) => outcome.effects[name]).filter((text) => text !== undefined)
}

function first(runs: Runs, name: TextEffect): string | undefined {
  return all(runs, name)[0]
}

/** Of several that want the same place, whoever finished last. */
function lastDone(runs: Runs, name: keyof Effects): HookRun | undefined {
  return runs
    .toSorted((a, b) => a.finished - b.finished)
    .findLast(({ outcome }) => outcome.effects[name] !== undefined)
}

/** SessionStart. */
export function foldOpening(opening: Opening, runs: Runs): Opening {
  const stopped = opening.stopped ?? first(runs, 'stop')
  return {
    ...opening,
    context: [...opening.context, ...all(runs, 'context')],
    ...(stopped !== undefined && { stopped }),
  }
}

/** UserPromptSubmit. */
export function foldPrompt(gate: PromptGate, runs: Runs): PromptGate {
  const told = all(runs, 'context').reduce((open, text) => open.addContext(text), gate)
  const reason = first(runs, 'deny')
  return reason === undefined ? told : told.block(reason)
}

function refused(what: string, reason: string): HooklineError {
  return new HooklineError('HOOK_REFUSED', `a hook refused ${what}: ${reason}`, {
    plugin: 'command-hooks',
    hint: 'ask whoever manages the hooks of this machine',
  })
}

/** PreModelRequest: what it adds is told with this request alone, and is no part of the conversation. */
export function foldRequest(request: ModelRequest, runs: Runs): ModelRequest {
  const reason = first(runs, 'deny')
  if (reason !== undefined) throw refused('the request to the model', reason)
  const added = all(runs, 'context').map((text) => ({
    type: 'message' as const,
    id: `msg_${uuid7()}`,
    role: 'developer' as const,
    parts: [{ type: 'text' as const, text }],
  }))
  return added.length === 0 ? request : { ...request, items: [...request.items, ...added] }
}

/** PostModelRequest: it can only refuse. */
export function checkResponse(runs: Runs): void {
  const reason = first(runs, 'deny')
  if (reason !== undefined) throw refused('the answer of the model', reason)
}

function commandOf({ toolName, input }: ToolCall): string | undefined {
  if (toolName !== 'Bash' && toolName !== 'apply_patch') return undefined
  const isCommand = typeof input === 'object' && input !== null && 'command' in input
  return isCommand && typeof input.command === 'string' ? input.command : undefined
}

/** How the model is told that a hook refused its call. */
export function refusalText(call: ToolCall, reason: string): string {
  const command = commandOf(call)
  return command === undefined
    ? `Tool call blocked by PreToolUse hook: ${reason}. Tool: ${call.toolName}`
    : `Command blocked by PreToolUse hook: ${reason}. Command: ${command}`
}

/** PreToolUse: deny wins over ask, ask over allow; of several rewrites the last to finish counts. */
export function foldTool(gate: ToolGate, runs: Runs): ToolGate {
  const told = all(runs, 'context').reduce((open, text) => open.addContext(text), gate)
  const ended = first(runs, 'endTurn')
  const open = ended === undefined ? told : told.stopTurn(ended)
  const reason = first(runs, 'deny')
  if (reason !== undefined) return open.deny(refusalText(gate.call, reason))
  const rewriting = lastDone(runs, 'rewrite')
  const rewrite = rewriting?.outcome.effects.rewrite
  const ready = rewrite ? open.rewrite(rewrite.input) : open
  const asked = all(runs, 'ask').reduce((before, why) => before.ask(why), ready)
  // Who allowed the call as it was has not seen what another made of it.
  const granting = rewriting ? [rewriting] : runs
  return granting.some(({ outcome }) => outcome.effects.grant)
    ? asked.allow('allowed by a PreToolUse hook')
    : asked
}

/** PermissionRequest: a deny wins over an allow. */
export function foldPermission(gate: PermissionGate, runs: Runs): PermissionGate {
  const reason = first(runs, 'deny')
  const ended = first(runs, 'endTurn')
  if (reason !== undefined) {
    const denied = gate.deny(reason)
    return ended === undefined ? denied : denied.stopTurn(ended)
  }
  return runs.some(({ outcome }) => outcome.effects.grant)
    ? gate.allow('allowed by a PermissionRequest hook')
    : gate
}

/** PermissionDenied. */
export function foldDenial(denial: ToolDenial, runs: Runs): ToolDenial {
  return { ...denial, context: [...denial.context, ...all(runs, 'note')] }
}

/** True when a hook wants to replace an output by something that has not the form of this tool's own. */
export function isMisshapen(outcome: ToolOutcome, runs: Runs): boolean {
  return runs.some((run) => {
    const { output } = run.outcome.effects
    return output !== undefined && rewrittenOutput(outcome, output) === undefined
  })
}

/** PostToolUse and PostToolUseFailure. */
export function foldOutcome(outcome: ToolOutcome, runs: Runs): ToolOutcome {
  const feedback = all(runs, 'feedback')
  const fitting = runs.filter(({ outcome: { effects } }) => {
    return effects.output !== undefined && rewrittenOutput(outcome, effects.output) !== undefined
  })
  const rewrite = lastDone(fitting, 'output')?.outcome.effects.output
  const notes = [...(outcome.notes ?? []), ...all(runs, 'note')]
  const stopped = outcome.stopped ?? first(runs, 'endTurn')
  return {
    ...outcome,
    ...(rewrite && rewrittenOutput(outcome, rewrite)),
    context: [...outcome.context, ...all(runs, 'context')],
    ...(feedback.length > 0 && { output: feedback.join('\n\n') }),
    ...(notes.length > 0 && { notes }),
    ...(stopped !== undefined && { stopped }),
  }
}

/** PostToolBatch. */
export function foldBatch(batch: ToolBatch, runs: Runs): ToolBatch {
  const stopped = batch.stopped ?? first(runs, 'endTurn')
  return {
    ...batch,
    context: [...(batch.context ?? []), ...all(runs, 'note')],
    ...(stopped !== undefined && { stopped }),
  }
}

function goesOn({ outcome: { effects } }: HookRun): boolean {
  return effects.goOn !== undefined || effects.prompt !== undefined
}

/** True when hooks want a turn to go on that they have made go on often enough. */
export function isExhausted(gate: StopGate, runs: Runs): boolean {
  return gate.continuations >= maxContinuations && runs.some(goesOn)
}

/** Stop: an end wins over every reason to go on. */
export function foldStop(gate: StopGate, runs: Runs): StopGate {
  const reason = first(runs, 'stop')
  if (reason !== undefined) return gate.end(reason)
  if (isExhausted(gate, runs)) return gate
  return runs.reduce((open, { id, outcome }) => {
    const { goOn, prompt } = outcome.effects
    if (prompt !== undefined) return open.continue(prompt)
    return goOn === undefined ? open : open.continue(goOn, id)
  }, gate)
}

/** PreCompact. */
export function foldObjection(runs: Runs): Objection | undefined {
  const reason = first(runs, 'stop')
  return reason === undefined ? undefined : { reason }
}

/** What hooks want to be told, or minded, by whoever hears of the event. */
export function contextOf(runs: Runs): readonly string[] {
  return all(runs, 'context')
}

/** PostCompact. */
export function foldCompaction(result: CompactResult, runs: Runs): CompactResult {
  const stopped = result.stopped ?? first(runs, 'stop')
  return stopped === undefined ? result : { ...result, stopped }
}

/** SubagentStart: it can add context, but not keep the child from starting. */
export function foldChildOpening(opening: ChildOpening, runs: Runs): ChildOpening {
  return { ...opening, context: [...opening.context, ...all(runs, 'context')] }
}

/** SubagentStop. */
export function foldChildStop(stop: ChildStop, runs: Runs): ChildStop {
  return { ...stop, gate: foldStop(stop.gate, runs) }
}
