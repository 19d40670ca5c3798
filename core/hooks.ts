import type { ExecGate } from './gates/exec-gate.ts'
import type { PermissionGate } from './gates/permission-gate.ts'
import type { PromptGate } from './gates/prompt-gate.ts'
import type { StopGate } from './gates/stop-gate.ts'
import type { ToolGate } from './gates/tool-gate.ts'
import type { Approval, ApprovalRequest, Question, QuestionAnswer } from './points/approval.ts'
import type { Candidate, Refusal } from './points/admission.ts'
import type { CompactRequest, CompactResult, Objection } from './points/compaction.ts'
import type { SessionEvent } from './points/events.ts'
import type { FailureAnswer, ModelEvent, ModelRequest, ModelResponse } from './points/model.ts'
import type { InstructionPart, Opening } from './points/opening.ts'
import type {
  EndReason,
  ModelFailure,
  Notification,
  OutputChunk,
  TurnRecord,
} from './points/progress.ts'
import type { ChildOpening, ChildStop } from './points/subagent.ts'
import type { Tool, ToolBatch, ToolDenial, ToolOutcome } from './points/tool.ts'
import type { TurnFacts } from './points/turn.ts'
import type { HooklineError } from './errors.ts'
import type { Power } from './plugin.ts'
import type { SettingsLayers } from './settings-layers.ts'

/**
 * How the answers of several taps become one:
 * observe: told in order, returns nothing, never awaited.
 * follow: awaited one after the other, returns nothing.
 * fanOut: awaited together, returns nothing.
 * refine: each tap hands on a new value; undefined leaves it as it is.
 * answer: the first tap that answers decides.
 */
export type HookKind = 'observe' | 'follow' | 'fanOut' | 'refine' | 'answer'

/** One hook point: how taps combine, what a failing tap means, and how much power tapping it takes. */
export interface HookPoint<Kind extends HookKind, Value, Result = Value> {
  readonly kind: Kind
  /** `closed`: a failing tap refuses the operation. `open`: it is passed over and reported. */
  readonly fails: 'open' | 'closed'
  readonly power: Power
  /** Events of hooks.json that are bound to it. */
  readonly events: readonly string[]
  /** Only for the type checker; never set. */
  readonly types?: { readonly value: Value; readonly result: Result }
}

type Facts = {
  readonly fails: 'open' | 'closed'
  readonly power: Power
  readonly events?: readonly string[]
}

function point<Kind extends HookKind, Value, Result = Value>(
  kind: Kind,
  facts: Facts,
): HookPoint<Kind, Value, Result> {
  return Object.freeze({ kind, events: [], ...facts })
}
const observe = <Value>(facts: Facts) => point<'observe', Value>('observe', facts)
const follow = <Value>(facts: Facts) => point<'follow', Value>('follow', facts)
const fanOut = <Value>(facts: Facts) => point<'fanOut', Value>('fanOut', facts)
const refine = <Value>(facts: Facts) => point<'refine', Value>('refine', facts)
const answer = <Value, Result>(facts: Facts) => point<'answer', Value, Result>('answer', facts)

