import { createHash } from 'node:crypto'

/** What model endpoints allow for namespace and name together, joined by two underscores. */
const mostTogether = 64
const mostNamespace = 42

function plain(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_')
}

function hashed(name: string, limit: number): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${plain(name).slice(0, limit - hash.length - 1)}_${hash}`
}

/**
 * Names that a model endpoint takes, by original name: other characters become an underscore. Names that are too long
 * or no longer their own get a hash of the original instead of their end, so a name never depends on the order.
 */
function fitting(originals: readonly string[], limit: number): ReadonlyMap<string, string> {
  const groups = Map.groupBy(new Set(originals), plain)
  return new Map(
    originals.map((name) => {
      const short = plain(name)
      const isOwn = short === name || groups.get(short)?.length === 1
      return [name, short.length <= limit && isOwn ? short : hashed(name, limit)]
    }),
  )
}

/** The namespace of each server, by its name. */
export function namespacesOf(servers: readonly string[]): ReadonlyMap<string, string> {
  const namespaces = fitting(
    servers.map((name) => `mcp__${name}`),
    mostNamespace,
  )
  return new Map(servers.map((name) => [name, namespaces.get(`mcp__${name}`) ?? '']))
}

/** The names of a server's tools for the model, by their original names. */
export function toolNamesOf(
  namespace: string,
  tools: readonly string[],
): ReadonlyMap<string, string> {
  return fitting(tools, mostTogether - 2 - namespace.length)
}

/** What hooks, rules and documents call a tool. */
export function hookName(server: string, tool: string): string {
  return `mcp__${server}__${tool}`
}
