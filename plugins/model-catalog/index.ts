import { catalogKey, definePlugin, toolKey } from 'hookline'
import { describeModel } from './describe.ts'

/** What models can do, and a warning for those of which nothing is known. */
export const modelCatalog = definePlugin({
  name: 'model-catalog',
  reads: ['model_context_window'],
  setup({ hooks, services, settings }) {
    const describe = (model: string) =>
      describeModel(model, {
        contextWindow: settings.model_context_window,
        canRunCode: services.ids(toolKey).includes('exec'),
      })
    services.provide(catalogKey, 'default', () => ({ defaultModel: 'gpt-5.5', describe }))

    const told = new Set<string>()
    hooks.turnStart.tap('unknown-model', ({ model }, { log }) => {
      if (told.has(model) || describe(model).known) return
      told.add(model)
      const { contextWindow } = describe(model)
      log.warn(
        `nothing is known of the model "${model}": it is taken to hold ${contextWindow} tokens and to have no abilities of its own; ` +
          'set model_context_window if that is wrong',
      )
    })
  },
})
