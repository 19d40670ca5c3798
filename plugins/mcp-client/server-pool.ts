import type { Log, SharedKey } from 'hookline'
import { Server } from './server.ts'
import type { Launch } from './server-spec.ts'

/** Names the servers of a process. */
export const poolKey: SharedKey<ServerPool> = { id: 'mcp-servers' }

/** A server that one session uses. */
export interface Lease {
  readonly server: Server
  /** Ends the server when nobody else uses it. */
  release(): Promise<void>
}

interface Entry {
  readonly server: Server
  users: number
}

/** Servers that run already: a child session uses those of its parent, and does not start its own. */
export class ServerPool {
  readonly #entries = new Map<string, Entry>()

  /** The server of a launch; `log` is that of the session that is first to use it. */
  acquire(launch: Launch, log: Log): Lease {
    const key = JSON.stringify(launch)
    const entry = this.#entries.get(key) ?? { server: new Server(launch, log), users: 0 }
    this.#entries.set(key, entry)
    entry.users += 1
    let released = false
    return {
      server: entry.server,
      release: async () => {
        if (released) return
        released = true
        entry.users -= 1
        if (entry.users > 0) return
        this.#entries.delete(key)
        await entry.server.close()
      },
    }
  }
}
