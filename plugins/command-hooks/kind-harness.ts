import { definePlugin, type AnyPlugin } from 'hookline'
import { testKernel } from 'hookline/testing'
import { makeCatalog, type HookHandler } from './catalog.ts'
import type { Dialect } from './dialect.ts'
import type { HookEvent } from './events.ts'
import { EventInput, type HandlerRun } from './handler-run.ts'
import { Handlers } from './handlers.ts'
import { readHooksFile } from './hooks-file.ts'
import type { ProcessResult } from './outcome.ts'
import { urlTest } from './url-allow-list.ts'

/** What a kind of handlers is tried with. */
export interface KindGiven {
  readonly event?: HookEvent
  readonly dialect?: Dialect
  /** What the event tells. */
  readonly input?: Readonly<Record<string, unknown>>
  /** `allowed_http_hook_urls`. */
  readonly urls?: readonly string[]
  readonly plugins?: readonly AnyPlugin[]
  readonly settings?: Readonly<Record<string, unknown>>
}

/** Handlers outside of any event. */
export interface KindTrial extends AsyncDisposable {
  readonly cwd: string
  readonly warned: readonly string[]
  redact(text: string): string
  /** Reads a handler as a file would have it. */
  handler(fields: Readonly<Record<string, unknown>>): HookHandler
  run(fields: Readonly<Record<string, unknown>>, more?: Partial<HandlerRun>): Promise<ProcessResult>
}

/** Makes ready to run handlers one by one, within a session. */
export async function kindTrial(given: KindGiven = {}): Promise<KindTrial> {
  const { event = 'PreToolUse', dialect = 'claude', urls = [], plugins = [] } = given
  const [warned, made]: [string[], { handlers?: Handlers; redact?(text: string): string }] = [
    [],
    {},
  ]
  const warn = (message: string) => void warned.push(message)
  const isAllowedUrl = urlTest(urls)
  const holder = definePlugin({
    name: 'handlers-under-test',
    power: 'decide',
    setup({ session, services, shared, secrets, log }) {
      const facts = { session, services, shared, secrets, isAllowedUrl, log: { ...log, warn } }
      made.handlers = new Handlers(facts)
      made.redact = (text) => secrets.redact(text)
      return () => made.handlers?.close()
    },
  })
  const test = await testKernel([...plugins, holder], { settings: given.settings ?? {} })
  const { cwd } = test.session.facts
  const source = {
    kind: 'user',
    path: `${cwd}/hooks.json`,
    dialect,
    managed: true,
    foreign: false,
    projectDir: cwd,
  } as const

  function handler(fields: Readonly<Record<string, unknown>>): HookHandler {
    const view = { file: source.path, locate: () => undefined }
    const file = readHooksFile({ hooks: { [event]: [{ hooks: [fields] }] } }, view, dialect)
    const consent = { records: new Map(), bypass: true, off: false, isAllowedUrl }
    const [found] = makeCatalog({ sources: [{ source, file }], problems: [] }, consent).handlers
    if (found) return found
    throw new Error('the handler was not read')
  }

  return {
    cwd,
    warned,
    redact: (text) => made.redact?.(text) ?? text,
    handler,
    async run(fields, more = {}) {
      const env = Object.entries(process.env).filter(([, value]) => value !== undefined)
      const result = await made.handlers?.run({
        handler: handler(fields),
        input: new EventInput(given.input ?? { hook_event_name: event }),
        cwd,
        signal: undefined,
        environment: () => Object.fromEntries(env.map(([name, value]) => [name, value ?? ''])),
        ...more,
      })
      if (result) return result
      throw new Error('the session was not set up')
    },
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  }
}
