import { HooklineError, messageOf, wrapError } from './errors.ts'
import { nearest } from './kit/nearest.ts'
import { HookRow, type CallFacts, type Owner } from './taps.ts'
import { inOrderOfNeeds } from './order-of-needs.ts'
import { pluginSourceKey } from './service-keys.ts'
import { Services } from './services.ts'
import { redactError } from './turn/redact-deep.ts'
import { claimsOf, resolveSettings } from './settings.ts'
import type { SettingsLayers } from './settings-layers.ts'
import type { Cleanup, Log, PluginApi, Secrets, SharedKey, PluginEntry } from './plugin.ts'
import type { Candidate } from './points/admission.ts'
import type { SessionFacts } from './points/turn.ts'
import type { CoreSettings } from './core-settings.ts'

export interface KernelOptions {
  /** In order; built-ins first. */
  readonly plugins: readonly PluginEntry[]
  readonly session: SessionFacts
  readonly secrets: Secrets
  readonly layers: SettingsLayers
  /** The layers are complete: `configure` is not asked. */
  readonly configured: boolean
  readonly strictConfig: boolean
  /** What bootstrap taps are called with. */
  readonly call: CallFacts
  log(plugin: string): Log
  warn(message: string): void
  shared: PluginApi['shared']
}

/** Built-ins that nobody can leave out: without them a guard would be missing silently. */
const required = new Set(['policy', 'command-hooks', 'config-files', 'plugin-loader'])

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Sets plugins up, owns what they registered, and takes it all down again. Belongs to one session. */
export class Kernel {
  readonly row = new HookRow()
  readonly services = new Services()
  readonly session: SessionFacts
  readonly #options: KernelOptions
  readonly #cleanups = new AsyncDisposableStack()
  readonly #entries: PluginEntry[] = []
  readonly #failures: HooklineError[] = []
  #layers: SettingsLayers
  #settings: Readonly<Record<string, unknown>> = {}

  private constructor(options: KernelOptions) {
    this.#options = options
    this.#layers = options.layers
    this.session = options.session
  }

  /** Sets up the bootstrap plugins, reads the settings they add, then sets up the rest. */
  static async open(options: KernelOptions): Promise<Kernel> {
    const kernel = new Kernel(options)
    try {
      await kernel.#start()
      return kernel
    } catch (error) {
      await kernel[Symbol.asyncDispose]().catch(() => {})
      throw error
    }
  }

  get layers(): SettingsLayers {
    return this.#layers
  }

  /** Parsed settings of core and of all plugins. */
  get settings(): Readonly<Record<string, unknown>> & CoreSettings {
    // Core's own keys are always claimed, so the resolved settings hold them.
    return this.#settings as Readonly<Record<string, unknown>> & CoreSettings
  }

  /** The plugins that are set up, in order. */
  plugins(): readonly PluginEntry[] {
    return this.#entries
  }

  /** Third-party plugins that could not be set up and were left out. */
  failures(): readonly HooklineError[] {
    return this.#failures
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanups.disposeAsync()
  }

  async #start(): Promise<void> {
    const given = this.#options.plugins
    this.#checkNames(given)
    for (const entry of given.filter(({ plugin }) => plugin.phase === 'bootstrap'))
      await this.#use(entry)
    if (!this.#options.configured && this.row.isUsed('configure'))
      this.#layers = await this.row.refine('configure', this.#layers, this.#options.call)
    const disabled = this.#disabled()
    const builtins = given.filter(
      ({ plugin }) => plugin.phase !== 'bootstrap' && !disabled.has(plugin.name),
    )
    const admitted = [...(await this.#admitted(builtins)), ...(await this.#more())]
    this.#checkNames([...this.#entries, ...admitted])
    const claims = claimsOf([...this.#entries, ...admitted].map(({ plugin }) => plugin))
    const resolved = await resolveSettings(this.#layers, claims, {
      strict: this.#options.strictConfig,
    })
    this.#settings = resolved.values
    for (const warning of resolved.warnings) this.#options.warn(warning)
    for (const entry of inOrderOfNeeds(
      admitted,
      new Set(this.#entries.map(({ plugin }) => plugin.name)),
    ))
      await this.#use(entry)
  }

  /** Plugins from elsewhere; whoever brings them has asked `admit` before any of their code was loaded. */
  async #more(): Promise<readonly PluginEntry[]> {
    const { services, session, layers } = this
    const sources = services.ids(pluginSourceKey).map((id) => services.get(pluginSourceKey, id))
    const found = await Promise.all(
      sources.map((source) =>
        source.load({
          layers,
          session,
          refusal: (asked) => this.refusal(asked),
          report: (error) => this.report(error),
        }),
      ),
    )
    return found.flat()
  }

  #disabled(): ReadonlySet<string> {
    const names = new Set<string>()
    for (const layer of this.#layers.active()) {
      const table = layer.values['builtins']
      const listed = isTable(table) && Array.isArray(table['disable']) ? table['disable'] : []
      for (const name of listed) {
        if (typeof name !== 'string') continue
        if (required.has(name)) {
          throw new HooklineError(
            'CONFIG_INVALID',
            `builtins.disable names "${name}" (${layer.file ?? layer.name}), which cannot be left out`,
            {
              hint: `remove "${name}" from builtins.disable`,
            },
          )
        }
        names.add(name)
      }
    }
    const there = this.#options.plugins.map(({ plugin }) => plugin.name)
    for (const name of names) {
      if (there.includes(name)) continue
      const guess = nearest(name, there)
      this.#options.warn(
        `builtins.disable names "${name}", which is no built-in plugin${guess === undefined ? '' : `; did you mean "${guess}"?`}`,
      )
    }
    return names
  }

  #checkNames(entries: readonly PluginEntry[]): void {
    const seen = new Set<string>()
    for (const { plugin } of entries) {
      if (seen.has(plugin.name)) {
        throw new HooklineError('PLUGIN_NAME_TAKEN', `two plugins are called "${plugin.name}"`, {
          plugin: plugin.name,
          hint: 'rename one, or leave the built-in out with [builtins] disable',
        })
      }
      seen.add(plugin.name)
    }
  }

