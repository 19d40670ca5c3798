/** Where in a file a value stands; lines and columns count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Settings from one place, with the wire's own key names. */
export interface SettingsLayer {
  /** `system`, `user`, `profile`, `project`, `command line`, `managed`, or a plugin's own word. */
  readonly name: string
  readonly file?: string
  readonly values: Readonly<Record<string, unknown>>
  /** Finds the place of a key, as a path of keys. */
  readonly locate?: (path: readonly string[]) => Place | undefined
  /** Why the layer does not count; it is listed all the same. */
  readonly disabled?: string
  /** Keys that the file may hold for another product, dotted: nobody uses them, and they are not reported as unknown. */
  readonly ignoredKeys?: ReadonlySet<string>
  /** What its reader left out or wants changed; the user is told. */
  readonly warnings?: readonly string[]
}

/** All layers, weakest first. A layer of managed settings wins over all that others set. */
export class SettingsLayers {
  readonly list: readonly SettingsLayer[]
  readonly managed: readonly SettingsLayer[]

  private constructor(list: readonly SettingsLayer[], managed: readonly SettingsLayer[]) {
    this.list = list
    this.managed = managed
  }

  static of(...list: readonly SettingsLayer[]): SettingsLayers {
    return new SettingsLayers(list, [])
  }

  /** Adds layers that win over those already there. */
  add(...layers: readonly SettingsLayer[]): SettingsLayers {
    return new SettingsLayers([...this.list, ...layers], this.managed)
  }

  /** Adds layers that lose to those already there. */
  addBelow(...layers: readonly SettingsLayer[]): SettingsLayers {
    return new SettingsLayers([...layers, ...this.list], this.managed)
  }

  /** Adds a layer that nothing can override. */
  manage(layer: SettingsLayer): SettingsLayers {
    return new SettingsLayers(this.list, [...this.managed, layer])
  }

  /** Those that count, weakest first. */
  active(): readonly SettingsLayer[] {
    return [...this.list, ...this.managed].filter((layer) => layer.disabled === undefined)
  }
}

/** True for what files call a table; a date is a value. */
function isTable(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  )
}

/** Later over earlier: tables merge key by key, arrays and scalars replace. */
export function mergeValues(below: unknown, above: unknown): unknown {
  if (!isTable(below) || !isTable(above)) return above
  const merged: Record<string, unknown> = { ...below }
  for (const [key, value] of Object.entries(above)) {
    Object.defineProperty(merged, key, {
      value: Object.hasOwn(below, key) ? mergeValues(below[key], value) : value,
      writable: true,
      enumerable: true,
      configurable: true,
    })
  }
  return merged
}

/** The layer that a value comes from: the strongest that sets it. */
export function originOf(
  layers: SettingsLayers,
  path: readonly string[],
): SettingsLayer | undefined {
  return layers.active().findLast((layer) => {
    let at: unknown = layer.values
    for (const key of path) {
      if (!isTable(at) || !Object.hasOwn(at, key)) return false
      at = at[key]
    }
    return true
  })
}
