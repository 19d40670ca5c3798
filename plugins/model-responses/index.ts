import { HooklineError, authKey, catalogKey, definePlugin, modelKey } from 'hookline'
import type { ProviderSettings } from 'hookline'
import { builtInProviders, endpointOf } from './endpoint.ts'
import { responsesProvider } from './provider.ts'
import { clientHeaders } from './request.ts'
import { fetchTransport, httpTransport, needsFetch, type Transport } from './transport.ts'

/** Model providers that speak the Responses wire: the built-in `openai` and those of `model_providers`. */
export const modelResponses = definePlugin({
  name: 'model-responses',
  power: 'decide',
  reads: ['model_providers', 'openai_base_url'],
  setup(api) {
    const { services, settings, session, secrets } = api
    const opened: Promise<Transport>[] = []
    const open = (url: URL): Promise<Transport> => {
      const transport = needsFetch(url, process.env)
        ? fetchTransport()
        : Promise.resolve(httpTransport(url.protocol))
      opened.push(transport)
      return transport
    }
    const client = clientHeaders(session.source)

    const provide = (id: string, provider: ProviderSettings): void => {
      services.provide(modelKey, id, () => {
        const endpoint = endpointOf(id, provider, secrets)
        let transport: Promise<Transport> | undefined
        return responsesProvider({
          endpoint,
          client,
          transport: () => (transport ??= open(endpoint.url)),
          auth: () => services.get(authKey, endpoint.auth),
          reasons: (model) =>
            services.find(catalogKey, 'default')?.describe(model).reasoning ?? true,
        })
      })
    }

    const builtIn = builtInProviders(settings.openai_base_url)
    for (const [id, provider] of Object.entries(settings.model_providers)) {
      if (Object.hasOwn(builtIn, id)) throw reserved(id)
      provide(id, provider)
    }
    for (const [id, provider] of Object.entries(builtIn)) provide(id, provider)

    return async () => {
      for (const transport of await Promise.allSettled(opened))
        if (transport.status === 'fulfilled') transport.value.close()
    }
  },
})

function reserved(id: string): HooklineError {
  return new HooklineError(
    'CONFIG_INVALID',
    `model_providers.${id} redefines a built-in provider`,
    {
      hint:
        id === 'openai'
          ? 'set openai_base_url, or give the provider another id'
          : 'give the provider another id',
    },
  )
}