/** Every hook point of a session, in the order a turn meets them. */
export const hookPoints = Object.freeze({
  /** Before a plugin or bundle is loaded. A returned refusal keeps it out; no answer admits it. */
  admit: answer<Candidate, Refusal>({ fails: 'closed', power: 'decide' }),
  /** Once, before settings are read by anybody: a tap adds its layers. */
  configure: refine<SettingsLayers>({ fails: 'closed', power: 'shape' }),
  /** At the first turn of a session, and after a compaction: a tap adds context, or stops the turn. */
  sessionStart: refine<Opening>({
    fails: 'open',
    power: 'shape',
    events: ['SessionStart', 'Setup'],
  }),
  /** For each prompt, before it enters the conversation: a tap adds context or blocks it. */
  userPromptSubmit: refine<PromptGate>({
    fails: 'closed',
    power: 'decide',
    events: ['UserPromptSubmit', 'UserPromptExpansion'],
  }),
  /** When a turn has begun. */
  turnStart: follow<TurnFacts>({ fails: 'open', power: 'observe' }),
  /** At the start of each turn: a tap adds a part to what the model is told before the conversation. Only changed parts are told again. */
  instructions: refine<readonly InstructionPart[]>({
    fails: 'open',
    power: 'shape',
    events: ['InstructionsLoaded'],
  }),
  /** Before each request: a tap filters, wraps or adds tools. */
  toolSet: refine<readonly Tool[]>({ fails: 'open', power: 'shape' }),
  /** Before a request goes to the wire: a tap changes headers, options or items. */
  modelRequest: refine<ModelRequest>({
    fails: 'open',
    power: 'shape',
    events: ['PreModelRequest'],
  }),
  /** Each event of the stream, as it comes. */
  modelEvent: observe<ModelEvent>({ fails: 'open', power: 'observe' }),
  /** The finished response, before it is recorded or its tools run: a tap scrubs it; a throw refuses it. */
  modelResponse: refine<ModelResponse>({
    fails: 'closed',
    power: 'decide',
    events: ['PostModelRequest'],
  }),
  /** When an attempt failed: the first tap to say retry, fall back or fail decides; without an answer the rules of the loop hold. */
  modelFailure: answer<ModelFailure, FailureAnswer>({ fails: 'open', power: 'decide' }),
  /** Before a tool runs: a tap allows, asks, denies or rewrites. Every tap is heard. */
  preToolUse: refine<ToolGate>({ fails: 'closed', power: 'decide', events: ['PreToolUse'] }),
  /** When a call needs more than the policy gives, before anybody is asked: a tap allows or denies. Every tap is heard. */
  permissionRequest: refine<PermissionGate>({
    fails: 'closed',
    power: 'decide',
    events: ['PermissionRequest'],
  }),
  /** When the permission gate is still open: the reviewer, then the human; the first answer settles it. No answer refuses. */
  approval: answer<ApprovalRequest, Approval>({ fails: 'closed', power: 'decide' }),
  /** When a call was refused, by whomever: a tap adds what the model is told about it. */
  permissionDenied: refine<ToolDenial>({
    fails: 'open',
    power: 'shape',
    events: ['PermissionDenied'],
  }),
  /** Before a process starts: a tap narrows what it may reach, or refuses it. */
  execPlan: refine<ExecGate>({ fails: 'closed', power: 'decide' }),
  /** Each piece of output of a running tool, as it comes. */
  toolOutput: observe<OutputChunk>({ fails: 'open', power: 'observe' }),
  /** When a tool has given a result or failed: a tap replaces the output or adds context. */
  postToolUse: refine<ToolOutcome>({
    fails: 'open',
    power: 'shape',
    events: ['PostToolUse', 'PostToolUseFailure'],
  }),
  /** When all calls of one response are answered: a tap adds context, or ends the turn. */
  toolBatch: refine<ToolBatch>({ fails: 'open', power: 'shape', events: ['PostToolBatch'] }),
  /** When a tool or a server has a question: the first answer is given back. No answer declines. */
  elicitation: answer<Question, QuestionAnswer>({
    fails: 'closed',
    power: 'decide',
    events: ['Elicitation', 'ElicitationResult'],
  }),
  /** Before a compaction: the first objection stops it. Nothing calls it yet. */
  preCompact: answer<CompactRequest, Objection>({
    fails: 'open',
    power: 'decide',
    events: ['PreCompact'],
  }),
  /** Makes the shorter history; the first implementation wins. Nothing calls it yet. */
  compact: answer<CompactRequest, CompactResult>({ fails: 'closed', power: 'shape' }),
  /** After a compaction: a tap may stop the turn; the compaction stands. Nothing calls it yet. */
  postCompact: refine<CompactResult>({ fails: 'open', power: 'decide', events: ['PostCompact'] }),
  /** When a child session begins: a tap adds context for it. Nothing calls it yet. */
  subagentStart: refine<ChildOpening>({ fails: 'open', power: 'shape', events: ['SubagentStart'] }),
  /** When a child session is done: as `stop`, for the child. Nothing calls it yet. */
  subagentStop: refine<ChildStop>({ fails: 'open', power: 'decide', events: ['SubagentStop'] }),
  /** When a response has no calls: a tap gives a reason to go on, or ends the turn. Reasons are collected into one message. */
  stop: refine<StopGate>({ fails: 'open', power: 'decide', events: ['Stop'] }),
  /** When a turn has ended, however it ended. */
  turnEnd: follow<TurnRecord>({ fails: 'open', power: 'observe', events: ['StopFailure'] }),
  /** When a turn is interrupted. */
  interrupt: follow<EndReason>({ fails: 'open', power: 'observe', events: ['Interrupt'] }),
  /** When a person should look: desktop, webhook, bell. */
  notification: fanOut<Notification>({
    fails: 'open',
    power: 'observe',
    events: ['Notification', 'MessageDisplay'],
  }),
  /** Every recorded event; front ends and logs follow it. */
  event: observe<SessionEvent>({ fails: 'open', power: 'observe' }),
  /** When the session closes. */
  sessionEnd: follow<EndReason>({ fails: 'open', power: 'observe', events: ['SessionEnd'] }),
  /** When a plugin or a tap failed. */
  pluginFailure: observe<HooklineError>({ fails: 'open', power: 'observe' }),
})

export type HookPoints = typeof hookPoints
export type HookName = keyof HookPoints

export type HookValue<Name extends HookName> =
  HookPoints[Name] extends HookPoint<HookKind, infer Value, unknown> ? Value : never
type KindOf<Name extends HookName> = HookPoints[Name]['kind']

/** Names of the hook points of one kind. */
export type NamesOf<Kind extends HookKind> = {
  [Name in HookName]: KindOf<Name> extends Kind ? Name : never
}[HookName]

export type HookAnswer<Name extends HookName> =
  HookPoints[Name] extends HookPoint<HookKind, infer _Value, infer Result> ? Result : never

type Awaitable<T> = T | Promise<T>
/** Also what a function without a return statement gives. */
type Nothing = void | undefined

/** What a tap of a hook point may return. */
export type TapReturn<Name extends HookName> = {
  observe: Nothing
  follow: Awaitable<Nothing>
  fanOut: Awaitable<Nothing>
  refine: Awaitable<HookValue<Name> | Nothing>
  answer: Awaitable<HookAnswer<Name> | Nothing>
}[KindOf<Name>]
