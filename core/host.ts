import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { HooklineError, isHooklineError } from './errors.ts'
import { Kernel } from './kernel.ts'
import { Redactor } from './kit/redact.ts'
import { uuid7 } from './kit/ids.ts'
import type { AnyPlugin, Log, PluginEntry } from './plugin.ts'
import { inboxKey, sessionsKey, type ChildRequest } from './service-keys.ts'
import { factsOf, layersOf, partsFor, type Draft, type Inherited } from './session-parts.ts'
import type { Services } from './services.ts'
import { SharedThings } from './shared.ts'
import { redactError } from './turn/redact-deep.ts'
import { Session } from './turn/session.ts'

export interface HostOptions {
  /** The plugins of every session, in order. They may use all stages. */
  readonly plugins: readonly AnyPlugin[]
  /** The user's home of the product; default `$HOOKLINE_HOME`, else `~/.hookline`. */
  readonly home?: string
  /** Takes log lines; default none. */
  readonly log?: (line: LogLine) => void
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'notice' | 'warn'
  readonly plugin: string
  readonly message: string
}

export interface SessionOptions {
  /** Absolute, or relative to the folder of the process; default that folder. */
  readonly cwd?: string
  /** Who starts it: `exec`, `cli`, `vscode`, `mcp`, … or a word of your own. */
  readonly source: string
  /** Default: derived from the source. */
  readonly product?: string
  /** On top of the host's plugins. */
  readonly plugins?: readonly AnyPlugin[]
  /** Settings that win over all files but the managed ones; wire names. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Keeps no record. */
  readonly ephemeral?: boolean
  /** Takes up a recorded session: an id, a name, or `{ last: true }` for the newest of the folder. */
  readonly resume?: string | { readonly last: true; readonly anyFolder?: boolean }
  /** Unknown configuration keys are errors. */
  readonly strictConfig?: boolean
  /** JSON Schema that the final answer of each turn must fit. */
  readonly outputSchema?: Readonly<Record<string, unknown>>
}

/** What is shared by sessions: the home, the plugins, and everything costly. */
export interface Host extends AsyncDisposable {
  readonly home: string
  session(options: SessionOptions): Promise<Session>
}

/** Makes a host. Dispose it to close the sessions that are still open. */
export function createHost(options: HostOptions): Host {
  // An empty variable is one that is not set: it would make the working folder the home.
  const usual = process.env['HOOKLINE_HOME'] || join(homedir(), '.hookline')
  const home = resolve(options.home ?? usual)
  const maker = new SessionMaker(home, options)
  return {
    home,
    session: (wanted) => maker.open(wanted),
    [Symbol.asyncDispose]: () => maker.closeAll(),
  }
}

class SessionMaker {
  readonly #home: string
  readonly #options: HostOptions
  readonly #secrets = new Redactor()
  readonly #shared = new SharedThings()
  readonly #sessions = new Set<Session>()

  constructor(home: string, options: HostOptions) {
    this.#home = home
    this.#options = options
  }

  async closeAll(): Promise<void> {
    const closing = [...this.#sessions].map((session) => session.close())
    await Promise.allSettled(closing)
    await Promise.all(closing)
  }

  async open(options: SessionOptions): Promise<Session> {
    try {
      return await this.make(options, undefined)
    } catch (error) {
      throw isHooklineError(error) ? redactError(error, this.#secrets) : error
    }
  }

  async make(options: SessionOptions, inherited: Inherited | undefined): Promise<Session> {
    const draft: Draft = { id: uuid7(), transcriptPath: undefined }
    const facts = factsOf(draft, { home: this.#home, options, inherited })
    const warnings: string[] = []
    // Once there is a session, warnings go straight to it.
    const live: { session: Session | undefined } = { session: undefined }
    const warn = (text: string) =>
      live.session ? live.session.warn(text) : void warnings.push(text)
    const lease = this.#shared.lease()
    const opening = Kernel.open({
      plugins: this.#entries(options, inherited),
      session: facts,
      secrets: this.#secrets,
      layers: layersOf(options, inherited),
      // A child takes over what its parent has read.
      configured: inherited !== undefined,
      strictConfig: options.strictConfig ?? false,
      call: {
        signal: new AbortController().signal,
        turn: undefined,
        show: (item) => live.session?.show(item) ?? silent,
      },
      log: (plugin) => this.#log(plugin, warn),
      warn,
      shared: (key, scope, create) => lease.get(key, scope, create),
    })
    const kernel = await opening.catch(async (error: unknown) => {
      await lease[Symbol.asyncDispose]()
      throw error
    })
    try {
      this.#provideOwn(kernel.services, () => live.session)
      const parts = await partsFor({ kernel, facts, draft, options, inherited }, this.#secrets)
      const session: Session = new Session({
        ...parts,
        log: (name) => this.#log(name, warn),
        warnings: [...warnings, ...parts.warnings],
        onClosed: async () => {
          this.#sessions.delete(session)
          await lease[Symbol.asyncDispose]()
        },
      })
      live.session = session
      this.#sessions.add(session)
      return session
    } catch (error) {
      await using stack = new AsyncDisposableStack()
      stack.use(lease)
      stack.use(kernel)
      throw error
    }
  }

  /** Before the record is opened: nothing may fail after it. */
  #provideOwn(services: Services, find: () => Session | undefined): void {
    const owner = 'core'
    const opened = () => {
      const session = find()
      if (session) return session
      throw new HooklineError('SERVICE_MISSING', 'the session is not open yet')
    }
    services.provide(inboxKey, 'default', { owner, factory: () => opened().inbox })
    const child = (request: ChildRequest) => this.#child(opened(), request)
    services.provide(sessionsKey, 'default', { owner, factory: () => ({ child }) })
  }

  #child(parent: Session, request: ChildRequest): Promise<Session> {
    const wanted: SessionOptions = {
      cwd: parent.facts.cwd,
      source: `subagent:${request.kind}`,
      ephemeral: request.ephemeral ?? parent.facts.ephemeral,
      plugins: request.extra ?? [],
      ...(request.settings ? { settings: request.settings } : {}),
    }
    return this.make(wanted, {
      parentId: parent.facts.id,
      parentTranscriptPath: parent.facts.transcriptPath,
      product: parent.facts.product,
      layers: parent.kernel.layers,
      sandbox: parent.parts.turnFacts.sandbox,
      plugins: request.plugins,
      without: request.without ?? [],
      readOnly: request.readOnly ?? false,
    })
  }

  #entries(options: SessionOptions, inherited: Inherited | undefined): readonly PluginEntry[] {
    const plugins = [...(inherited?.plugins ?? this.#options.plugins), ...(options.plugins ?? [])]
    const wanted = plugins.filter(({ name }) => !inherited?.without.includes(name))
    return wanted.map((plugin) => ({ plugin, builtin: true }))
  }

  #log(plugin: string, warn: (text: string) => void): Log {
    const write = (level: LogLine['level'], message: string) =>
      this.#options.log?.({ level, plugin, message: this.#secrets.redact(message) })
    return {
      debug: (text) => write('debug', text),
      info: (text) => write('info', text),
      notice: (text) => write('notice', text),
      warn: (text) => {
        write('warn', text)
        warn(text)
      },
    }
  }
}

const silent = { id: '', update: () => {}, end: () => {} }
