import { HooklineError } from './errors.ts'
import type { PluginEntry } from './plugin.ts'

/** Orders set-up so that everybody comes after what it needs; taps are not ordered by it. */
export function inOrderOfNeeds(
  entries: readonly PluginEntry[],
  ready: ReadonlySet<string>,
): readonly PluginEntry[] {
  const byName = new Map(entries.map((entry) => [entry.plugin.name, entry]))
  const ordered: PluginEntry[] = []
  const placed = new Set(ready)
  const place = (entry: PluginEntry, above: readonly string[]): void => {
    const { name, needs = [] } = entry.plugin
    if (placed.has(name)) return
    for (const need of needs) {
      const needed = byName.get(need)
      if (above.includes(need) || (!needed && !placed.has(need))) {
        throw new HooklineError(
          'PLUGIN_NEEDS_MISSING',
          `plugin "${name}" needs "${need}", which ${needed ? 'needs it in turn' : 'is not there'}`,
          {
            plugin: name,
            hint: needed ? 'break the circle' : `add "${need}", or leave "${name}" out`,
          },
        )
      }
      if (needed) place(needed, [...above, name])
    }
    placed.add(name)
    ordered.push(entry)
  }
  for (const entry of entries) place(entry, [entry.plugin.name])
  return ordered
}
