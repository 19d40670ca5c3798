import { HooklineError, wrapError } from '../errors.ts'
import type { Kernel } from '../kernel.ts'
import { uuid7 } from '../kit/ids.ts'
import type { Item } from '../items.ts'
import type { CallFacts } from '../taps.ts'
import type { Log, Secrets } from '../plugin.ts'
import {
  addUsage,
  type SessionEvent,
  type ShownItem,
  type ThreadItem,
  type ThreadItemBody,
  type Usage,
} from '../points/events.ts'
import type { Prompt, StartReason } from '../points/opening.ts'
import type { TurnRecord } from '../points/progress.ts'
import type { SessionFacts, TurnFacts } from '../points/turn.ts'
import type { LogEntry, ModelInfo, ModelProvider, SessionLog } from '../service-keys.ts'
import { EventQueue } from './event-queue.ts'
import { WaitingTexts } from './inbox.ts'
import { redactDeep } from './redact-deep.ts'
import { runTurn } from './turn.ts'

export interface SessionParts {
  readonly kernel: Kernel
  readonly facts: SessionFacts
  readonly secrets: Secrets
  readonly provider: ModelProvider
  readonly model: ModelInfo
  /** Facts of a turn without its id. */
  readonly turnFacts: Omit<TurnFacts, 'id'>
  readonly record: SessionLog | undefined
  /** Log lines of tools, by name. */
  log(name: string): Log
  readonly items: readonly Item[]
  readonly threadUsage: Usage
  readonly startReason: StartReason
  /** Shown before the first turn. */
  readonly warnings: readonly string[]
  readonly outputSchema: Readonly<Record<string, unknown>> | undefined
  /** Runs when the session has closed. */
  onClosed(): Promise<void>
}

/** A turn under way: iterate it at once for its events, or await `done`. */
export interface Turn extends AsyncIterable<SessionEvent> {
  readonly id: string
  readonly done: Promise<TurnRecord>
}

/** A conversation with its plugins: takes prompts, runs turns, records everything. */
export class Session implements AsyncDisposable {
  readonly facts: SessionFacts
  readonly parts: SessionParts
  /** Texts for the model from beside the loop. */
  readonly inbox = new WaitingTexts()
  readonly #items: Item[]
  readonly #queues = new Set<EventQueue>()
  readonly #lifetime = new AbortController()
  readonly #early: string[]
  #threadUsage: Usage
  #shown = 0
  #current:
    | {
        readonly id: string
        readonly controller: AbortController
        readonly done: Promise<TurnRecord>
      }
    | undefined
  #started = false
  #opened = false
  #closing: Promise<void> | undefined
  #turns = 0

  constructor(parts: SessionParts) {
    this.parts = parts
    this.facts = parts.facts
    this.#items = [...parts.items]
    this.#threadUsage = parts.threadUsage
    this.#early = [...parts.warnings]
  }

  get kernel(): Kernel {
    return this.parts.kernel
  }

  get items(): readonly Item[] {
    return this.#items
  }

  get threadUsage(): Usage {
    return this.#threadUsage
  }

  /** Aborted when the session closes. */
  get signal(): AbortSignal {
    return this.#lifetime.signal
  }

  /** True once: for the turn that opens the session, which need not be the first when that did not come so far. */
  takeOpening(): boolean {
    const opens = !this.#opened
    this.#opened = true
    return opens
  }

