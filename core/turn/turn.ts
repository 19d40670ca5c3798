import { StopGate, type GoOn } from '../gates/stop-gate.ts'
import { PromptGate } from '../gates/prompt-gate.ts'
import { wrapError, type HooklineError } from '../errors.ts'
import { textOf, type Item, type MessageItem } from '../items.ts'
import { uuid7 } from '../kit/ids.ts'
import { addUsage, noUsage, type SessionEvent, type Usage } from '../points/events.ts'
import type { ModelResponse } from '../points/model.ts'
import type { InstructionPart, Opening, Prompt } from '../points/opening.ts'
import type { TurnRecord } from '../points/progress.ts'
import type { TurnFacts } from '../points/turn.ts'
import type { ModelProvider } from '../service-keys.ts'
import type { CallFacts } from '../taps.ts'
import { message } from './messages.ts'
import { redactError } from './redact-deep.ts'
import type { Session } from './session.ts'
import { Attempts, sample } from './sample.ts'
import { abortedNote } from './mend.ts'
import { finishCalls, runCalls } from './tool-calls.ts'

/** Everything one turn carries. */
export interface TurnState {
  readonly session: Session
  readonly facts: TurnFacts
  readonly signal: AbortSignal
  readonly call: CallFacts
  readonly attempts: Attempts
  /** Where requests go; a fallback changes it for the rest of the turn. */
  route: Route
  /** What a provider hands from one request of the turn to the next. */
  readonly carried: Map<string, string>
  usage: Usage
  lastMessage: string | undefined
}

/** A model at a provider. */
export interface Route {
  readonly provider: ModelProvider
  readonly model: string
}

interface TurnStart {
  readonly id: string
  readonly prompt: Prompt
  readonly controller: AbortController
}

/** Runs a turn to its end. Resolves with its record, also when it failed or was interrupted. */
export async function runTurn(session: Session, start: TurnStart): Promise<TurnRecord> {
  const { signal } = start.controller
  const facts: TurnFacts = { ...session.parts.turnFacts, id: start.id }
  const call: CallFacts = { signal, turn: facts, show: (item) => session.show(item, start.id) }
  const turn: TurnState = {
    session,
    facts,
    signal,
    call,
    attempts: new Attempts(),
    route: { provider: session.parts.provider, model: facts.model },
    carried: new Map(),
    usage: noUsage,
    lastMessage: undefined,
  }
  session.emit({ type: 'turn_started', turnId: start.id })
  let error: HooklineError | undefined
  try {
    await session.record([{ type: 'turn', facts }])
    await fold(turn, start.prompt)
  } catch (fault) {
    error = signal.aborted ? interruption(signal) : wrapError(fault, 'INTERNAL')
  }
  const interrupted = signal.aborted
  // Calls that still run, such as those beside one whose output could not be recorded, end with the turn.
  if (error) start.controller.abort(error)
  return finish(turn, start.prompt, { error, interrupted })
}

function interruption(signal: AbortSignal): HooklineError {
  return wrapError(signal.reason, 'TURN_INTERRUPTED')
}

/** The turn itself: prompt in, then responses and calls until neither is left. */
async function fold(turn: TurnState, prompt: Prompt): Promise<void> {
  const { session } = turn
  const { row } = session.kernel
  if (row.isUsed('turnStart')) await row.follow('turnStart', turn.facts, turn.call)
  turn.signal.throwIfAborted()
  // Also of an earlier turn of this process, where what answers them could not be recorded.
  await finishCalls(turn)
  await tellInstructions(turn)
  turn.signal.throwIfAborted()
  if (session.takeOpening() && (await open(turn))) return
  turn.signal.throwIfAborted()
  await deliver(turn)
  if (await refusePrompt(turn, prompt)) return
  let continuations = 0
  for (;;) {
    turn.signal.throwIfAborted()
    await deliver(turn)
    const response = await sample(turn)
    const next = await takeResponse(turn, response)
    if (next === 'end') return
    if (next === 'again') continue
    if (!(await goesOn(turn, continuations))) return
    continuations += 1
  }
}

/** Records a response and runs its calls. `again`: ask the model again. `done`: nothing is left to do. `end`: a hook ended the turn. */
async function takeResponse(
  turn: TurnState,
  response: ModelResponse,
): Promise<'again' | 'done' | 'end'> {
  const { session } = turn
  await session.recordItems(response.items, turn.facts.id)
  showItems(turn, response)
  if (response.complete) await countUsage(turn, response.usage)
  const calls = response.items.filter((item) => item.type === 'tool_call')
  const stopped = calls.length > 0 ? await runCalls(turn, calls) : undefined
  if (stopped !== undefined) return 'end'
  if (!response.complete) {
    await turn.attempts.waitForNext(turn)
    return 'again'
  }
  turn.attempts.reset()
  return calls.length > 0 || !response.endTurn ? 'again' : 'done'
}

/** Told parts are told again only when they changed; parts for the user's side share one message. */
async function tellInstructions(turn: TurnState): Promise<void> {
  const { session } = turn
  const { row } = session.kernel
  if (!row.isUsed('instructions')) return
  const parts = await row.refine('instructions', [], turn.call)
  const told = session.told()
  const fresh = parts.filter((part) => part.text !== '' && told.get(part.kind) !== part.text)
  const items: MessageItem[] = fresh
    .filter((part) => part.role === 'developer')
    .map((part) => message('developer', part.text, part.kind))
  const forUser = fresh.filter((part) => part.role === 'user')
  if (forUser.length > 0) items.push(preamble(forUser))
  await session.recordItems(items, turn.facts.id)
}

