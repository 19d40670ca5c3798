import { nearest } from 'hookline/kit'
import { isDialect, type Dialect } from './dialect.ts'
import { events, foreignEvents, isHookEvent, type HookEvent } from './events.ts'
import {
  readHandlerFields,
  reportKeys,
  unknownKey,
  type HandlerFields,
  type HandlerPlace,
} from './handler-fields.ts'
import { ProblemList, type FileView, type Path, type Problem } from './problems.ts'
import { isTable } from './shape.ts'

/** One handler as its file declares it, with the group it stands in. */
export interface Declared extends HandlerFields {
  readonly event: HookEvent
  readonly group: number
  readonly index: number
  readonly matcher?: string
  /** The handlers of the group run one after another, each seeing the rewritten input. */
  readonly sequential: boolean
}

export interface HooksFile {
  readonly dialect?: Dialect
  readonly handlers: readonly Declared[]
  readonly problems: readonly Problem[]
}

type Fields = Readonly<Record<string, unknown>>
type Group = Pick<Declared, 'event' | 'group' | 'matcher' | 'sequential' | 'unusable'>

const topKeys = ['description', 'hooks', 'dialect', '$schema']
const groupKeys = ['matcher', 'hooks', 'sequential']

function reportEvent(name: string, path: Path, problems: ProblemList): void {
  if (foreignEvents.has(name)) {
    const message = `nothing fires the event ${name} here; its hooks never run`
    problems.note('HookEventUnknown', path, message)
    return
  }
  const meant = nearest(name, Object.keys(events))
  const advice = meant === undefined ? '' : `; did you mean ${meant}?`
  const message = `there is no event ${name}, so its hooks never run${advice}`
  problems.warn('HookEventUnknown', path, message)
}

function readMatcher(
  matcher: unknown,
  { event, path, problems }: HandlerPlace,
): Pick<Group, 'matcher' | 'unusable'> {
  if (typeof matcher === 'string') return { matcher }
  const isIgnored = events[event].matches === 'nothing'
  if (matcher === undefined || matcher === null || isIgnored) return {}
  const message = `a matcher of ${event} is not a string; its hooks are left out`
  problems.error('HookMatcherInvalid', [...path, 'matcher'], message)
  return { unusable: 'its matcher is not a string' }
}

function readGroup(group: unknown, index: number, place: HandlerPlace): readonly Declared[] {
  const { event, path, problems } = place
  if (!isTable(group) || !Array.isArray(group['hooks'])) {
    const message = `a group of ${event} has no list "hooks"; it is left out`
    problems.error('HooksFileInvalid', path, message)
    return []
  }
  reportKeys(group, groupKeys, place)
  const shared: Group = {
    event,
    group: index,
    sequential: group['sequential'] === true,
    ...readMatcher(group['matcher'], place),
  }
  const handlers: readonly unknown[] = group['hooks']
  return handlers.flatMap((handler, at) => {
    const own = { event, problems, path: [...path, 'hooks', at] }
    const type = isTable(handler) ? handler['type'] : undefined
    if (isTable(handler) && typeof type === 'string') {
      return [{ ...readHandlerFields(type, handler, own), ...shared, index: at }]
    }
    const message = `a handler of ${event} has no type; it is left out`
    problems.error('HookHandlerInvalid', own.path, message)
    return []
  })
}

/** What the events of one file are read with. */
interface Reader {
  readonly dialect: Dialect
  readonly problems: ProblemList
}

function readEvents(table: Fields, reader: Reader): readonly Declared[] {
  const { problems } = reader
  return Object.entries(table).flatMap(([event, groups]) => {
    const path = ['hooks', event]
    if (!isHookEvent(event)) {
      reportEvent(event, path, problems)
      return []
    }
    if (Array.isArray(groups)) {
      return groups.flatMap((group: unknown, at) =>
        readGroup(group, at, { event, problems, path: [...path, at] }),
      )
    }
    const message = `the groups of ${event} are not a list; they are left out`
    problems.error('HooksFileInvalid', path, message)
    return []
  })
}

/** Reads the `[hooks]` table of a configuration file. What it records about trust is no hook. */
export function readHooksTable(
  table: unknown,
  view: FileView,
  dialect: Dialect = 'codex',
): HooksFile {
  const problems = new ProblemList(view)
  if (!isTable(table)) {
    const message = '"hooks" is not a table; no hook of it runs'
    problems.error('HooksFileInvalid', ['hooks'], message)
    return { handlers: [], problems: problems.all }
  }
  const { state: _state, ...named } = table
  return { handlers: readEvents(named, { dialect, problems }), problems: problems.all }
}

function readDialect(dialect: unknown, problems: ProblemList): Dialect | undefined {
  if (isDialect(dialect)) return dialect
  if (dialect !== undefined) {
    const message = 'the dialect is neither "codex" nor "claude"'
    problems.warn('HooksFileInvalid', ['dialect'], message)
  }
  return undefined
}

/** Reads a parsed hooks.json, in the given dialect unless it names one. One bad word never takes the rest of the file down. */
export function readHooksFile(
  value: unknown,
  view: FileView,
  fallback: Dialect = 'codex',
): HooksFile {
  const problems = new ProblemList(view)
  if (!isTable(value)) {
    const message = 'a hooks file is an object with the key "hooks"; no hook of it runs'
    problems.error('HooksFileInvalid', [], message)
    return { handlers: [], problems: problems.all }
  }
  for (const key of Object.keys(value)) {
    if (!topKeys.includes(key)) problems.warn('HooksFileInvalid', [key], unknownKey(key, topKeys))
  }
  const named = readDialect(value['dialect'], problems)
  const { hooks } = value
  if (!isTable(hooks)) {
    const message = 'it has no object "hooks"; no hook of it runs'
    problems.error('HooksFileInvalid', hooks === undefined ? [] : ['hooks'], message)
  }
  const reader = { dialect: named ?? fallback, problems }
  const handlers = isTable(hooks) ? readEvents(hooks, reader) : []
  return { handlers, problems: problems.all, ...(named && { dialect: named }) }
}
