/** Whose rules the answers of a hooks file are read by. */
export type Dialect = 'codex' | 'claude'

/** What the two dialects disagree about, beside the shapes and the meaning of answers. */
export interface DialectRules {
  /** An unknown field makes the whole answer invalid. */
  readonly closedAnswers: boolean
  /** An answer that names another event counts for nothing. */
  readonly ownEventName: boolean
  /** What begins with one of these signs is meant to be an answer; all else is text. */
  readonly answersBegin: string
  /** The reason of a deny or block that gives none; absent: such an answer has failed. */
  readonly bareReason?: string
  /** The reason of exit code 2 without a word on stderr; absent: such a run has failed. */
  readonly silentReason?: string
  /** The reason of exit code 2 says which command gave it. */
  readonly namesCommand: boolean
  /** Fields such as `if` and `once` count. */
  readonly handlerOptions: boolean
  /** The same command runs as often as it matches; otherwise once an event. */
  readonly repeats: boolean
  /** Matchers may be lists with commas and spaces: `Bash, Edit`. */
  readonly commaLists: boolean
  /** By which other names matchers know a tool, where that differs from what the tool says of itself. */
  readonly aliases: Readonly<Record<string, readonly string[]>>
}

/** The rules of each dialect. */
export const dialects: Readonly<Record<Dialect, DialectRules>> = {
  codex: {
    closedAnswers: true,
    ownEventName: false,
    answersBegin: '{[',
    namesCommand: false,
    handlerOptions: false,
    repeats: true,
    commaLists: false,
    aliases: { apply_patch: ['Edit', 'Write'] },
  },
  claude: {
    closedAnswers: false,
    ownEventName: true,
    answersBegin: '{',
    bareReason: 'Blocked by hook',
    silentReason: 'No stderr output',
    namesCommand: true,
    handlerOptions: true,
    repeats: false,
    commaLists: true,
    aliases: {
      apply_patch: ['Edit', 'Write', 'MultiEdit'],
      collaborationspawn_agent: ['Task', 'Agent'],
      spawn_agent: ['Task', 'Agent'],
    },
  },
}

/**
 * How often stop hooks may make one turn go on, in either dialect.
 * A hook that blocks whatever happens would otherwise keep the model working for ever.
 */
export const maxContinuations = 8

/** True for the name of a dialect. */
export function isDialect(value: unknown): value is Dialect {
  return value === 'codex' || value === 'claude'
}
