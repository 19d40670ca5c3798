import { hooksKey, type Hooks } from 'hookline/plugins/command-hooks'
import type { SessionFacts } from 'hookline'
import { sessionFlags, type Flag, type ParsedWords } from '../../exec-flags.ts'
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
}

/** Opens a session in the folder of the command, whose hooks can be asked for and tried; nothing is recorded. */
export async function withHooks<T>(
  { parsed, assembly }: HooksCall,
  use: (hooks: Hooks, session: SessionFacts) => Promise<T>,
): Promise<T> {
  await using host = openHost({ parsed, assembly, log: () => {} })
  const cwd = folderOf(parsed)
  const session = await host.session({ cwd, source: 'cli', ephemeral: true })
  return use(session.kernel.services.get(hooksKey, 'default'), session.facts)
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