function preamble(parts: readonly InstructionPart[]): MessageItem {
  return {
    type: 'message',
    id: `msg_${uuid7()}`,
    role: 'user',
    parts: parts.map((part) => ({ type: 'text', text: part.text })),
    kinds: parts.map((part) => part.kind),
  }
}

/** Tells the model what has come in from beside the loop, such as the answer of an asynchronous hook. */
async function deliver({ session, facts }: TurnState): Promise<void> {
  const texts = session.inbox.take()
  await session.recordItems(
    texts.map((text) => message('developer', text, 'hook')),
    facts.id,
  )
}

/** Fires sessionStart; true when a tap stopped the turn. */
async function open(turn: TurnState): Promise<boolean> {
  const { session } = turn
  const { row } = session.kernel
  if (!row.isUsed('sessionStart')) return false
  const start: Opening = { reason: session.parts.startReason, context: [] }
  const opening = await row.refine('sessionStart', start, turn.call)
  await session.recordItems(
    opening.context.map((text) => message('developer', text, 'hook')),
    turn.facts.id,
  )
  return opening.stopped !== undefined
}

/** Takes the prompt into the conversation; true when a tap blocked it. Context of a blocked prompt stays. */
async function refusePrompt(turn: TurnState, prompt: Prompt): Promise<boolean> {
  const { session } = turn
  const { row } = session.kernel
  let gate = PromptGate.of(prompt)
  if (row.isUsed('userPromptSubmit')) gate = await row.refine('userPromptSubmit', gate, turn.call)
  const items: Item[] = gate.context.map((text) => message('developer', text, 'hook'))
  const blocked = gate.blocked !== undefined
  if (!blocked)
    items.unshift({ type: 'message', id: `msg_${uuid7()}`, role: 'user', parts: prompt.parts })
  await session.recordItems(items, turn.facts.id)
  return blocked
}

function showItems(turn: TurnState, response: ModelResponse): void {
  for (const item of response.items) {
    const shown = response.shown.get(item)
    if (shown) {
      turn.call.show(shown)
    } else if (item.type === 'message' && item.role === 'assistant') {
      const text = textOf(item.parts)
      turn.lastMessage = turn.session.parts.secrets.redact(text)
      turn.call.show({ type: 'agent_message', text })
    } else if (item.type === 'reasoning' && item.summary.length > 0) {
      turn.call.show({ type: 'reasoning', text: item.summary.join('\n\n') })
    }
  }
}

async function countUsage(turn: TurnState, usage: Usage): Promise<void> {
  turn.usage = addUsage(turn.usage, usage)
  const threadUsage = turn.session.addUsage(usage)
  await turn.session.record([{ type: 'usage', usage, turnUsage: turn.usage, threadUsage }])
}

/** Asks the stop hooks; true when they gave the model a reason to go on. */
async function goesOn(turn: TurnState, continuations: number): Promise<boolean> {
  const { session } = turn
  const { row } = session.kernel
  if (!row.isUsed('stop')) return false
  const facts =
    turn.lastMessage === undefined
      ? { continuations }
      : { continuations, lastMessage: turn.lastMessage }
  const gate = await row.refine('stop', StopGate.of(facts), turn.call)
  if (gate.ended !== undefined || gate.goOn.length === 0) return false
  const parts = gate.goOn.map((goOn) => ({ type: 'text' as const, text: promptOf(goOn) }))
  const item: MessageItem = { type: 'message', id: `msg_${uuid7()}`, role: 'user', parts }
  await session.recordItems([item], turn.facts.id)
  return true
}

function promptOf({ reason, runId }: GoOn): string {
  if (runId === undefined) return reason
  const id = escapeXml(runId).replaceAll('"', '&quot;')
  return `<hook_prompt hook_run_id="${id}">${escapeXml(reason)}</hook_prompt>`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** A tap that fails where nothing can be refused any more has been told of as pluginFailure. */
function passOver(): void {}

/** Ends the turn for everybody: history, hooks, events. */
async function finish(
  turn: TurnState,
  prompt: Prompt,
  how: { readonly error: HooklineError | undefined; readonly interrupted: boolean },
): Promise<TurnRecord> {
  const { session, facts } = turn
  const { row } = session.kernel
  const { interrupted } = how
  const call: CallFacts = { ...session.outsideTurn(), turn: facts }
  const { secrets } = session.parts
  let error = how.error && redactError(how.error, secrets)
  if (interrupted) {
    error ??= interruption(turn.signal)
    await session.recordItems([abortedNote()], facts.id).catch(() => {})
    await row.follow('interrupt', { reason: error.message }, call).catch(passOver)
  }
  const record: TurnRecord = {
    facts,
    outcome: error ? (interrupted ? 'interrupted' : 'failed') : 'completed',
    usage: turn.usage,
    prompts: [secrets.redact(prompt.text)],
    ...(turn.lastMessage === undefined ? {} : { lastMessage: turn.lastMessage }),
    ...(error ? { error } : {}),
  }
  await row.follow('turnEnd', record, call).catch(passOver)
  const ending = error ? failedEvent(facts.id, error, interrupted) : completedEvent(turn)
  await session.record([{ type: 'event', event: ending }]).catch(() => {})
  session.emit(ending)
  return record
}

function failedEvent(
  turnId: string,
  { code, message: text, details }: HooklineError,
  interrupted: boolean,
): SessionEvent {
  const error = details ? { code, message: text, details } : { code, message: text }
  return { type: 'turn_failed', turnId, error, interrupted }
}

function completedEvent({ facts, usage, session, lastMessage }: TurnState): SessionEvent {
  const event = {
    type: 'turn_completed',
    turnId: facts.id,
    usage,
    threadUsage: session.threadUsage,
  } as const
  return lastMessage === undefined ? event : { ...event, lastMessage }
}
