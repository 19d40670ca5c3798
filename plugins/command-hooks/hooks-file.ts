import { nearest } from 'hookline/kit'
import { isDialect, type Dialect } from './dialect.ts'
import { events, foreignEvents, isHookEvent, type HookEvent } from './events.ts'
import { ProblemList, type FileView, type Path, type Problem } from './problems.ts'
import { isTable } from './shape.ts'

/** One handler as its file declares it, with the group it stands in. */
export interface Declared {
  readonly event: HookEvent
  readonly group: number
  readonly index: number
  readonly type: string
  readonly matcher?: string
  /** The handlers of the group run one after another, each seeing the rewritten input. */
  readonly sequential: boolean
  /** Absent for handlers of other types. */
  readonly command?: string
  readonly timeoutSec: number
  readonly async: boolean
  readonly statusMessage?: string
  /** Tokens of context above which it is cut; 0: never. */
  readonly contextLimit?: number
  /** A failure of the handler refuses the operation. */
  readonly onFailure?: 'block'
  /** Why it cannot run at all. */
  readonly unusable?: string
}

export interface HooksFile {
  readonly dialect?: Dialect
  readonly handlers: readonly Declared[]
  readonly problems: readonly Problem[]
}

const topKeys = ['description', 'hooks', 'dialect', '$schema']
const groupKeys = ['matcher', 'hooks', 'sequential']
const handlerKeys = [
  'type',
  'command',
  'commandWindows',
  'timeout',
  'async',
  'statusMessage',
  'additionalContextLimit',
  'onFailure',
]
/** Words of other products, and remarks: without effect here, and no slip of the pen. */
const knownElsewhere = new Set([
  ...[
    'name',
    'description',
    'id',
    'if',
    'once',
    'timeoutSec',
    'continueOnError',
    'continueOnBlock',
    'additionalContext',
  ],
  ...[
    'suppressOutput',
    'asyncRewake',
    'rewakeMessage',
    'rewakeSummary',
    'asyncTimeout',
    'shell',
    'args',
    'model',
    'url',
  ],
  ...[
    'headers',
    'allowedEnvVars',
    'prompt',
    'server',
    'tool',
    'input',
    'file',
    'source',
    'persistent',
  ],
])
const likelyMilliseconds = 1000

class Reader {
  readonly problems: ProblemList
  readonly handlers: Declared[] = []
  readonly #root: Path

  constructor(view: FileView, root: Path) {
    this.problems = new ProblemList(view)
    this.#root = root
  }

  readEvents(table: Readonly<Record<string, unknown>>): void {
    for (const [name, groups] of Object.entries(table)) {
      const path = [...this.#root, name]
      if (!isHookEvent(name)) this.#unknownEvent(name, path)
      else if (Array.isArray(groups))
        groups.forEach((group, at) => this.#readGroup(name, group, [...path, at]))
      else
        this.problems.error(
          'HooksFileInvalid',
          path,
          `the groups of ${name} are not a list; they are left out`,
        )
    }
  }

  #unknownEvent(name: string, path: Path): void {
    if (foreignEvents.has(name)) {
      this.problems.note(
        'HookEventUnknown',
        path,
        `nothing fires the event ${name} here; its hooks never run`,
      )
      return
    }
    const meant = nearest(name, Object.keys(events))
    const advice = meant === undefined ? '' : `; did you mean ${meant}?`
    this.problems.warn(
      'HookEventUnknown',
      path,
      `there is no event ${name}, so its hooks never run${advice}`,
    )
  }

  #readGroup(event: HookEvent, group: unknown, path: Path): void {
    if (!isTable(group) || !Array.isArray(group['hooks'])) {
      const message = `a group of ${event} has no list "hooks"; it is left out`
      this.problems.error('HooksFileInvalid', path, message)
      return
    }
    this.reportKeys(group, groupKeys, path)
    const matcher = group['matcher']
    const badMatcher = matcher !== undefined && matcher !== null && typeof matcher !== 'string'
    if (badMatcher && events[event].matches !== 'nothing') {
      this.problems.error(
        'HookMatcherInvalid',
        [...path, 'matcher'],
        `a matcher of ${event} is not a string`,
      )
    }
    const shared = {
      event,
      group: Number(path.at(-1)),
      sequential: group['sequential'] === true,
      ...(typeof matcher === 'string' && { matcher }),
      ...(badMatcher &&
        events[event].matches !== 'nothing' && { unusable: 'its matcher is not a string' }),
    }
    group['hooks'].forEach((handler: unknown, index) => {
      const declared = this.#readHandler({ ...shared, index }, handler, [...path, 'hooks', index])
      if (declared) this.handlers.push(declared)
    })
  }

