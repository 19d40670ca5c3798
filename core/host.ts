import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { HooklineError, isHooklineError } from './errors.ts'
import type { Item } from './items.ts'
import { Kernel, type PluginEntry } from './kernel.ts'
import { Redactor } from './kit/redact.ts'
import { uuid7 } from './kit/ids.ts'
import type { AnyPlugin, Log } from './plugin.ts'
import { noUsage, type Usage } from './points/events.ts'
import type { ApprovalPolicy, SessionFacts } from './points/turn.ts'
import type { CoreSettings } from './core-settings.ts'
import { sandboxPolicy } from './sandbox-policy.ts'
import {
  catalogKey,
  inboxKey,
  modelKey,
  sessionsKey,
  storeKey,
  type ChildRequest,
  type ModelInfo,
  type ModelProvider,
  type SessionLog,
} from './service-keys.ts'
import { SettingsLayers, type SettingsLayer } from './settings-layers.ts'
import { SharedThings } from './shared.ts'
import { productOf, sessionSource } from './source.ts'
import { redactError } from './turn/redact-deep.ts'
import { Session, type SessionParts } from './turn/session.ts'

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

interface Opened {
  readonly record: SessionLog | undefined
  readonly items: readonly Item[]
  readonly threadUsage: Usage
  readonly warnings: readonly string[]
}

/** Facts that are complete only once the session is open; plugins hold the same object from set-up on. */
interface Draft {
  id: string
  transcriptPath: string | undefined
}

interface Inherited {
  readonly parentId: string
  readonly product: string
  readonly layers: SettingsLayers
  readonly plugins: readonly AnyPlugin[] | undefined
}

