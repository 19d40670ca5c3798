import { definePlugin, sandboxKey } from 'hookline'
import { bwrapBackend } from './backend.ts'

export { bwrapBackend } from './backend.ts'

/** Confines commands on Linux with the bubblewrap of the system. */
export const sandboxBwrap = definePlugin({
  name: 'sandbox-bwrap',
  power: 'decide',
  setup({ services }) {
    services.provide(sandboxKey, 'bwrap', () => bwrapBackend)
  },
})
