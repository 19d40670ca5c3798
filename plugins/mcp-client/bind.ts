import { HooklineError, mcpKey, messageOf, type Cleanup, type PluginApi, type Tool } from 'hookline'
import { secretValues } from './environment.ts'
import { modelTool, type BoundServer } from './model-tool.ts'
import { resourceTools } from './resource-tools.ts'
import { poolKey, ServerPool, type Lease } from './server-pool.ts'
import { serverSpecs, type ServerSpecs } from './server-spec.ts'
import type { ServerEvent } from './server.ts'
import { mcpService } from './service.ts'
import type { ServersSettings } from './settings.ts'
import { namespacesOf, toolNamesOf } from './tool-names.ts'
import { unlessAborted } from './unless-aborted.ts'

type Api = PluginApi<{ readonly mcp_servers: ServersSettings }>

/** A session that waits this long for its first prompt has time to talk to servers. */
const idleMs = 250
/** By then a request has left; starting a process holds everything up for some milliseconds. */
const requestOutMs = 100

/** Gives a session its servers: their tools, the service, and their end. */
export async function bindServers(api: Api): Promise<Cleanup> {
  const { settings, session, secrets, log, services } = api
  const around = { cwd: session.cwd, env: process.env }
  for (const one of Object.values(settings.mcp_servers))
    secretValues(one, process.env).forEach((value) => secrets.add(value))
  const specs = serverSpecs(settings.mcp_servers, around)
  tellUnusable(specs, api)
  const pool = await api.shared(poolKey, 'process', () => new ServerPool())
  const namespaces = namespacesOf(specs.usable.map(({ launch }) => launch.name))
  const leases: Lease[] = []
  const bound = specs.usable.map((spec): BoundServer => {
    const lease = pool.acquire(spec.launch, log)
    leases.push(lease)
    return {
      spec,
      server: lease.server,
      namespace: namespaces.get(spec.launch.name) ?? '',
      secrets,
    }
  })
  services.provide(mcpKey, 'default', () => mcpService(bound))
  const listening = bound.map((one) => one.server.listen((event) => tell(one, event, api)))
  const release = async () => {
    listening.forEach((one) => one[Symbol.dispose]())
    await Promise.all(leases.map((lease) => lease.release()))
  }
  try {
    await connectRequired(bound)
  } catch (error) {
    await release()
    throw error
  }
  offerTools(bound, api)
  const stop = connectInBackground(bound, api)
  return async () => {
    stop()
    await release()
  }
}

function tellUnusable({ unusable }: ServerSpecs, { log }: Api): void {
  if (unusable.length === 0) return
  const names = unusable.map(({ name }) => `"${name}"`).join(', ')
  const text = `MCP servers with a url are not available yet: ${names}`
  if (unusable.some(({ required }) => required)) throw unavailable(text)
  log.warn(`${text}; they are left out`)
}

function unavailable(message: string, cause?: unknown): HooklineError {
  const hint = 'correct the server under mcp_servers, or take required = true away'
  return new HooklineError('MCP_SERVER_UNAVAILABLE', message, { hint, cause })
}

async function connectRequired(bound: readonly BoundServer[]): Promise<void> {
  const required = bound.filter(({ spec }) => spec.required)
  const results = await Promise.allSettled(required.map(({ server }) => server.connect()))
  const faults = results.flatMap((result, at) => {
    const one = required[at]
    if (result.status === 'fulfilled' || !one) return []
    return [`${one.spec.launch.name}: ${one.server.failure ?? messageOf(result.reason)}`]
  })
  if (faults.length > 0)
    throw unavailable(`required MCP servers failed to initialize: ${faults.join('; ')}`)
}

/** Tells the user what happens to a server; what is required speaks for itself. */
function tell({ spec, server }: BoundServer, event: ServerEvent, { log }: Api): void {
  const name = `MCP server "${spec.launch.name}"`
  if (event.type === 'failed' && !spec.required) log.warn(`${name} is left out: ${event.reason}`)
  if (event.type === 'left_out')
    log.warn(`${name}: tools that cannot be offered: ${event.tools.join(', ')}`)
  if (event.type === 'tools') log.debug(`${name} has ${server.tools.length} tools`)
  if (event.type !== 'ended') return
  const next = event.again ? 'its next call starts it again' : 'it is left out from now on'
  log.warn(`${name} has gone (${event.reason}); ${next}`)
}

function toolsOf(one: BoundServer): readonly Tool[] {
  const listed = one.server.tools.filter(({ name }) => one.spec.offers(name))
  const names = toolNamesOf(
    one.namespace,
    listed.map(({ name }) => name),
  )
  const tools = new Map<string, Tool>()
  for (const tool of listed) {
    const name = names.get(tool.name) ?? tool.name
    if (!tools.has(name)) tools.set(name, modelTool(one, tool, name))
  }
  return [...tools.values()]
}

/** Each tool is one object until its server lists others, so that a wire can keep its encoded form. */
function offerTools(bound: readonly BoundServer[], { hooks }: Api): void {
  const made = new Map<BoundServer, { readonly from: unknown; readonly tools: readonly Tool[] }>()
  const currentTools = (one: BoundServer): readonly Tool[] => {
    const known = made.get(one)
    if (known?.from === one.server.tools) return known.tools
    const tools = toolsOf(one)
    made.set(one, { from: one.server.tools, tools })
    return tools
  }
  const resources = resourceTools(bound)
  hooks.toolSet.tap({ name: 'servers', stage: 'early' }, (tools) => {
    const readers = bound.some(({ server }) => server.hasResources) ? resources : []
    const ours = [...readers, ...bound.flatMap(currentTools)]
    return ours.length > 0 ? [...tools, ...ours] : undefined
  })
  // The model may know a tool from earlier in the conversation, before its server is there again.
  hooks.modelResponse.tap(
    { name: 'called-servers', limit: 'own' },
    async ({ items }, { signal }) => {
      const called = new Set(
        items.map((item) => (item.type === 'tool_call' ? item.namespace : undefined)),
      )
      const awaited = bound.filter(({ namespace }) => called.has(namespace))
      if (awaited.length === 0) return
      const connecting = Promise.allSettled(awaited.map(({ server }) => server.connect()))
      await unlessAborted(connecting, signal)
    },
  )
}

/**
 * Servers must not delay the first request. So their processes are started when it is out; what talks to them takes a
 * while to load, and is loaded when the model has begun to answer. Returns what stops the waiting.
 */
function connectInBackground(bound: readonly BoundServer[], { hooks }: Api): () => void {
  const waiting = bound.filter(({ spec }) => !spec.required)
  if (waiting.length === 0) return () => {}
  let begun = false
  const connect = () => {
    if (begun) return
    begun = true
    // A failure is heard through `listen`.
    for (const { server } of waiting) server.connect().catch(() => {})
  }
  const start = async () => {
    await Promise.all(waiting.map(({ server }) => server.start()))
  }
  let timer = setTimeout(connect, idleMs)
  const stop = () => clearTimeout(timer)
  hooks.turnStart.tap('not-idle', stop)
  hooks.modelRequest.tap('start', () => {
    if (begun) return
    stop()
    timer = setTimeout(() => void start(), requestOutMs)
  })
  hooks.modelEvent.tap('connect', connect)
  // However short the turn was: what cannot be started is told within it.
  hooks.turnEnd.tap('started', async () => {
    if (begun) await start()
  })
  return stop
}
