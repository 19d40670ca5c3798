import { HooklineError, messageOf, type Log } from 'hookline'
import { readResult, type CallOutcome } from './call-result.ts'
import { openLink, type Answered, type Asked, type Link } from './link.ts'
import type { ListedTool } from './listed-tool.ts'
import { startProcess, type ServerProcess } from './server-process.ts'
import type { Launch } from './server-spec.ts'
import { unlessAborted } from './unless-aborted.ts'

/** One call of a tool. */
export interface ToolRequest extends Pick<Asked, 'timeoutMs' | 'signal' | 'onProgress'> {
  readonly tool: string
  readonly input: Readonly<Record<string, unknown>>
  /** Sent along for the server. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined
}

/** How often in a row a server may end before it is given up; an answer to a call starts the count again. */
const mostEnds = 3
/** How often the list of tools is read anew; a server that changes it all the time keeps the session busy. */
const mostRelists = 500

/** What happens to a server, for whoever uses it. */
export type ServerEvent =
  /** Its list of tools is another one. */
  | { readonly type: 'tools' }
  /** It could not be started and stays away. */
  | { readonly type: 'failed'; readonly reason: string }
  /** It has ended after it had been there; with `again` its next call starts it anew. */
  | { readonly type: 'ended'; readonly reason: string; readonly again: boolean }
  | { readonly type: 'left_out'; readonly tools: readonly string[] }

type Listener = (event: ServerEvent) => void

/** One server with its process: started once for all sessions that use it, and again after a crash. */
export class Server {
  readonly #launch: Launch
  readonly #log: Log
  readonly #listeners = new Set<Listener>()
  #process: Promise<ServerProcess> | undefined
  #link: Promise<Link> | undefined
  #ready = false
  #tools: readonly ListedTool[] = []
  #instructions: string | undefined
  #hasResources = false
  #failure: string | undefined
  #leftOut = ''
  #ends = 0
  #closed = false
  #refresh: 'idle' | 'running' | 'again' = 'idle'
  #relists = 0

  constructor(launch: Launch, log: Log) {
    this.#launch = launch
    this.#log = log
  }

  get status(): 'waiting' | 'starting' | 'ready' | 'failed' {
    if (this.#failure !== undefined) return 'failed'
    if (this.#ready) return 'ready'
    return this.#process ? 'starting' : 'waiting'
  }

  /** Why it stays away. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** Kept while it is started again after a crash. */
  get tools(): readonly ListedTool[] {
    return this.#tools
  }

  get instructions(): string | undefined {
    return this.#instructions
  }

  get hasResources(): boolean {
    return this.#hasResources
  }

  /** Hears what happens from now on. */
  listen(listener: Listener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  /** Starts the process, without talking to it yet. Settles when it runs or cannot be started; never rejects. */
  async start(): Promise<void> {
    if (this.#failure !== undefined || this.#closed) return
    try {
      this.#process ??= startProcess(this.#launch, this.#log)
      await this.#process
    } catch (error) {
      this.#fail(messageOf(error))
    }
  }

  /** Settles when its tools are known. Throws MCP_SERVER_UNAVAILABLE. */
  async connect(): Promise<void> {
    await this.#connected()
  }

  /** Asks the server, and starts it for that where it does not run. Throws MCP_SERVER_UNAVAILABLE. */
  async ask(asked: Asked): Promise<Answered> {
    const link = await unlessAborted(this.#connected(), asked.signal)
    if (!link) return { ok: false, message: 'the call was interrupted' }
    const answer = await link.ask(asked)
    if (answer.ok) this.#ends = 0
    return answer
  }

  /** Calls a tool. Throws MCP_SERVER_UNAVAILABLE. */
  async call({ tool, input, meta, ...how }: ToolRequest): Promise<CallOutcome> {
    const params = { name: tool, arguments: { ...input }, ...(meta ? { _meta: meta } : {}) }
    const answer = await this.ask({ method: 'tools/call', params, ...how })
    if (!answer.ok) return answer
    const result = readResult(answer.value)
    return result
      ? { ok: true, result }
      : { ok: false, message: 'the answer is not the result of a tool' }
  }

  /** Ends the process with everything it has started. */
  async close(): Promise<void> {
    this.#closed = true
    this.#listeners.clear()
    const process = await this.#process?.catch(() => undefined)
    process?.running.stdin.end()
    await process?.running.kill()
  }

  async #connected(): Promise<Link> {
    if (this.#failure !== undefined || this.#closed) throw this.#unavailable()
    void this.start()
    try {
      this.#link ??= this.#open()
      return await this.#link
    } catch (error) {
      this.#fail(messageOf(error))
      throw this.#unavailable(error)
    }
  }

  async #open(): Promise<Link> {
    const process = await this.#process
    if (!process) throw new Error('the session is closed')
    const events = { log: this.#log, toolsChanged: () => void this.#relist() }
    const link = await openLink(process, this.#launch, events)
    const { tools, leftOut } = await link.listTools().catch(async (error: unknown) => {
      await link.close()
      throw error
    })
    this.#instructions = link.instructions
    this.#hasResources = link.hasResources
    this.#ready = true
    void link.ended.then((reason) => this.#lost(reason))
    this.#take(tools, leftOut)
    return link
  }

  #take(tools: readonly ListedTool[], leftOut: readonly string[]): void {
    this.#tools = tools
    this.#tell({ type: 'tools' })
    const names = leftOut.join(', ')
    if (names !== '' && names !== this.#leftOut) this.#tell({ type: 'left_out', tools: leftOut })
    this.#leftOut = names
  }

  /** However often a server says that its tools have changed, it is asked for one list at a time. */
  async #relist(): Promise<void> {
    if (this.#refresh !== 'idle') {
      this.#refresh = 'again'
      return
    }
    this.#relists += 1
    if (this.#relists > mostRelists) return
    this.#refresh = 'running'
    try {
      const link = await this.#link
      const listed = await link?.listTools()
      if (listed) this.#take(listed.tools, listed.leftOut)
    } catch (error) {
      this.#log.debug(`${this.#launch.name}: ${messageOf(error)}`)
    }
    const again = this.#wantsAgain()
    this.#refresh = 'idle'
    if (again) await this.#relist()
  }

  /** A method, because what changes during an `await` is not seen by the type checker. */
  #wantsAgain(): boolean {
    return this.#refresh === 'again' && this.#ready && !this.#closed
  }

  #lost(reason: string): void {
    if (this.#closed) return
    this.#ready = false
    this.#process = undefined
    this.#link = undefined
    this.#ends += 1
    const again = this.#ends < mostEnds
    if (!again) {
      this.#failure = reason
      this.#tools = []
    }
    this.#tell({ type: 'ended', reason, again })
  }

  #fail(reason: string): void {
    if (this.#failure !== undefined || this.#closed) return
    this.#failure = reason
    this.#tools = []
    this.#tell({ type: 'failed', reason })
  }

  #tell(event: ServerEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  #unavailable(cause?: unknown): HooklineError {
    const reason = this.#failure ?? 'the session is closed'
    return new HooklineError(
      'MCP_SERVER_UNAVAILABLE',
      `MCP server "${this.#launch.name}" is not available: ${reason}`,
      {
        hint: `correct [mcp_servers.${this.#launch.name}], or set enabled = false there`,
        details: { server: this.#launch.name },
        cause,
      },
    )
  }
}
