import { setImmediate } from 'node:timers/promises'
import type { Running } from 'hookline'
import { answered, broken } from './handler-run.ts'
import { LineReader } from './line-reader.ts'
import type { ProcessResult } from './outcome.ts'
import { startFailure } from './run.ts'

/** One line to be answered by one line. */
export interface Question {
  readonly json: string
  /** Counts from when the process is given the line, not while other questions are before it. */
  readonly timeoutSec: number
  readonly signal: AbortSignal | undefined
}

interface Pending extends Question {
  settle(result: ProcessResult): void
  /** Hears that nobody wants the answer any more, as long as the question waits for others. */
  readonly forget: () => void
}

/** After so many failures in a row the process is not started again. */
const mostFailures = 5
/** How long questions that are already asked may take at the end of the session. */
const drainMs = 1_000
/** How long a process may take to end by itself once its stdin is closed. */
const farewellMs = 200
/** What was written before a process ended is read within this time, whoever still holds its pipes. */
const lastWordsMs = 50

/** A process that answers line by line. It is asked one question at a time, and replaced when it fails. */
export class PersistentProcess {
  readonly #start: () => Promise<Running>
  readonly #warn: (message: string) => void
  readonly #queue: Pending[] = []
  readonly #ending = new Set<Promise<void>>()
  #worker: Worker | undefined
  #working: Promise<void> | undefined
  #failures = 0
  #isClosed = false
  #isOver = false
  #hasComplained = false

  /** `start` is called at the first question and after every end. */
  constructor(start: () => Promise<Running>, warn: (message: string) => void) {
    this.#start = start
    this.#warn = warn
  }

  ask(question: Question): Promise<ProcessResult> {
    if (this.#isClosed || question.signal?.aborted) return Promise.resolve(interrupted)
    if (this.#failures >= mostFailures) return Promise.resolve(givenUp)
    const { promise, resolve } = Promise.withResolvers<ProcessResult>()
    const forget = () => this.#forget(pending)
    const pending: Pending = { ...question, settle: resolve, forget }
    this.#queue.push(pending)
    question.signal?.addEventListener('abort', forget)
    this.#working ??= this.#work()
    return promise
  }

  /** Lets what is asked be answered for a while, then closes the process's stdin, then ends its tree. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#working) await within(drainMs, this.#working)
    this.#isOver = true
    const worker = this.#worker
    if (worker) this.#retire(worker.leave())
    await this.#working
    await Promise.all(this.#ending)
  }

  /** Of a question that waits for others nobody has heard yet. */
  #forget(pending: Pending): void {
    const at = this.#queue.indexOf(pending)
    if (at >= 0) this.#queue.splice(at, 1)
    pending.settle(interrupted)
  }

  async #work(): Promise<void> {
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      next.signal?.removeEventListener('abort', next.forget)
      next.settle(await this.#answer(next))
      // What it has written beside its answer must be seen before the next question: it is no answer to that.
      await setImmediate()
    }
    this.#working = undefined
  }

  async #answer(question: Question): Promise<ProcessResult> {
    if (this.#isOver || question.signal?.aborted) return interrupted
    if (this.#failures >= mostFailures) return givenUp
    try {
      const worker = await this.#usableWorker()
      const result = this.#isOver ? interrupted : await worker.ask(question)
      this.#count(result)
      if (this.#isOver || !worker.isUsable) this.#replace(worker)
      return result
    } catch (error) {
      this.#count(broken(''))
      return startFailure(error)
    }
  }

  async #usableWorker(): Promise<Worker> {
    const before = this.#worker
    if (before?.isUsable) return before
    if (before) this.#replace(before)
    const worker = new Worker(await this.#start())
    this.#worker = worker
    return worker
  }

  #count({ kind }: ProcessResult): void {
    if (kind === 'interrupted') return
    this.#failures = kind === 'exited' ? 0 : this.#failures + 1
    if (this.#failures === mostFailures)
      this.#warn(`a persistent hook failed ${mostFailures} times in a row and is not started again`)
  }

  #replace(worker: Worker): void {
    this.#worker = undefined
    if (worker.complaint !== undefined && !this.#hasComplained) {
      this.#hasComplained = true
      this.#warn(worker.complaint)
    }
    this.#retire(worker.end())
  }

  #retire(end: Promise<void>): void {
    const ending = end.finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
  }
}

const interrupted: ProcessResult = { kind: 'interrupted' }
const givenUp = broken(
  `hook process failed ${mostFailures} times in a row and is not started again`,
)

async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, ms)
  await Promise.race([promise, late.promise])
  clearTimeout(timer)
}

/** One life of the process. */
class Worker {
  readonly #running: Running
  readonly #lines: LineReader
  #asked: ((result: ProcessResult) => void) | undefined
  #isUsable = true
  /** What it did wrong beside answering. */
  complaint: string | undefined

  constructor(running: Running) {
    this.#running = running
    this.#lines = new LineReader(running, {
      line: (line) => this.#hear(line),
      overflow: () =>
        this.#lose(broken('hook process wrote a line that is longer than can be kept')),
    })
    // A process that reads no more can never answer.
    running.stdin.once('close', () => void this.#mourn())
    void running.exited.then(() => this.#mourn())
  }

  get isUsable(): boolean {
    return this.#isUsable
  }

  async ask({ json, timeoutSec, signal }: Question): Promise<ProcessResult> {
    if (!this.#isUsable) return broken('hook process has ended')
    const answer = Promise.withResolvers<ProcessResult>()
    this.#asked = answer.resolve
    const late = () => this.#lose({ kind: 'timed_out', seconds: timeoutSec })
    // Where its answer is not waited for, it would be taken for that to the next question.
    const stop = () => this.#lose({ kind: 'interrupted' })
    const timer = setTimeout(late, timeoutSec * 1000)
    signal?.addEventListener('abort', stop, { once: true })
    this.#running.stdin.write(`${json}\n`)
    const result = await answer.promise
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
    return result
  }

  /** Ends it with all that it started. */
  async end(): Promise<void> {
    this.#isUsable = false
    await this.#running.kill()
    this.#lines.close()
  }

  /** Lets it end by itself, and ends what is left. */
  async leave(): Promise<void> {
    this.#isUsable = false
    this.#running.stdin.end()
    await within(farewellMs, this.#running.exited)
    await this.end()
  }

  #hear(line: string): void {
    if (!this.#asked) {
      this.#isUsable = false
      this.complaint =
        'a persistent hook wrote more than its answers to stdout, and is started anew'
      return
    }
    if (line.startsWith('{')) this.#settle(answered(line))
    else this.#lose(broken('hook process answered with a line that is no JSON object'))
  }

  #lose(result: ProcessResult): void {
    this.#isUsable = false
    this.#settle(result)
  }

  #settle(result: ProcessResult): void {
    const asked = this.#asked
    this.#asked = undefined
    asked?.(result)
  }

  /** It ended, or closed its stdin; what it wrote before that still counts. */
  async #mourn(): Promise<void> {
    this.#isUsable = false
    await within(lastWordsMs, this.#lines.ended)
    const { stderr } = this.#lines
    const words = stderr === '' ? '' : `: ${stderr}`
    this.#lose(broken(`hook process ended before it answered${words}`))
  }
}