  async #admitted(entries: readonly PluginEntry[]): Promise<readonly PluginEntry[]> {
    if (!this.row.isUsed('admit')) return entries
    const kept: PluginEntry[] = []
    for (const entry of entries) {
      const error = await this.refusal({
        name: entry.plugin.name,
        power: entry.plugin.power ?? 'observe',
      })
      if (!error) kept.push(entry)
      else if (required.has(entry.plugin.name)) throw error
      else this.report(error)
    }
    return kept
  }

  /** Asks `admit` about a plugin, before any of its code is loaded. */
  async refusal(
    asked: Pick<Candidate, 'name' | 'power' | 'specifier'>,
  ): Promise<HooklineError | undefined> {
    if (!this.row.isUsed('admit')) return undefined
    const { source, product } = this.session
    const refusal = await this.row.answer(
      'admit',
      { kind: 'plugin', ...asked, source, product },
      this.#options.call,
    )
    return (
      refusal &&
      new HooklineError('PLUGIN_REFUSED', `plugin "${asked.name}" is refused: ${refusal.reason}`, {
        plugin: asked.name,
      })
    )
  }

  async #use(entry: PluginEntry): Promise<void> {
    const { plugin, builtin } = entry
    const lifetime = new AbortController()
    try {
      // The settings were parsed by this plugin's own schemas, so they have the types it declares.
      const api = this.#api(entry, lifetime.signal) as Parameters<typeof plugin.setup>[0]
      const cleanup: void | Cleanup = await plugin.setup(api)
      this.#entries.push(entry)
      this.#cleanups.defer(async () => {
        try {
          await cleanup?.()
        } finally {
          lifetime.abort()
        }
      })
    } catch (error) {
      lifetime.abort()
      const fault = wrapError(error, 'PLUGIN_SETUP_FAILED', { plugin: plugin.name })
      const named =
        fault.code === 'PLUGIN_SETUP_FAILED'
          ? new HooklineError(
              'PLUGIN_SETUP_FAILED',
              `plugin "${plugin.name}" could not be set up: ${messageOf(error)}`,
              { plugin: plugin.name, cause: error },
            )
          : fault
      // A missing guard must never be a passed guard.
      if (builtin || plugin.power === 'decide') throw named
      this.report(named)
    }
  }

  /** Notes that a plugin is left out, and tells the user. */
  report(fault: HooklineError): void {
    const error = redactError(fault, this.#options.secrets)
    this.#failures.push(error)
    this.#options.warn(error.message)
    this.row.observe('pluginFailure', error, this.#options.call)
  }

  #api({ plugin, builtin }: PluginEntry, signal: AbortSignal): PluginApi {
    const power = plugin.power ?? 'observe'
    const log = this.#options.log(plugin.name)
    const owner: Owner = { name: plugin.name, power, builtin, log, signal }
    const { services } = this
    const keys = [...Object.keys(plugin.settings ?? {}), ...(plugin.reads ?? [])]
    const api: PluginApi = {
      hooks: this.row.view(owner),
      services: {
        // oxlint-disable-next-line eslint/max-params -- the shape that every plugin calls
        provide: (key, id, factory, options) => {
          checkProvision(owner, key.id)
          const replaces = options?.replaces ?? false
          const offer = services.provide(key, id, { owner: plugin.name, factory, replaces })
          signal.addEventListener('abort', () => offer[Symbol.dispose](), { once: true })
          return offer
        },
        get: (key, id) => services.get(key, id),
        find: (key, id) => services.find(key, id),
        ids: (key) => services.ids(key),
      },
      settings: Object.freeze(Object.fromEntries(keys.map((key) => [key, this.#settings[key]]))),
      layers: this.#layers,
      session: this.session,
      log,
      secrets: this.#options.secrets,
      signal,
      shared: <T extends object>(
        key: SharedKey<T>,
        scope: 'process' | 'home',
        create: () => T | Promise<T>,
      ) => this.#options.shared(key, scope, create),
    }
    return Object.freeze(api)
  }
}

/** What guards or speaks for the user takes the power to decide; a tool takes the power to shape. */
const provisionPowers: Readonly<Record<string, readonly string[]>> = {
  sandbox: ['decide'],
  auth: ['decide'],
  store: ['decide'],
  model: ['decide'],
  tool: ['shape', 'decide'],
}

function checkProvision(owner: Owner, key: string): void {
  const needed = provisionPowers[key]
  if (!needed || needed.includes(owner.power)) return
  throw new HooklineError(
    'PLUGIN_POWER_EXCEEDED',
    `providing a ${key} takes the power "${needed[0]}", "${owner.name}" declares "${owner.power}"`,
    {
      plugin: owner.name,
      hint: `declare power: '${needed[0]}'`,
    },
  )
}
