import { inboxKey, sessionEnvKey, type Cleanup, type PluginApi, type Taps } from 'hookline'
import { Background } from './background.ts'
import { BackgroundTasks } from './background-tasks.ts'
import { ClaudeTranscript } from './claude-transcript.ts'
import { makeCatalog, type Catalog, type Consent } from './catalog.ts'
import { Dispatch } from './dispatch.ts'
import { events } from './events.ts'
import { trustHooks, untrustHooks } from './change-trust.ts'
import { HandlerEnvironment } from './handler-environment.ts'
import { Handlers } from './handlers.ts'
import { isChild } from './input.ts'
import { listingOf, type Hooks } from './listing.ts'
import { ownValue } from './own-settings.ts'
import { describeProblem } from './problems.ts'
import { isTable } from './shape.ts'
import { SessionVariables } from './session-variables.ts'
import type { Loaded } from './sources.ts'
import { bindEvents } from './taps.ts'
import { readTrustRecords } from './trust.ts'
import { urlTest } from './url-allow-list.ts'

/** The hooks of a session, ready to be listed and to be run. */
export interface Prepared extends Hooks {
  /** Tells what is wrong, and taps the events that have a hook. What is returned ends what still runs. */
  bind(hooks: Taps): Cleanup
}

/** What a project says of its own trust does not count. */
function consentOf({ layers }: PluginApi): Consent {
  const table = ownValue(layers, 'hooks')
  const features = ownValue(layers, 'features')
  const urls = ownValue(layers, 'allowed_http_hook_urls')
  return {
    records: readTrustRecords(isTable(table) ? table['state'] : undefined),
    bypass: ownValue(layers, 'bypass_hook_trust') === true,
    off: isTable(features) && features['hooks'] === false,
    isAllowedUrl: urlTest(Array.isArray(urls) ? urls : []),
  }
}

function report({ log }: PluginApi, catalog: Catalog, consent: Consent): void {
  for (const problem of catalog.problems) if (!problem.quiet) log.warn(describeProblem(problem))
  const waiting = catalog.handlers.filter(
    ({ state, source }) => state === 'untrusted' && !source.foreign,
  )
  const bypassed = catalog.handlers.filter(
    ({ state, trust }) => state === 'runnable' && trust !== 'trusted' && trust !== 'managed',
  )
  if (consent.bypass && bypassed.length > 0)
    log.notice(`hooks run without being trusted: ${bypassed.map(({ key }) => key).join(', ')}`)
  if (waiting.length === 0) return
  const names = waiting.map(({ key }) => key).join(', ')
  log.notice(
    `hooks wait for your trust and do not run: ${names}. See \`hookline hooks list\`, then \`hookline hooks trust\``,
  )
}

/** Decides what may run. */
export function prepare(api: PluginApi, loaded: Loaded): Prepared {
  const consent = consentOf(api)
  const catalog = makeCatalog(loaded, consent)
  return {
    list: async () => listingOf(catalog),
    trust: (chosen) => trustHooks({ home: api.session.home, catalog, consent }, chosen),
    untrust: (chosen) => untrustHooks({ home: api.session.home, catalog, consent }, chosen),
    rehearse: async (options) =>
      (await import('./rehearse.ts')).rehearse(options, { api, catalog, consent }),
    bind(hooks) {
      if (!consent.off) report(api, catalog, consent)
      const wanted = catalog.handlers.filter(
        ({ event }) => !isChild(api.session) || events[event].children,
      )
      const { session, secrets, log, services, shared } = api
      const { isAllowedUrl } = consent
      const tell = (text: string) => services.find(inboxKey, 'default')?.tell(text)
      const background = new Background({ log, tell })
      const handlers = new Handlers({ session, services, shared, secrets, log, isAllowedUrl })
      const variables = new SessionVariables()
      const environment = new HandlerEnvironment(session, variables)
      const transcript = new ClaudeTranscript(session)
      const facts = { session, secrets, handlers, environment, transcript, background }
      const dispatch = new Dispatch(wanted, facts)
      if (dispatch.events().includes('SessionStart'))
        services.provide(sessionEnvKey, 'default', () => variables)
      bindEvents(hooks, { dispatch, session, tell }, new BackgroundTasks())
      return async () => {
        await background.close()
        await handlers.close()
        variables.close()
        transcript.close()
      }
    },
  }
}
