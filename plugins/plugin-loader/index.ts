import { definePlugin, pluginSourceKey } from 'hookline'

/** Brings the in-process plugins that `use` names in the settings. */
export const pluginLoader = definePlugin({
  name: 'plugin-loader',
  power: 'decide',
  phase: 'bootstrap',
  setup({ services }) {
    services.provide(pluginSourceKey, 'use', () => ({
      load: async (context) => {
        const isWanted = context.layers.active().some((layer) => layer.values['use'] !== undefined)
        return isWanted ? (await import('./load-used.ts')).loadUsed(context) : []
      },
    }))
  },
})