  /** Starts a turn. One runs at a time: SESSION_BUSY otherwise. */
  run(prompt: string | Prompt): Turn {
    if (this.#closing) throw new HooklineError('SESSION_CLOSED', 'the session is closed')
    if (this.#current) {
      throw new HooklineError('SESSION_BUSY', 'a turn is running already', {
        hint: 'await its end, or interrupt it',
      })
    }
    const asked: Prompt =
      typeof prompt === 'string'
        ? { parts: [{ type: 'text', text: prompt }], text: prompt }
        : prompt
    const id = uuid7()
    const controller = new AbortController()
    const queue = new EventQueue()
    this.#queues.add(queue)
    this.#turns += 1
    // One tick later, so that whoever iterates the turn hears its first event.
    const done = Promise.resolve()
      .then(() => this.#open())
      .then(() => runTurn(this, { id, prompt: asked, controller }))
      .finally(() => {
        this.#current = undefined
        this.#queues.delete(queue)
        queue.end()
      })
    // Whoever only iterates must not meet an unhandled rejection.
    done.catch(() => {})
    this.#current = { id, controller, done }
    return { id, done, [Symbol.asyncIterator]: () => queue[Symbol.asyncIterator]() }
  }

  /** Ends the running turn: its processes are stopped, its calls are answered as interrupted. */
  async interrupt(reason = 'interrupted'): Promise<void> {
    const current = this.#current
    if (!current) return
    current.controller.abort(new HooklineError('TURN_INTERRUPTED', reason))
    await current.done.catch(() => {})
  }

  /** Interrupts what runs, tells sessionEnd, takes the plugins down. Safe to call twice. */
  close(reason = 'other'): Promise<void> {
    this.#closing ??= this.#close(reason)
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** What hook points are called with outside of a turn. */
  outsideTurn(): CallFacts {
    return { signal: this.#lifetime.signal, turn: undefined, show: (item) => this.show(item) }
  }

  emit(event: SessionEvent): void {
    const safe = redactDeep(event, this.parts.secrets)
    if (this.kernel.row.isUsed('event')) this.kernel.row.observe('event', safe, this.outsideTurn())
    for (const queue of this.#queues) queue.push(safe)
  }

  /** Shows an item that goes on; `end` completes it. */
  show(body: ThreadItemBody, turnId?: string): ShownItem {
    const id = `item_${this.#shown}`
    this.#shown += 1
    let item: ThreadItem = { ...body, id }
    const tell = (type: 'item_started' | 'item_updated' | 'item_completed') =>
      this.emit(turnId === undefined ? { type, item } : { type, turnId, item })
    let ended = false
    // Changes keep the kind of item: the type of a body is never part of a change.
    const change = (next: Partial<ThreadItemBody>) => ({ ...item, ...next }) as ThreadItem
    const done = 'status' in body ? body.status !== 'in_progress' : true
    if (done) ended = true
    tell(done ? 'item_completed' : 'item_started')
    return {
      id,
      update: (next) => {
        if (ended) return
        item = change(next)
        tell('item_updated')
      },
      end: (next) => {
        if (ended) return
        ended = true
        item = change(next ?? {})
        tell('item_completed')
      },
    }
  }

  /** Shows a warning; before the first turn it is kept until then. */
  warn(message: string): void {
    if (this.#started) this.show({ type: 'error', message })
    else this.#early.push(message)
  }

  /**
   * Records entries and takes their items into the conversation. Nothing counts before it is recorded. Secrets are
   * taken out of both alike, so that a session that is taken up again tells the model what it was told before.
   */
  async record(given: readonly LogEntry[]): Promise<void> {
    if (given.length === 0) return
    const entries = given.map((entry) => redactDeep(entry, this.parts.secrets))
    try {
      await this.parts.record?.append(entries)
    } catch (error) {
      throw wrapError(error, 'STORE_WRITE_FAILED', {
        hint: 'free some space or make the folder of sessions writable',
      })
    }
    for (const entry of entries) if (entry.type === 'item') this.#items.push(entry.item)
  }

  async recordItems(items: readonly Item[], turnId?: string): Promise<void> {
    await this.record(
      items.map((item) =>
        turnId === undefined ? { type: 'item', item } : { type: 'item', item, turnId },
      ),
    )
  }

  addUsage(usage: Usage): Usage {
    this.#threadUsage = addUsage(this.#threadUsage, usage)
    return this.#threadUsage
  }

  /** The text of each part of the conversation's preamble, as the model was last told. */
  told(): ReadonlyMap<string, string> {
    const told = new Map<string, string>()
    for (const item of this.#items) {
      if (item.type !== 'message' || !item.kinds) continue
      for (const [at, kind] of item.kinds.entries()) {
        const part = item.parts[at]
        if (part?.type === 'text') told.set(kind, part.text)
      }
    }
    return told
  }

  #open(): void {
    if (this.#started) return
    this.#started = true
    this.emit({
      type: 'session_started',
      sessionId: this.facts.id,
      resumed: this.parts.startReason === 'resume',
    })
    for (const message of this.#early.splice(0)) this.show({ type: 'error', message })
  }

  async #close(reason: string): Promise<void> {
    await this.interrupt(reason)
    const { row } = this.kernel
    try {
      if (this.#turns > 0 && row.isUsed('sessionEnd'))
        await row.follow('sessionEnd', { reason }, this.outsideTurn())
    } finally {
      this.#lifetime.abort()
      await using stack = new AsyncDisposableStack()
      stack.defer(() => this.parts.onClosed())
      stack.defer(async () => this.parts.record?.close())
      stack.use(this.kernel)
    }
  }
}
