import { definePlugin, sandboxKey } from 'hookline'
import { noneBackend } from './backend.ts'

export { noneBackend } from './backend.ts'

/** Runs commands as they are, for those who chose danger-full-access. */
export const sandboxNone = definePlugin({
  name: 'sandbox-none',
  power: 'decide',
  setup({ services }) {
    services.provide(sandboxKey, 'none', () => noneBackend)
  },
})
