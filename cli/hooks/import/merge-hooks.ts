import { isDeepStrictEqual } from 'node:util'
import { HooklineError, messageOf } from 'hookline'
import { isTable } from '../../../plugins/command-hooks/shape.ts'
import type { EventGroups, ForeignHooks, ForeignProduct } from './read-foreign-hooks.ts'

/** The text of a hooks file with what was added to it. */
export interface Merged {
  readonly text: string
  readonly added: number
  /** Groups that were there already. */
  readonly known: number
}

type Fields = Readonly<Record<string, unknown>>

function parsed(text: string | undefined, file: string): Fields {
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    if (isTable(value)) return value
  } catch (error) {
    throw new HooklineError('HOOKS_INVALID', `${file} is not JSON: ${messageOf(error)}`, {
      hint: 'correct it first: hookline hooks lint says where',
      cause: error,
    })
  }
  throw new HooklineError('HOOKS_INVALID', `${file} holds no object`, {
    hint: 'write { "hooks": { … } }, or remove it',
  })
}

function groupsIn(document: Fields, event: string): readonly unknown[] {
  const { hooks } = document
  const groups = isTable(hooks) ? hooks[event] : undefined
  return Array.isArray(groups) ? groups : []
}

const isEmpty = ({ hooks }: Fields) => !isTable(hooks) || Object.keys(hooks).length === 0

/** A file has one dialect; hooks of another one would be misread in it. */
function checkDialect(document: Fields, wanted: ForeignProduct, file: string): void {
  const own = document['dialect'] ?? 'codex'
  if (isEmpty(document) || own === wanted) return
  throw new HooklineError(
    'CONFIG_CONFLICT',
    `${file} holds hooks of the dialect ${JSON.stringify(own)}`,
    {
      hint: `hooks of ${wanted} need a file of their own; where they are now they are read as well`,
    },
  )
}

function indentOf(text: string | undefined): string {
  return /^\{\s*?\n([ \t]+)/.exec(text ?? '')?.[1] ?? '  '
}

function addGroups(document: Fields, events: EventGroups): Fields & { readonly hooks: Fields } {
  const hooks: Record<string, unknown> = isTable(document['hooks']) ? { ...document['hooks'] } : {}
  for (const [event, groups] of Object.entries(events))
    hooks[event] = [...groupsIn(document, event), ...groups]
  return { ...document, hooks }
}

/** What of the found groups is not in the file yet. */
function missingIn(document: Fields, found: readonly ForeignHooks[]) {
  const all = found.flatMap(({ events }) =>
    Object.entries(events).flatMap(([event, groups]) => groups.map((group) => ({ event, group }))),
  )
  const fresh: Record<string, unknown[]> = {}
  for (const { event, group } of all) {
    const there = [...groupsIn(document, event), ...(fresh[event] ?? [])]
    if (there.some((other) => isDeepStrictEqual(other, group))) continue
    fresh[event] = [...(fresh[event] ?? []), group]
  }
  const added = Object.values(fresh).reduce((sum, groups) => sum + groups.length, 0)
  return { fresh, added, known: all.length - added }
}

/** Puts hooks of another product into a hooks file, in its dialect; what is there already stays once. */
export function mergeHooks(
  text: string | undefined,
  found: readonly ForeignHooks[],
  target: { readonly file: string; readonly dialect: ForeignProduct },
): Merged {
  const document = parsed(text, target.file)
  checkDialect(document, target.dialect, target.file)
  const { fresh, known, added } = missingIn(document, found)
  if (added === 0) return { text: text ?? '', added, known }
  const { dialect: _dialect, ...rest } = document
  const dialect = target.dialect === 'codex' ? {} : { dialect: target.dialect }
  const merged = { ...dialect, ...addGroups(rest, fresh) }
  return { text: `${JSON.stringify(merged, null, indentOf(text))}\n`, added, known }
}
