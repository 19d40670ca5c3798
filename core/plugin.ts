import type { ZodType, output as ZodOutput } from 'zod'
import type { CoreSettings } from './core-settings.ts'
import type { HookName, HookValue, TapReturn } from './hooks.ts'
import type { ShownItem, ThreadItemBody } from './points/events.ts'
import type { SessionFacts, TurnFacts } from './points/turn.ts'
import type { ServiceKey } from './services.ts'
import type { SettingsLayers } from './settings-layers.ts'

/** What a plugin does at most: watch, change what passes, or decide. */
export type Power = 'observe' | 'shape' | 'decide'

/** A setting whose schema is loaded only when a layer sets it. */
export interface LazySetting<T> {
  readonly fallback: T
  /** A cheap check for the start: true only for values that the schema would hand on unchanged. */
  readonly accepts?: (value: unknown) => boolean
  readonly schema: () => Promise<ZodType<T>>
}

/** Top-level configuration keys of a plugin, each with its schema. */
export type SettingsShape = Readonly<Record<string, ZodType | LazySetting<unknown>>>

type ParsedSetting<Setting> = Setting extends ZodType
  ? ZodOutput<Setting>
  : Setting extends LazySetting<infer T>
    ? T
    : never

export type ParsedSettings<Shape extends SettingsShape> = {
  readonly [Key in keyof Shape]: ParsedSetting<Shape[Key]>
}

/** A key that core owns and any plugin may read. */
export type SettingKey = keyof CoreSettings

export type Cleanup = () => void | Promise<void>

/** Lines for the log. Secrets are redacted. */
export interface Log {
  debug(message: string): void
  info(message: string): void
  /** Told to the user beside the conversation, on stderr. */
  notice(message: string): void
  /** Shown to the user as an item of the session. */
  warn(message: string): void
}

/** What every tap is given beside the value. */
export interface TapCall {
  /** Aborted when the turn is interrupted or the session closes. */
  readonly signal: AbortSignal
  /** Absent outside of a turn. */
  readonly turn: TurnFacts | undefined
  readonly log: Log
  /** When the tap must have answered, in ms since the epoch; absent without a limit. */
  readonly deadline: number | undefined
  /** Shows an item to whoever watches the session. */
  show(item: ThreadItemBody): ShownItem
}

/** Names from one table; built-ins may use all, other plugins `early`, `default` and `late`. */
export type Stage =
  | 'policy'
  | 'guard'
  | 'early'
  | 'default'
  | 'late'
  | 'review'
  | 'ask'
  | 'fallback'

export interface TapOptions {
  readonly name: string
  readonly stage?: Stage
  /** Asks for more than the hook point's own failure policy; less cannot be asked for. */
  readonly onFailure?: 'closed'
  /** The tap enforces a time limit of its own; without it the limit is 60 s. */
  readonly limit?: 'own'
}

/** A plugin's view of one hook point: it can be tapped, not called. */
export interface TapPoint<Name extends HookName> {
  tap(
    name: string | TapOptions,
    fn: (value: HookValue<Name>, call: TapCall) => TapReturn<Name>,
  ): void
  /** True when anybody has tapped it. */
  isUsed(): boolean
}

export type Taps = { readonly [Name in HookName]: TapPoint<Name> }

/** Names something that several sessions use together. */
export interface SharedKey<T> {
  readonly id: string
  /** Only for the type checker; never set. */
  readonly type?: T
}

export interface PluginServices {
  /** Provides an implementation; it is made when it is first asked for. `replaces` takes the place of an id that is taken. */
  provide<T>(
    key: ServiceKey<T>,
    id: string,
    factory: () => T,
    options?: { readonly replaces?: boolean },
  ): Disposable
  /** Throws SERVICE_MISSING with the known ids. */
  get<T>(key: ServiceKey<T>, id: string): T
  find<T>(key: ServiceKey<T>, id: string): T | undefined
  ids<T>(key: ServiceKey<T>): readonly string[]
}

/** Values that must not appear in logs, events, error texts or records. */
export interface Secrets {
  /** Registers a secret where it is read. Blank and very short values are ignored. */
  add(secret: string): void
  /** Replaces every registered secret by `<redacted>`. */
  redact(text: string): string
}

/** What a plugin is given when it is set up. */
export interface PluginApi<Settings = unknown> {
  readonly hooks: Taps
  readonly services: PluginServices
  /** Parsed and frozen. What can change from turn to turn comes with the call instead. Empty for bootstrap plugins. */
  readonly settings: Settings
  /** All layers with their provenance; empty for bootstrap plugins. */
  readonly layers: SettingsLayers
  readonly session: SessionFacts
  readonly log: Log
  readonly secrets: Secrets
  /** Aborted when the plugin is disposed. */
  readonly signal: AbortSignal
  /** Made once for the process or the home, counted, disposed with the last session that uses it. */
  readonly shared: <T extends object>(
    key: SharedKey<T>,
    scope: 'process' | 'home',
    create: () => T | Promise<T>,
  ) => Promise<T>
}

/** One thing a session can do. */
export interface Plugin<
  Shape extends SettingsShape = SettingsShape,
  Reads extends SettingKey = SettingKey,
> {
  /** kebab-case; for built-ins the folder's name. */
  readonly name: string
  /** The strongest thing it does; default `observe`. */
  readonly power?: Power
  /** Plugins that must be set up before it. */
  readonly needs?: readonly string[]
  /** Sources of settings and policy only: set up first, without settings. */
  readonly phase?: 'bootstrap'
  /** Top-level configuration keys it owns. */
  readonly settings?: Shape
  /** Keys of core that it reads. */
  readonly reads?: readonly Reads[]
  /** Taps hooks and provides services. The returned cleanup runs when the session closes. */
  setup(
    api: PluginApi<ParsedSettings<Shape> & Pick<CoreSettings, Reads>>,
  ): void | Cleanup | Promise<void | Cleanup>
}

/** A plugin of any settings, as lists of plugins hold it. */
// oxlint-disable-next-line typescript/no-explicit-any -- the settings of a plugin are known to itself alone
export type AnyPlugin = Plugin<any, any>

/** A plugin and where it comes from. */
export interface PluginEntry {
  readonly plugin: AnyPlugin
  /** Built-ins may use all stages, and a failing one stops the session. */
  readonly builtin: boolean
  /** As configured; absent for built-ins. */
  readonly specifier?: string
}

/** Returns its argument, typed and frozen. */
export function definePlugin<
  const Shape extends SettingsShape = {},
  const Reads extends SettingKey = never,
>(plugin: Plugin<Shape, Reads>): Plugin<Shape, Reads> {
  return Object.freeze(plugin)
}

/** Gives a setting that is loaded lazily its type. */
export function lazySetting<T>(setting: LazySetting<T>): LazySetting<T> {
  return setting
}
