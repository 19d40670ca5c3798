import { readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { HooklineError, messageOf } from 'hookline'
import { readSettingsFile } from './claude-settings.ts'
import type { Dialect } from './dialect.ts'
import { originOf, type FileOrigin } from './file-origin.ts'
import { readHooksFile, readHooksTable, type HooksFile } from './hooks-file.ts'
import type { FileView } from './problems.ts'
import { readHooksText } from './read-hooks-text.ts'
import { isTable } from './shape.ts'
import type { HookSource, Loaded } from './hook-source.ts'

/** One hooks file that is to be tried, whoever it belongs to. */
export interface NamedFile {
  readonly file: string
  /** In place of what the file and its place say. */
  readonly dialect?: Dialect
  /** The project of the session. */
  readonly cwd: string
  /** Where bundles may keep files. */
  readonly dataDir: string
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new HooklineError('FILE_UNREADABLE', `${file} cannot be read: ${messageOf(error)}`, {
      hint: 'name a hooks.json',
      cause: error,
    })
  }
}

/** How a document is read. */
export interface DocumentReading extends Pick<FileOrigin, 'form' | 'dialect'> {
  /** The dialect is what counts, whatever the document says. */
  readonly isForced?: boolean
}

/** Reads a parsed file of any form. */
export function readDocument(
  value: unknown,
  view: FileView,
  { form, dialect, isForced = false }: DocumentReading,
): HooksFile {
  if (form === 'settings') return readSettingsFile(value, view)
  if (form === 'toml') {
    const hooks = isTable(value) ? value['hooks'] : undefined
    return hooks === undefined
      ? { handlers: [], problems: [] }
      : readHooksTable(hooks, view, dialect)
  }
  return readHooksFile(isForced && isTable(value) ? { ...value, dialect } : value, view, dialect)
}

/** Reads one file as a source of its own. Its handlers count as those of the place it lies in. */
export function loadHooksFile({ file: given, dialect, cwd, dataDir }: NamedFile): Loaded {
  const path = resolve(cwd, given)
  const origin = originOf(path)
  const read = readHooksText(textOf(path), { file: path, form: origin.form })
  if ('fault' in read) {
    const { place } = read
    const where = place ? `${path}:${place.line}:${place.column}` : path
    throw new HooklineError('HOOKS_INVALID', `${where} cannot be read: ${read.fault}`, {
      hint: 'correct it: hookline hooks lint says more',
    })
  }
  const reading = { form: origin.form, dialect: dialect ?? origin.dialect }
  const file = readDocument(read.value, read.view, { ...reading, isForced: dialect !== undefined })
  const { bundleRoot, projectDir } = origin
  const id = basename(bundleRoot ?? '')
  const source: HookSource = {
    kind: bundleRoot === undefined ? 'project' : 'plugin',
    path,
    dialect: file.dialect ?? reading.dialect,
    managed: false,
    foreign: false,
    projectDir: projectDir ?? cwd,
    ...(bundleRoot !== undefined && {
      bundle: { id, root: bundleRoot, dataDir: join(dataDir, id) },
    }),
  }
  return { sources: [{ source, file }], problems: file.problems }
}
