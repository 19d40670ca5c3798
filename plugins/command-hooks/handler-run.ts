import type { Log, PluginApi, PluginServices, Secrets, SessionFacts } from 'hookline'
import type { HookHandler } from './catalog.ts'
import type { ProcessResult } from './outcome.ts'
import type { UrlTest } from './url-allow-list.ts'

/** What an event tells its handlers. The JSON is written when it is first asked for, once however many read it. */
export class EventInput {
  readonly fields: Readonly<Record<string, unknown>>
  #json: string | undefined

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.fields = fields
  }

  get json(): string {
    this.#json ??= JSON.stringify(this.fields)
    return this.#json
  }
}

/** The rest of a run that nobody waits for any more. */
export interface DetachedRun {
  /** Never rejects. */
  readonly ended: Promise<ProcessResult>
  readonly abort: () => void
}

/** One run of a handler. */
export interface HandlerRun {
  readonly handler: HookHandler
  readonly input: EventInput
  readonly cwd: string
  /** Absent: the run is bounded by its time limit alone. */
  readonly signal: AbortSignal | undefined
  /** The whole environment of a process of this run. */
  environment(): Readonly<Record<string, string>>
  /** Takes the rest of a run that says of itself that it goes on by itself; absent: none may. */
  readonly detach?: (rest: DetachedRun) => void
}

/** Runs handlers of one kind. Whatever a kind is, a run ends as a process would: with an exit code and two texts. */
export interface HandlerKind {
  run(run: HandlerRun): Promise<ProcessResult>
  /** Ends what is kept between runs. */
  close?(): Promise<void>
}

/** What kinds of handlers need beside the run itself. */
export interface KindFacts {
  readonly session: SessionFacts
  readonly services: PluginServices
  readonly shared: PluginApi['shared']
  readonly secrets: Secrets
  readonly log: Log
  readonly isAllowedUrl: UrlTest
}

/** The end of a run that answered with a text, or with none. */
export function answered(text: string): ProcessResult {
  return { kind: 'exited', code: 0, stdout: text, stderr: '' }
}

/** The end of a run that came to nothing. */
export function broken(message: string): ProcessResult {
  return { kind: 'broken', message }
}
