import type { HooklineError } from './errors.ts'
import type { Item } from './items.ts'
import type { Candidate } from './points/admission.ts'
import type { SessionEvent, Usage } from './points/events.ts'
import type { ExecPlan, Running } from './points/exec.ts'
import type { ModelEvent, ModelRequest } from './points/model.ts'
import type { Tool } from './points/tool.ts'
import type { SessionFacts, TurnFacts } from './points/turn.ts'
import { serviceKey } from './services.ts'
import type { AnyPlugin, PluginEntry } from './plugin.ts'
import type { SettingsLayers } from './settings-layers.ts'
import type { Session } from './turn/session.ts'

/** Speaks one wire with one endpoint. */
export interface ModelProvider {
  /** Shown to people. */
  readonly name: string
  /** Further attempts to open a stream. */
  readonly requestMaxRetries: number
  /** Further streams after one that broke. */
  readonly streamMaxRetries: number
  /** One attempt. Throws a HooklineError whose `retry` says whether and when another may help. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>
}

/** What a model can do, as far as the loop must know. */
export interface ModelInfo {
  readonly slug: string
  /** False: nothing is known of it and defaults are used. */
  readonly known: boolean
  readonly contextWindow: number
  readonly parallelToolCalls: boolean
  readonly effort?: string
  readonly summary?: string
  readonly verbosity?: string
  /** `freeform`: apply_patch is offered as a custom tool with a grammar. */
  readonly applyPatch: 'freeform' | 'none'
  /** `code_only`: the model is offered `exec` and `wait` alone. */
  readonly toolMode: 'direct' | 'code_only'
  /** False: it does not reason, and may refuse to be asked for reasoning. */
  readonly reasoning?: boolean
}

/** What is known of models. */
export interface ModelCatalog {
  /** Used where no setting names a model. */
  readonly defaultModel: string
  describe(model: string): ModelInfo
}

/** Whom a credential is for. */
export interface Audience {
  readonly provider: string
  readonly baseUrl: string
  readonly envKey?: string
  readonly envKeyInstructions?: string
  readonly bearerToken?: string
  /** The provider wants an OpenAI sign-in. */
  readonly openAiAuth: boolean
}

/** Headers that prove who asks. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>
  /** A second attempt after a 401 may help, because `refresh` can get another credential. */
  readonly refreshable: boolean
}

/** Where credentials come from. */
export interface AuthProvider {
  credentials(audience: Audience): Promise<Credentials>
  refresh(audience: Audience): Promise<Credentials>
  forget(): Promise<void>
}

export type Availability =
  | { readonly ok: true; readonly warning?: string }
  | { readonly ok: false; readonly reason: string; readonly remedy: string }

/** Runs processes within the limits of a plan. */
export interface SandboxBackend {
  available(): Promise<Availability>
  /** Throws SANDBOX_REFUSED where it cannot enforce the plan: it never runs a command with less. */
  spawn(plan: ExecPlan, signal: AbortSignal): Promise<Running>
}

export interface SessionMeta {
  readonly id: string
  readonly cwd: string
  readonly source: string
  readonly product: string
  readonly provider: string
  readonly model: string
  readonly startedAt: string
  readonly parentId?: string
}

/** One line of a session's record. Secrets are taken out of it already. */
export type LogEntry =
  | { readonly type: 'item'; readonly item: Item; readonly turnId?: string }
  | { readonly type: 'turn'; readonly facts: TurnFacts }
  | { readonly type: 'event'; readonly event: SessionEvent }
  | {
      readonly type: 'usage'
      readonly usage: Usage
      readonly turnUsage: Usage
      readonly threadUsage: Usage
      readonly responseId?: string
    }

/** The open record of one session. Whoever holds it is its only writer. */
export interface SessionLog {
  readonly path?: string
  /** Settles when the entries are with the operating system; throws STORE_WRITE_FAILED, after which nothing was half-written. */
  append(entries: readonly LogEntry[]): void | Promise<void>
  close(): Promise<void>
}

export interface StoredSession {
  readonly meta: SessionMeta
  readonly items: readonly Item[]
  readonly threadUsage: Usage
  readonly log: SessionLog
  /** Repairs and the like that the user should know of. */
  readonly warnings: readonly string[]
}

/** Keeps sessions. */
export interface SessionStore {
  create(meta: SessionMeta): Promise<SessionLog>
  /** Takes a session up again; throws SESSION_NOT_FOUND or SESSION_BUSY. */
  open(idOrName: string): Promise<StoredSession>
  /** The newest session of a folder, or of all folders. */
  latest(filter: { readonly cwd?: string }): Promise<string | undefined>
}

/** What a child session is made from. It inherits source, product, settings and policy of its parent, never more. */
export interface ChildRequest {
  /** What it is for, such as `review`; its source becomes `subagent:<kind>`. */
  readonly kind: string
  /** Its plugins in place of its parent's. */
  readonly plugins?: readonly AnyPlugin[]
  /** Names of its parent's plugins that it does without. */
  readonly without?: readonly string[]
  /** Plugins of its own, after those of its parent. */
  readonly extra?: readonly AnyPlugin[]
  /** On top of its parent's settings. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Its commands may neither write nor use the network, whatever its settings say. */
  readonly readOnly?: boolean
  /** It keeps no record; without it, as its parent. */
  readonly ephemeral?: boolean
}

