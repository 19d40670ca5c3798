import { HooklineError, type McpServers } from 'hookline'
import { resultText } from './call-result.ts'
import type { BoundServer } from './model-tool.ts'

function unknownServer(name: string, known: readonly string[]): HooklineError {
  return new HooklineError('MCP_SERVER_UNAVAILABLE', `no MCP server is called "${name}"`, {
    hint: known.length > 0 ? `known: ${known.join(', ')}` : `configure [mcp_servers.${name}]`,
    details: { server: name, known },
  })
}

/** The servers of a session for callers other than its model. */
export function mcpService(bound: readonly BoundServer[]): McpServers {
  const byName = new Map(bound.map((one) => [one.spec.launch.name, one]))
  return {
    // oxlint-disable-next-line eslint/max-params -- the shape of the service
    async call(server, tool, input, options = {}) {
      const found = byName.get(server)
      if (!found) throw unknownServer(server, [...byName.keys()])
      const { signal, timeoutMs = found.spec.callTimeoutMs } = options
      const outcome = await found.server.call({ tool, input, timeoutMs, signal })
      if (!outcome.ok) {
        throw new HooklineError(
          'MCP_CALL_FAILED',
          `the call of "${tool}" on the MCP server "${server}" failed: ${outcome.message}`,
          {
            details: { server, tool },
          },
        )
      }
      const { result } = outcome
      return { text: resultText(result), isError: result.isError, content: result.content }
    },
    servers: () =>
      bound.map(({ spec, server }) => {
        const tools = server.tools.map(({ name }) => name).filter((name) => spec.offers(name))
        const facts = { name: spec.launch.name, status: server.status, tools }
        return server.failure === undefined ? facts : { ...facts, reason: server.failure }
      }),
  }
}
