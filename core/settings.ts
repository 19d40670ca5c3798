import type { ZodType } from 'zod'
import { coreSettings } from './core-settings.ts'
import { HooklineError } from './errors.ts'
import type { AnyPlugin, LazySetting } from './plugin.ts'
import { mergeValues, type SettingsLayers } from './settings-layers.ts'
import type { Failure, UnknownKey } from './settings-problems.ts'

/** A top-level key of the configuration with its one owner. */
export interface Claim {
  readonly owner: string
  readonly setting: ZodType | LazySetting<unknown>
}

export interface ResolvedSettings {
  /** Parsed and deeply frozen, by claimed key. */
  readonly values: Readonly<Record<string, unknown>>
  readonly warnings: readonly string[]
}

/** Who owns which key: core first, then the plugins. Two owners of one key are CONFIG_CONFLICT. */
export function claimsOf(plugins: readonly AnyPlugin[]): Map<string, Claim> {
  const claims = new Map<string, Claim>()
  for (const { name, settings } of [{ name: 'core', settings: coreSettings }, ...plugins]) {
    // Untyped in `AnyPlugin`; `definePlugin` has checked their shape.
    const entries: [string, Claim['setting']][] = Object.entries(settings ?? {})
    for (const [key, setting] of entries) {
      const taken = claims.get(key)?.owner
      claims.set(key, { owner: name, setting })
      if (taken === undefined) continue
      const what = `"${taken}" and "${name}" both claim the setting ${key}`
      const hint = `leave one of the two plugins out, or rename the key in "${name}"`
      throw new HooklineError('CONFIG_CONFLICT', what, { plugin: name, hint })
    }
  }
  return claims
}

/**
 * Merges the layers and parses every claimed key.
 * Schemas are loaded only for values that the cheap check of their setting does not know. All wrong values are
 * reported in one CONFIG_INVALID; unknown keys are warnings, or CONFIG_UNKNOWN_KEY where `strict` is set. Schemas of
 * settings are synchronous.
 */
export async function resolveSettings(
  layers: SettingsLayers,
  claims: ReadonlyMap<string, Claim>,
  options: { readonly strict: boolean },
): Promise<ResolvedSettings> {
  const merged = mergedValues(layers)
  const values: Record<string, unknown> = {}
  const toParse: [string, Claim][] = []
  for (const [key, { owner, setting }] of claims) {
    if ('safeParse' in setting) toParse.push([key, { owner, setting }])
    else if (!merged.has(key)) values[key] = setting.fallback
    else if (setting.accepts?.(merged.get(key))) values[key] = merged.get(key)
    else toParse.push([key, { owner, setting }])
  }
  const known = [...claims.keys()]
  const unclaimed = layers.active().flatMap(({ values: set, ignoredKeys }) => {
    return Object.keys(set).filter((key) => !claims.has(key) && !ignoredKeys?.has(key))
  })
  const unknown: UnknownKey[] = [...new Set(unclaimed)].map((key) => ({ path: [key], known }))
  if (toParse.length > 0) unknown.push(...(await parseInto(values, toParse, { merged, layers })))
  for (const value of Object.values(values)) deepFreeze(value)
  const warnings = layers.active().flatMap((layer) => layer.warnings ?? [])
  if (unknown.length > 0) {
    const { describeUnknown } = await import('./settings-problems.ts')
    warnings.push(...describeUnknown(layers, unknown, options.strict))
  }
  return { values: Object.freeze(values), warnings }
}

function mergedValues(layers: SettingsLayers): Map<string, unknown> {
  const merged = new Map<string, unknown>()
  for (const layer of layers.active()) {
    for (const [key, value] of Object.entries(layer.values)) {
      merged.set(key, merged.has(key) ? mergeValues(merged.get(key), value) : value)
    }
  }
  return merged
}

/** Returns the keys that the schemas do not know. */
async function parseInto(
  values: Record<string, unknown>,
  claims: readonly (readonly [string, Claim])[],
  from: { readonly merged: ReadonlyMap<string, unknown>; readonly layers: SettingsLayers },
): Promise<UnknownKey[]> {
  const { invalidSettings, unknownKeysIn } = await import('./settings-problems.ts')
  const parse = async ([key, { owner, setting }]: readonly [string, Claim]) => {
    const schema = 'safeParse' in setting ? setting : await setting.schema()
    const value = from.merged.get(key)
    return { key, owner, schema, value, parsed: schema.safeParse(value) }
  }
  const failures: Failure[] = []
  const unknown: UnknownKey[] = []
  for (const { key, owner, schema, value, parsed } of await Promise.all(claims.map(parse))) {
    values[key] = parsed.data
    if (!parsed.success) failures.push({ key, owner, value, issues: parsed.error.issues })
    else unknown.push(...unknownKeysIn(schema, value, [key]))
  }
  if (failures.length > 0) throw invalidSettings(from.layers, failures)
  return unknown
}

/** Plain tables and lists only: what a schema made of a value may be anything. */
function deepFreeze(value: unknown, seen = new Set<unknown>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return
  seen.add(Object.freeze(value))
  for (const inner of Object.values(value)) deepFreeze(inner, seen)
}
