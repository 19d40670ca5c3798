import { basename, join } from 'node:path'
import { HooklineError } from 'hookline'
import { readIfThere } from 'hookline/kit'
import { originOf } from '../../../plugins/command-hooks/file-origin.ts'
import { readHooksText } from '../../../plugins/command-hooks/read-hooks-text.ts'
import { isTable } from '../../../plugins/command-hooks/shape.ts'

/** Another product whose hooks can be taken over; its rules are the dialect of the same name. */
export type ForeignProduct = 'codex' | 'claude'

/** Groups of handlers by event, as a file has them. */
export type EventGroups = Readonly<Record<string, readonly unknown[]>>

/** The hooks of one file. */
export interface ForeignHooks {
  readonly file: string
  readonly events: EventGroups
}

const files: Readonly<Record<ForeignProduct, readonly string[]>> = {
  codex: ['.codex/hooks.json', '.codex/config.toml'],
  claude: ['.claude/settings.json', '.claude/settings.local.json'],
}

/** The files that a product may have in a folder: that of the user, or of a project. */
export function foreignFiles(product: ForeignProduct, folder: string): readonly string[] {
  return files[product].map((name) => join(folder, name))
}

function unusable(file: string, why: string): HooklineError {
  return new HooklineError('HOOKS_INVALID', `${file} cannot be taken over: ${why}`, {
    hint: `see hookline hooks lint ${basename(file)}`,
  })
}

/** The lists of groups of a parsed file. What is no list of groups is no hook of anybody. */
function eventsOf(value: unknown): EventGroups {
  const hooks = isTable(value) ? value['hooks'] : undefined
  if (!isTable(hooks)) return {}
  const lists = Object.entries(hooks).filter(
    (entry): entry is [string, unknown[]] => Array.isArray(entry[1]) && entry[1].length > 0,
  )
  return Object.fromEntries(lists)
}

/** The hooks that a product has in a folder, file by file; files without hooks are left out. */
export async function readForeignHooks(
  product: ForeignProduct,
  folder: string,
): Promise<readonly ForeignHooks[]> {
  const found: ForeignHooks[] = []
  for (const file of foreignFiles(product, folder)) {
    const text = await readIfThere(file)
    if (text === undefined) continue
    const read = readHooksText(text, { file, form: originOf(file).form })
    if ('fault' in read) throw unusable(file, read.fault)
    const events = eventsOf(read.value)
    if (Object.keys(events).length > 0) found.push({ file, events })
  }
  return found
}