/** Makes a host. Dispose it to close the sessions that are still open. */
export function createHost(options: HostOptions): Host {
  const home = resolve(options.home ?? process.env['HOOKLINE_HOME'] ?? join(homedir(), '.hookline'))
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
    await Promise.all([...this.#sessions].map((session) => session.close()))
  }

  async open(options: SessionOptions): Promise<Session> {
    try {
      return await this.make(options, undefined)
    } catch (error) {
      throw isHooklineError(error) ? redactError(error, this.#secrets) : error
    }
  }

  async make(options: SessionOptions, inherited: Inherited | undefined): Promise<Session> {
    const source = sessionSource(options.source)
    const draft: Draft = { id: uuid7(), transcriptPath: undefined }
    const facts = factsOf(draft, {
      cwd: resolve(options.cwd ?? process.cwd()),
      home: this.#home,
      source,
      product: inherited?.product ?? options.product ?? productOf(source),
      ephemeral: options.ephemeral ?? false,
    })
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
      strictConfig: options.strictConfig ?? false,
      call: {
        signal: new AbortController().signal,
        turn: undefined,
        show: (item) => live.session?.show(item) ?? silent,
      },
      log: (plugin) => this.#log(plugin, warn),
      warn,
      shared: (key, scope, create) => lease.get(key, scope, create),
      loadUsed: async (opened) => {
        const used = opened.layers.active().some((layer) => layer.values['use'] !== undefined)
        return used ? (await import('./load-plugin.ts')).loadUsed(opened) : []
      },
    })
    const kernel = await opening.catch(async (error: unknown) => {
      await lease[Symbol.asyncDispose]()
      throw error
    })
    try {
      const parts = await this.#parts({ kernel, facts, draft, options, inherited })
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
      kernel.services.provide(inboxKey, 'default', { owner: 'core', factory: () => session.inbox })
      kernel.services.provide(sessionsKey, 'default', {
        owner: 'core',
        factory: () => ({ child: (request: ChildRequest) => this.#child(session, request) }),
      })
      return session
    } catch (error) {
      await using stack = new AsyncDisposableStack()
      stack.use(lease)
      stack.use(kernel)
      throw error
    }
  }

  #child(parent: Session, request: ChildRequest): Promise<Session> {
    const wanted: SessionOptions = {
      cwd: parent.facts.cwd,
      source: `subagent:${request.kind}`,
      ephemeral: parent.facts.ephemeral,
      ...(request.settings ? { settings: request.settings } : {}),
    }
    return this.make(wanted, {
      parentId: parent.facts.id,
      product: parent.facts.product,
      layers: parent.kernel.layers,
      plugins: request.plugins,
    })
  }

  #entries(options: SessionOptions, inherited: Inherited | undefined): readonly PluginEntry[] {
    const plugins = [...(inherited?.plugins ?? this.#options.plugins), ...(options.plugins ?? [])]
    // A child takes the settings of its parent over, so it does not read the files again.
    const wanted = inherited ? plugins.filter((plugin) => plugin.phase !== 'bootstrap') : plugins
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

  async #parts(given: Making): Promise<Omit<SessionParts, 'onClosed' | 'log'>> {
    const { kernel, facts, options } = given
    const { settings } = kernel
    const provider = providerOf(kernel)
    const model = modelOf(kernel)
    const parts = {
      kernel,
      facts,
      secrets: this.#secrets,
      provider,
      model,
      turnFacts: {
        model: model.slug,
        provider: settings.model_provider,
        ...(settings.model_reasoning_effort === undefined
          ? {}
          : { effort: settings.model_reasoning_effort }),
        approvalPolicy: approvalPolicy(settings.approval_policy),
        reviewer: settings.approvals_reviewer === 'user' ? 'user' : 'auto_review',
        sandbox: sandboxPolicy(settings, {
          cwd: facts.cwd,
          home: facts.home,
          env: process.env,
          platform: process.platform,
        }),
        cwd: facts.cwd,
      },
      startReason: options.resume === undefined ? 'startup' : 'resume',
      outputSchema: options.outputSchema,
    } as const
    // Last, because it makes this process the only writer: nothing may fail after it.
    return { ...parts, ...(await openRecord(given, model.slug)) }
  }
}

interface Making {
  readonly kernel: Kernel
  readonly facts: SessionFacts
  readonly draft: Draft
  readonly options: SessionOptions
  readonly inherited: Inherited | undefined
}

const silent = { id: '', update: () => {}, end: () => {} }

function factsOf(draft: Draft, fixed: Omit<SessionFacts, 'id' | 'transcriptPath'>): SessionFacts {
  const facts = {
    ...fixed,
    get id() {
      return draft.id
    },
    get transcriptPath() {
      return draft.transcriptPath
    },
  }
  // An absent path is undefined here, as `transcriptPath?` reads it.
  return Object.freeze(facts) as SessionFacts
}

function layersOf(options: SessionOptions, inherited: Inherited | undefined): SettingsLayers {
  const own: readonly SettingsLayer[] = options.settings
    ? [{ name: 'session', values: options.settings }]
    : []
  return inherited ? inherited.layers.add(...own) : SettingsLayers.of(...own)
}

function providerOf(kernel: Kernel): ModelProvider {
  const id = kernel.settings.model_provider
  const found = kernel.services.find(modelKey, id)
  if (found) return found
  throw new HooklineError('PROVIDER_UNKNOWN', `model provider "${id}" is not configured`, {
    hint: `configure [model_providers.${id}], or set model_provider to one of: ${kernel.services.ids(modelKey).join(', ')}`,
  })
}

function modelOf(kernel: Kernel): ModelInfo {
  const catalog = kernel.services.find(catalogKey, 'default')
  const slug = kernel.settings.model ?? catalog?.defaultModel
  if (slug === undefined) {
    throw new HooklineError('CONFIG_INVALID', 'no model is named', {
      hint: 'set model in config.toml, or pass -m MODEL',
    })
  }
  return (
    catalog?.describe(slug) ?? {
      slug,
      known: false,
      contextWindow: 128_000,
      parallelToolCalls: true,
      applyPatch: 'freeform',
      toolMode: 'direct',
    }
  )
}

function approvalPolicy(setting: CoreSettings['approval_policy']): ApprovalPolicy {
  if (setting === undefined || setting === 'on-failure') return 'on-request'
  if (typeof setting === 'string') return setting
  const { granular } = setting
  return {
    granular: {
      sandboxApproval: granular.sandbox_approval,
      rules: granular.rules,
      skillApproval: granular.skill_approval,
      requestPermissions: granular.request_permissions,
      mcpElicitations: granular.mcp_elicitations,
    },
  }
}

async function resumeTarget(given: Making): Promise<string> {
  const { resume } = given.options
  if (typeof resume === 'string') return resume
  const anyFolder = typeof resume === 'object' && resume.anyFolder
  const store = given.kernel.services.get(storeKey, 'default')
  const found = await store.latest(anyFolder ? {} : { cwd: given.facts.cwd })
  if (found !== undefined) return found
  throw new HooklineError(
    'SESSION_NOT_FOUND',
    anyFolder ? 'no session is recorded' : `no session is recorded for ${given.facts.cwd}`,
    {
      hint: 'start one with a prompt, or name a session',
    },
  )
}

async function openRecord(given: Making, model: string): Promise<Opened> {
  const { kernel, facts, draft, options, inherited } = given
  const nothing = { items: [], threadUsage: noUsage, warnings: [] }
  if (options.resume !== undefined) {
    const stored = await kernel.services.get(storeKey, 'default').open(await resumeTarget(given))
    draft.id = stored.meta.id
    draft.transcriptPath = stored.log.path
    return {
      record: stored.log,
      items: stored.items,
      threadUsage: stored.threadUsage,
      warnings: stored.warnings,
    }
  }
  const store = facts.ephemeral ? undefined : kernel.services.find(storeKey, 'default')
  if (!store) return { record: undefined, ...nothing }
  const { id, cwd, source, product } = facts
  const meta = {
    id,
    cwd,
    source,
    product,
    provider: kernel.settings.model_provider,
    model,
    startedAt: new Date().toISOString(),
  }
  const log = await store.create(inherited ? { ...meta, parentId: inherited.parentId } : meta)
  draft.transcriptPath = log.path
  return { record: log, ...nothing }
}