/** Makes child sessions. */
export interface Sessions {
  child(request: ChildRequest): Promise<Session>
}

/** Tells the model something outside of every hook point, whenever that comes. */
export interface Inbox {
  /** Told as a developer message with the next request, after everything that is recorded by then; without one before the next prompt. */
  tell(text: string): void
}

/** Variables that the commands of this session are given on top of their own. */
export interface SessionEnv {
  /** The environment of a command with what was added or changed since the session began. */
  apply(base: Readonly<Record<string, string>>): Readonly<Record<string, string>>
}

/** A script that runs in an isolate: JavaScript without files, network, processes, timers or modules. */
export interface IsolateRequest {
  /**
   * The body of a function that is given `event` and returns the answer; or one function expression, which is called
   * with it; or a module, recognised by a line that begins with `export`, whose default export is called with it.
   * It may be asynchronous, and is strict in every form.
   */
  readonly source: string
  /** Becomes `event`, by way of JSON; undefined stays undefined. */
  readonly input: unknown
  readonly limits?: {
    /** Heap and buffers; 64 without it, at least 8. */
    readonly memoryMiB?: number | undefined
    /** 200 without it. Waiting for a busy processor does not count, within reason. */
    readonly timeoutMs?: number | undefined
  }
  /** What messages and stack traces call it, such as the file it came from. */
  readonly name?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export type IsolateOutcome =
  /** The answer by way of JSON; undefined where the script returned nothing. */
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false
      /**
       * `error`: it threw, does not compile, or its input or answer is no JSON or too long. `crash`: it takes down the
       * process of the isolates, which scripts that run beside it do not notice. `unavailable`: scripts cannot run here.
       */
      readonly kind: 'error' | 'timeout' | 'memory' | 'crash' | 'aborted' | 'unavailable'
      readonly message: string
    }

/** Runs scripts that nobody has to trust. */
export interface IsolateService {
  /** Starts what runs scripts, where it does not run yet, so that the first script need not wait for it. */
  available(): Promise<Availability>
  /** Runs a script in an isolate of its own, which nothing else ever sees. Never rejects. */
  run(request: IsolateRequest): Promise<IsolateOutcome>
}

/** What an MCP server answered to a call. */
export interface McpAnswer {
  /** The text parts, or the structured result as JSON where there are none. */
  readonly text: string
  /** The tool says that it failed. */
  readonly isError: boolean
  /** The content blocks as they came. */
  readonly content: unknown
}

export interface McpCallOptions {
  readonly signal?: AbortSignal | undefined
  /** Default: what the settings of the server say. */
  readonly timeoutMs?: number | undefined
}

/** A configured MCP server that is not disabled. */
export interface McpServerFacts {
  readonly name: string
  readonly status: 'waiting' | 'starting' | 'ready' | 'failed'
  /** Original names of the tools that the model may be offered. */
  readonly tools: readonly string[]
  /** Why it is not there, with status `failed`. */
  readonly reason?: string
}

/** The MCP servers of a session, for callers other than the model: no gate, hook or approval is asked. */
export interface McpServers {
  /**
   * Calls a tool by its original name, also one that the model is not offered; starts the server where it does not run
   * yet. Throws MCP_SERVER_UNAVAILABLE or MCP_CALL_FAILED.
   */
  call(
    server: string,
    tool: string,
    input: Readonly<Record<string, unknown>>,
    options?: McpCallOptions,
  ): Promise<McpAnswer>
  servers(): readonly McpServerFacts[]
}

/** What a source of plugins may ask while a session is set up: settings are read, policy is asked, nothing else runs yet. */
export interface PluginSourceContext {
  readonly layers: SettingsLayers
  readonly session: SessionFacts
  /** Asks `admit`; to be called before any code of the plugin is loaded. */
  refusal(
    asked: Pick<Candidate, 'name' | 'power' | 'specifier'>,
  ): Promise<HooklineError | undefined>
  /** Tells that a plugin is left out. */
  report(error: HooklineError): void
}

/** Brings plugins that are not built in. Provided by bootstrap plugins. */
export interface PluginSource {
  load(context: PluginSourceContext): Promise<readonly PluginEntry[]>
}

/** A command that a plugin adds to the command line. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** Returns the exit code. */
  run(words: readonly string[], context: CommandContext): Promise<number>
}

export interface CommandContext {
  readonly cwd: string
  readonly home: string
  readonly json: boolean
  print(text: string): void
}

export const modelKey = serviceKey<ModelProvider>('model')
export const catalogKey = serviceKey<ModelCatalog>('model-catalog')
export const authKey = serviceKey<AuthProvider>('auth')
export const sandboxKey = serviceKey<SandboxBackend>('sandbox')
export const toolKey = serviceKey<Tool>('tool')
export const storeKey = serviceKey<SessionStore>('store')
export const sessionsKey = serviceKey<Sessions>('sessions')
export const inboxKey = serviceKey<Inbox>('inbox')
export const sessionEnvKey = serviceKey<SessionEnv>('session-env')
export const isolateKey = serviceKey<IsolateService>('isolate')
export const mcpKey = serviceKey<McpServers>('mcp')
export const pluginSourceKey = serviceKey<PluginSource>('plugin-source')
export const commandKey = serviceKey<Command>('command')
