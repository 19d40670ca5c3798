import { join } from 'node:path'
import type { PluginApi } from 'hookline'
import { makeCatalog, type Catalog, type Consent } from './catalog.ts'
import type { Dialect } from './dialect.ts'
import { HandlerEnvironment } from './handler-environment.ts'
import { Handlers } from './handlers.ts'
import { loadHooksFile } from './load-hooks-file.ts'
import { Rehearsal } from './rehearsal.ts'
import { SessionVariables } from './session-variables.ts'

/** Which hooks are tried, and where. */
export interface RehearsalOptions {
  /** The hooks of this file, trusted or not, in place of those that are active here. */
  readonly file?: string
  /** With `file`: in place of what it and its place say. */
  readonly dialect?: Dialect
  /** Where hooks work, in place of the session's folder. */
  readonly cwd?: string
  /** Variables beside those that handlers are given anyway. */
  readonly env?: Readonly<Record<string, string>>
  /** With `file`: where a bundle may keep files. */
  readonly dataDir?: string
}

/** The hooks of a session, as they are. */
export interface Active {
  readonly api: PluginApi
  readonly catalog: Catalog
  readonly consent: Consent
}

function catalogOf(options: RehearsalOptions, { api, catalog, consent }: Active): Catalog {
  const { file, dialect, cwd = api.session.cwd } = options
  if (file === undefined) return catalog
  const dataDir = options.dataDir ?? join(api.session.home, 'plugins', 'data')
  const loaded = loadHooksFile({ file, cwd, dataDir, ...(dialect && { dialect }) })
  // Whoever names a file to be tried wants it to run.
  return makeCatalog(loaded, { ...consent, records: new Map(), bypass: true, off: false })
}

/** Makes ready to try hooks on events that nothing has caused. Throws FILE_UNREADABLE and HOOKS_INVALID. */
export async function rehearse(options: RehearsalOptions, active: Active): Promise<Rehearsal> {
  const { services, shared, secrets, log } = active.api
  const { isAllowedUrl } = active.consent
  const catalog = catalogOf(options, active)
  const cwd = options.cwd ?? active.api.session.cwd
  const session = { ...active.api.session, cwd }
  const variables = new SessionVariables()
  const handlers = new Handlers({ session, services, shared, secrets, log, isAllowedUrl })
  const environment = new HandlerEnvironment(session, variables)
  return new Rehearsal(catalog, {
    session,
    secrets,
    log,
    handlers,
    environment,
    cwd,
    env: options.env ?? {},
    close: async () => {
      await handlers.close()
      variables.close()
    },
  })
}
