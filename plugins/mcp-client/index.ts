import { definePlugin, mcpKey } from 'hookline'
import { mcpService } from './service.ts'
import { mcpSettings } from './settings.ts'

/** Offers the model the tools of MCP servers. Without a configured server it does nothing. */
export const mcpClient = definePlugin({
  name: 'mcp-client',
  power: 'decide',
  settings: mcpSettings,
  async setup(api) {
    const configured = Object.keys(api.settings.mcp_servers).length > 0
    if (configured) return (await import('./bind.ts')).bindServers(api)
    api.services.provide(mcpKey, 'default', () => mcpService([]))
    return undefined
  },
})
