import { definePlugin, modelKey } from 'hookline'
import { scriptProvider } from './provider.ts'

export { demoPrompt } from './demo-prompt.ts'

/** The model provider `offline`: a script that answers without key and network. It plays the tour of `hookline demo`. */
export const modelOffline = definePlugin({
  name: 'model-offline',
  power: 'decide',
  reads: ['model_providers'],
  setup({ services, settings }) {
    // A provider of the user under this name is the one that is meant.
    if (Object.hasOwn(settings.model_providers, 'offline')) return
    services.provide(modelKey, 'offline', () =>
      scriptProvider(async () => (await import('./demo-script.ts')).demoScript),
    )
  },
})
