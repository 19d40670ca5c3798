import type {
  ChildOpening,
  ChildStop,
  CompactResult,
  Objection,
  Opening,
  PermissionGate,
  PromptGate,
  StopGate,
  ToolCall,
  ToolGate,
  ToolOutcome,
} from 'hookline'
import { maxContinuations } from './dialect.ts'
import type { Outcome } from './verdict.ts'

/** One finished run. Lists of runs are in the order of configuration. */
export interface HookRun {
  readonly id: string
  readonly outcome: Outcome
  /** Its place in the order of completion. */
  readonly finished: number
}

type Runs = readonly HookRun[]

function all(runs: Runs, name: 'context' | 'feedback'): readonly string[] {
  return runs.map(({ outcome }) => outcome.effects[name]).filter((text) => text !== undefined)
}

function first(runs: Runs, name: 'deny' | 'stop'): string | undefined {
  return runs.find(({ outcome }) => outcome.effects[name] !== undefined)?.outcome.effects[name]
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

/** PreToolUse: any deny wins over a rewrite, and of several rewrites the last to finish. */
export function foldTool(gate: ToolGate, runs: Runs): ToolGate {
  const told = all(runs, 'context').reduce((open, text) => open.addContext(text), gate)
  const reason = first(runs, 'deny')
  if (reason !== undefined) return told.deny(refusalText(gate.call, reason))
  const rewrite = runs
    .toSorted((a, b) => a.finished - b.finished)
    .findLast(({ outcome }) => outcome.effects.rewrite)
  return rewrite?.outcome.effects.rewrite
    ? told.rewrite(rewrite.outcome.effects.rewrite.input)
    : told
}

/** PermissionRequest: a deny wins over an allow. */
export function foldPermission(gate: PermissionGate, runs: Runs): PermissionGate {
  const reason = first(runs, 'deny')
  if (reason !== undefined) return gate.deny(reason)
  return runs.some(({ outcome }) => outcome.effects.grant)
    ? gate.allow('allowed by a PermissionRequest hook')
    : gate
}

/** PostToolUse. */
export function foldOutcome(outcome: ToolOutcome, runs: Runs): ToolOutcome {
  const feedback = all(runs, 'feedback')
  return {
    ...outcome,
    context: [...outcome.context, ...all(runs, 'context')],
    ...(feedback.length > 0 && { output: feedback.join('\n\n') }),
  }
}

/** True when hooks want a turn to go on that they have made go on often enough. */
export function isExhausted(gate: StopGate, runs: Runs): boolean {
  return (
    gate.continuations >= maxContinuations &&
    runs.some(({ outcome }) => outcome.effects.goOn !== undefined)
  )
}

/** Stop: an end wins over every reason to go on. */
export function foldStop(gate: StopGate, runs: Runs): StopGate {
  const reason = first(runs, 'stop')
  if (reason !== undefined) return gate.end(reason)
  if (isExhausted(gate, runs)) return gate
  return runs.reduce((open, { id, outcome }) => {
    const { goOn } = outcome.effects
    return goOn === undefined ? open : open.continue(goOn, id)
  }, gate)
}

/** PreCompact. */
export function foldObjection(runs: Runs): Objection | undefined {
  const reason = first(runs, 'stop')
  return reason === undefined ? undefined : { reason }
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