  #readHandler(
    shared: Pick<Declared, 'event' | 'group' | 'index' | 'sequential' | 'matcher' | 'unusable'>,
    handler: unknown,
    path: Path,
  ): Declared | undefined {
    const type = isTable(handler) ? handler['type'] : undefined
    if (!isTable(handler) || typeof type !== 'string') {
      this.problems.error(
        'HookHandlerInvalid',
        path,
        `a handler of ${shared.event} has no type; it is left out`,
      )
      return undefined
    }
    if (type === 'command') this.reportKeys(handler, handlerKeys, path)
    const command = this.#command(handler)
    const unusable = shared.unusable ?? this.#unusable({ event: shared.event, type, command }, path)
    const { statusMessage, additionalContextLimit: limit, onFailure } = handler
    if (onFailure !== undefined && onFailure !== 'block' && onFailure !== 'continue') {
      this.problems.warn(
        'HookHandlerInvalid',
        [...path, 'onFailure'],
        'onFailure is neither "block" nor "continue"',
      )
    }
    return {
      ...shared,
      type,
      timeoutSec: this.#timeout(handler['timeout'], shared.event, [...path, 'timeout']),
      async: handler['async'] === true,
      ...(command !== undefined && { command }),
      ...(typeof statusMessage === 'string' && { statusMessage }),
      ...(Number.isSafeInteger(limit) && Number(limit) >= 0 && { contextLimit: Number(limit) }),
      ...(onFailure === 'block' && { onFailure }),
      ...(unusable !== undefined && { unusable }),
    }
  }

  #command(handler: Readonly<Record<string, unknown>>): string | undefined {
    const { command, commandWindows } = handler
    if (process.platform === 'win32' && typeof commandWindows === 'string') return commandWindows
    return typeof command === 'string' ? command : undefined
  }

  #unusable(
    handler: { event: HookEvent; type: string; command: string | undefined },
    path: Path,
  ): string | undefined {
    const { event, type, command } = handler
    if (type !== 'command') {
      this.problems.warn(
        'HookTypeUnsupported',
        path,
        `hooks of type "${type}" cannot run here; this one of ${event} is left out`,
      )
      return `nothing runs hooks of type "${type}"`
    }
    if (command === undefined || command.trim() === '') {
      this.problems.warn(
        'HookHandlerInvalid',
        path,
        `a command hook of ${event} has no command; it is left out`,
      )
      return 'it has no command'
    }
    return undefined
  }

  #timeout(value: unknown, event: HookEvent, path: Path): number {
    const fallback = events[event].timeoutSec
    if (value === undefined || value === null) return fallback
    const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0) {
      const message = `a timeout of ${event} is not a number of seconds; ${fallback} s are used`
      this.problems.warn('HookHandlerInvalid', path, message)
      return fallback
    }
    const whole = Math.max(1, Math.ceil(seconds))
    if (typeof value === 'string' || (whole - seconds > 0 && seconds !== 0)) {
      this.problems.warn(
        'HookHandlerInvalid',
        path,
        `a timeout of ${event} is taken as ${whole} whole seconds`,
      )
    }
    if (whole >= likelyMilliseconds) {
      const message = `a timeout of ${event} is ${whole} seconds; timeouts are seconds, not milliseconds`
      this.problems.warn('HookTimeoutSuspicious', path, message)
    }
    return whole
  }

  reportKeys(table: Readonly<Record<string, unknown>>, known: readonly string[], path: Path): void {
    for (const key of Object.keys(table)) {
      if (known.includes(key)) continue
      if (knownElsewhere.has(key))
        this.problems.note('HookHandlerInvalid', [...path, key], `"${key}" has no effect here`)
      else this.problems.warn('HookHandlerInvalid', [...path, key], unknownKey(key, known))
    }
  }
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known)
  return `"${key}" is not a known key and is ignored${meant === undefined ? '' : `; did you mean "${meant}"?`}`
}

/** Reads the `[hooks]` table of a configuration file, whose path in the file is `hooks`. */
export function readHooksTable(table: unknown, view: FileView): HooksFile {
  const reader = new Reader(view, ['hooks'])
  if (isTable(table)) {
    const { state: _state, ...named } = table
    reader.readEvents(named)
  } else {
    reader.problems.error(
      'HooksFileInvalid',
      ['hooks'],
      '"hooks" is not a table; no hook of it runs',
    )
  }
  return { handlers: reader.handlers, problems: reader.problems.all }
}

/** Reads a parsed hooks.json. One bad word never takes the rest of the file down. */
export function readHooksFile(value: unknown, view: FileView): HooksFile {
  const reader = new Reader(view, ['hooks'])
  if (!isTable(value)) {
    reader.problems.error(
      'HooksFileInvalid',
      [],
      'a hooks file is an object with the key "hooks"; no hook of it runs',
    )
    return { handlers: [], problems: reader.problems.all }
  }
  for (const key of Object.keys(value)) {
    if (!topKeys.includes(key))
      reader.problems.warn('HooksFileInvalid', [key], unknownKey(key, topKeys))
  }
  const { dialect, hooks } = value
  if (isTable(hooks)) reader.readEvents(hooks)
  else
    reader.problems.error(
      'HooksFileInvalid',
      hooks === undefined ? [] : ['hooks'],
      'it has no object "hooks"; no hook of it runs',
    )
  if (dialect !== undefined && !isDialect(dialect)) {
    reader.problems.warn(
      'HooksFileInvalid',
      ['dialect'],
      'the dialect is neither "codex" nor "claude"',
    )
  }
  return {
    handlers: reader.handlers,
    problems: reader.problems.all,
    ...(isDialect(dialect) && { dialect }),
  }
}
