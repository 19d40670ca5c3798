import { definePlugin, isolateKey, type SharedKey } from 'hookline'
import type { IsolateHosts } from './isolate-hosts.ts'

const hostsKey: SharedKey<IsolateHosts> = { id: 'isolate-hosts' }

/** Runs scripts that nobody has to trust, each in an isolate of its own, in a process that starts when one is needed. */
export const isolateHost = definePlugin({
  name: 'isolate-host',
  power: 'shape',
  setup({ services, shared }) {
    const hosts = () =>
      shared(hostsKey, 'process', async () => {
        const { IsolateHosts: Hosts } = await import('./isolate-hosts.ts')
        return new Hosts()
      })
    services.provide(isolateKey, 'default', () => ({
      available: async () => (await hosts()).available(),
      run: async (request) => (await hosts()).run(request),
    }))
  },
})
