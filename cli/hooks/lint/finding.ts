import type { Place } from 'hookline'
import type { HookProduct } from '../../../plugins/command-hooks/file-origin.ts'

/** How much a finding matters: an `error` is a hook that does not do what its file says. */
export type Severity = 'error' | 'warning' | 'info'

/**
 * What becomes of the place a finding is about: it works; the word counts for nothing; the handlers there do not run;
 * no hook of the file runs; the handler runs, fails and lets everything through.
 */
export type Effect = 'works' | 'ignored' | 'skipped' | 'dropped' | 'open'

export interface Consequence {
  readonly effect: Effect
  readonly text: string
}

/** What each product makes of it. */
export type Consequences = Readonly<Record<HookProduct, Consequence>>

/** One thing that is wrong with a hooks file. Codes are contract, messages are not. */
export interface Finding {
  readonly code: LintCode
  readonly severity: Severity
  readonly file: string
  /** Where in the file, as RFC 6901 has it; empty: all of it. */
  readonly pointer: string
  readonly place?: Place
  readonly message: string
  readonly consequences: Consequences
  readonly fix: string
}

/** Every code of `hooks lint`. */
export const lintCodes = {
  FileUnreadable: 'The file cannot be read.',
  FileInvalid: 'The file is not JSON, or not TOML.',
  FileShape: 'The file, an event or a group does not have the shape of a hooks file.',
  KeyTwice: 'An object has the same key twice; only the last one counts.',
  TopKeyUnknown: 'A key at the top of the file that nothing reads.',
  DialectUnknown: 'A dialect that is neither codex nor claude.',
  HooksTurnedOff: 'Settings that turn their own hooks off.',
  EventUnknown: 'An event that no product knows.',
  EventForeign: 'An event that one of the products does not fire.',
  GroupEmpty: 'A group without a handler.',
  KeyUnknown: 'A key of a group or handler that no product knows.',
  KeyForeign: 'A key of a group or handler that one of the products does not know.',
  TypeMissing: 'A handler without a type.',
  TypeUnknown: 'A handler type that no product knows.',
  TypeForeign: 'A handler type that one of the products does not run.',
  TimeoutForm: 'A timeout that is not a whole number of seconds.',
  TimeoutLong: 'A timeout that looks like milliseconds.',
  TimeoutShort: 'A timeout that leaves no time.',
  MatcherInvalid: 'A matcher that is neither a list of names nor a regular expression.',
  MatcherSyntax: 'A matcher that one of the products cannot read.',
  MatcherUnreachable: 'A matcher that nothing can match.',
  MatcherIgnored: 'A matcher of an event that has nothing to match.',
  CommandMissing: 'A command handler without a command.',
  RootUnquoted: 'A path with a root variable that a blank in the path takes apart.',
  VariableUnset: 'A variable that one of the products does not set.',
  ScriptMissing: 'A script that does not exist.',
  ScriptNotExecutable: 'A script that is started directly and may not be executed.',
  ScriptRelative: 'A script path that is relative to wherever the session works.',
  InterpreterMissing: 'A program that is not installed here.',
  AnswerFails: 'A literal answer that has no effect.',
  ExitTwoSilent: 'An exit with code 2 that gives no reason on stderr.',
  ExitTwoPowerless: 'An exit with code 2 on an event that cannot be blocked by it.',
  AsyncPowerless: 'An asynchronous handler that means to block.',
  HandlerTwice: 'The same handler twice on one event.',
  UrlInvalid: 'An address that is not one of http or https.',
  UrlInsecure: 'An address without TLS to another machine.',
  LoaderProblem: 'Something else that hookline reports when it reads the file.',
} as const

export type LintCode = keyof typeof lintCodes

const isBad = ({ effect }: Consequence) => effect !== 'works' && effect !== 'ignored'
const ranks = { info: 0, warning: 1, error: 2 } as const satisfies Record<Severity, number>

/** Follows from what the product the file is for makes of it, and from what hookline does. */
export function severityOf(consequences: Consequences, product: HookProduct): Severity {
  const own = consequences[product]
  if (isBad(own)) return 'error'
  const isFelt = isBad(consequences.hookline) || own.effect === 'ignored'
  return isFelt || consequences.hookline.effect === 'ignored' ? 'warning' : 'info'
}

/** The lesser of two severities. */
export function atMost(severity: Severity, limit: Severity): Severity {
  return ranks[severity] <= ranks[limit] ? severity : limit
}

/** The same consequence for every product, but for those that are given. */
export function everywhere(
  consequence: Consequence,
  but: Partial<Consequences> = {},
): Consequences {
  return { hookline: consequence, codex: consequence, claude: consequence, ...but }
}

/** A consequence in short. */
export function will(effect: Effect, text: string): Consequence {
  return { effect, text }
}

export const fine: Consequence = will('works', 'works')
