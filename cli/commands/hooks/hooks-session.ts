import { hooksKey, type Hooks, type ListedHook } from 'hookline/plugins/command-hooks'
import { HooklineError, type SessionFacts } from 'hookline'
import { isDialect, type Dialect } from '../../../plugins/command-hooks/dialect.ts'
import { sessionFlags, textFlag, type Flag, type ParsedWords } from '../../exec-flags.ts'
import { folderOf, openHost, type Assembly } from '../../open-session.ts'

/** Flags that every command about hooks takes. */
export const hooksFlags = {
  ...sessionFlags,
  json: { type: 'boolean', help: 'Print one JSON document.' },
  help: { type: 'boolean', short: 'h', help: 'Show this help.' },
} as const satisfies Record<string, Flag>

/** What a command about hooks is given. */
export interface HooksCall {
  readonly parsed: ParsedWords
  readonly assembly: Assembly
  /** Aborted when the command is asked to end. */
  readonly signal: AbortSignal
}

/** The value of --dialect. */
export function dialectFlag(parsed: ParsedWords): { readonly dialect?: Dialect } {
  const dialect = textFlag(parsed, 'dialect')
  if (dialect === undefined) return {}
  if (isDialect(dialect)) return { dialect }
  throw new HooklineError('USAGE', `there is no dialect "${dialect}"`, {
    hint: 'use codex or claude',
  })
}

/** What a hook does, in one line. */
export function workOf({ handlerType, action }: ListedHook): string {
  if (action === null) return handlerType
  return handlerType === 'command' ? action : `${handlerType} ${action}`
}

/** Opens a session in the folder of the command, whose hooks can be asked for and tried; nothing is recorded. */
export async function withHooks<T>(
  { parsed, assembly }: HooksCall,
  use: (hooks: Hooks, session: SessionFacts) => Promise<T>,
): Promise<T> {
  await using host = openHost({ parsed, assembly, log: () => {} })
  const cwd = folderOf(parsed)
  const session = await host.session({ cwd, source: 'cli', ephemeral: true })
  // Awaited here, so that the session lasts as long as it is used.
  return await use(session.kernel.services.get(hooksKey, 'default'), session.facts)
}

/** Writes to stdout. */
export function print(text: string): void {
  process.stdout.write(text)
}

/** Writes a JSON document to stdout. */
export function printJson(value: unknown): void {
  print(`${JSON.stringify(value, null, 2)}\n`)
}

/** Writes lines to stdout. */
export function printLines(lines: readonly string[]): void {
  print(`${lines.join('\n')}\n`)
}
