import { homedir } from 'node:os'
import { definePlugin, lazySetting, type AnyPlugin } from 'hookline'
import { hookSourcesKey } from './hook-bundles.ts'
import { hooksKey } from './listing.ts'
import { describeProblem } from './problems.ts'
import { isTable } from './shape.ts'
import { loadSources } from './sources.ts'
import { isUrlPattern } from './url-allow-list.ts'

export { hookSourcesKey } from './hook-bundles.ts'
export type { BundledHooks, HookSources } from './hook-bundles.ts'
export { hooksKey } from './listing.ts'
export type { Hooks, HookListing, ListedHook, TrustChange } from './listing.ts'

const schemas = async () => (await import('./settings.ts')).schemas
const isKnownCompat = (value: unknown) =>
  Array.isArray(value) && value.every((name) => name === 'codex' || name === 'claude')

/** Runs the hooks of hooks.json files and of `[hooks]` tables, each as a process of its own. */
export const commandHooks: AnyPlugin = definePlugin({
  name: 'command-hooks',
  power: 'decide',
  settings: {
    hooks: lazySetting<Readonly<Record<string, unknown>>>({
      fallback: {},
      accepts: isTable,
      schema: async () => (await schemas()).hooks,
    }),
    compat: lazySetting<readonly string[]>({
      fallback: ['codex', 'claude'],
      accepts: isKnownCompat,
      schema: async () => (await schemas()).compat,
    }),
    bypass_hook_trust: lazySetting<boolean>({
      fallback: false,
      accepts: (value) => typeof value === 'boolean',
      schema: async () => (await schemas()).bypass_hook_trust,
    }),
    allowed_http_hook_urls: lazySetting<readonly string[]>({
      fallback: [],
      accepts: (value) => Array.isArray(value) && value.every(isUrlPattern),
      schema: async () => (await schemas()).allowed_http_hook_urls,
    }),
  },
  async setup(api) {
    const { session, layers, log, hooks, services } = api
    const loaded = loadSources({
      home: session.home,
      userHome: homedir(),
      cwd: session.cwd,
      layers,
      bundles: services
        .ids(hookSourcesKey)
        .map((id) => ({ id, files: services.get(hookSourcesKey, id).files })),
    })
    const prepare = async () => (await import('./prepare.ts')).prepare(api, loaded)
    services.provide(hooksKey, 'default', () => ({
      list: async () => (await prepare()).list(),
      trust: async (chosen) => (await prepare()).trust(chosen),
      untrust: async (chosen) => (await prepare()).untrust(chosen),
      rehearse: async (options) => (await prepare()).rehearse(options),
    }))
    if (loaded.sources.length > 0) return (await prepare()).bind(hooks)
    for (const problem of loaded.problems) if (!problem.quiet) log.warn(describeProblem(problem))
    return undefined
  },
})
