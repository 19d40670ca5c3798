import { isDialect, type Dialect } from '../../../plugins/command-hooks/dialect.ts'
import { isHookEvent } from '../../../plugins/command-hooks/events.ts'
import { originOf, type FileOrigin } from '../../../plugins/command-hooks/file-origin.ts'
import { readDocument } from '../../../plugins/command-hooks/load-hooks-file.ts'
import type { FileView } from '../../../plugins/command-hooks/problems.ts'
import { readHooksText } from '../../../plugins/command-hooks/read-hooks-text.ts'
import { isTable } from '../../../plugins/command-hooks/shape.ts'
import { duplicateKeys } from './duplicate-keys.ts'
import { everywhere, will, type Finding, type LintCode } from './finding.ts'
import { FindingList, pointerOf } from './finding-list.ts'
import { lintAnswer } from './lint-answer.ts'
import { lintCommand } from './lint-command.ts'
import type { LintContext } from './lint-context.ts'
import { lintDuplicates } from './lint-duplicates.ts'
import { lintGroupKeys, lintHandlerKeys } from './lint-keys.ts'
import { lintMatcher } from './lint-matcher.ts'
import { lintScriptFile } from './lint-script-file.ts'
import { lintTimeout } from './lint-timeout.ts'
import { lintType } from './lint-type.ts'
import { lintUrl } from './lint-url.ts'
import { walkDocument } from './walk-document.ts'

/** What a file was read as, and what is wrong with it. */
export interface LintedFile {
  readonly file: string
  readonly dialect: Dialect
  readonly product: FileOrigin['product']
  readonly findings: readonly Finding[]
}

/** How a file is looked at where its place does not say so. */
export interface LintOptions {
  /** Looks at the file as this product would. */
  readonly dialect?: Dialect
}

function unusable(file: string, code: 'FileUnreadable' | 'FileInvalid', message: string): Finding {
  return {
    code,
    severity: 'error',
    file,
    pointer: '',
    message,
    consequences: everywhere(will('dropped', 'no hook of the file runs')),
    fix: code === 'FileInvalid' ? 'correct the text at this place' : 'make it readable',
  }
}

/** A file that could not be read at all. */
export function unreadable(file: string, why: string): LintedFile {
  const { dialect, product } = originOf(file)
  return { file, dialect, product, findings: [unusable(file, 'FileUnreadable', why)] }
}

function dialectIn(value: unknown, options: LintOptions, origin: FileOrigin): Dialect {
  const own = isTable(value) && origin.form === 'hooks' ? value['dialect'] : undefined
  return options.dialect ?? (isDialect(own) ? own : origin.dialect)
}

function contextFor(value: unknown, view: FileView, options: LintOptions): LintContext {
  const place = originOf(view.file)
  const origin = options.dialect === undefined ? place : { ...place, product: options.dialect }
  const dialect = options.dialect ?? origin.dialect
  const isForced = options.dialect !== undefined
  const read = readDocument(value, view, { form: origin.form, dialect, isForced })
  return {
    file: view.file,
    origin,
    dialect: dialectIn(value, options, origin),
    findings: new FindingList(view, origin),
    said: new Map(read.problems.map(({ pointer, message }) => [pointer, message])),
    declared: new Map(
      read.handlers.map((handler) => [
        pointerOf(['hooks', handler.event, handler.group, 'hooks', handler.index]),
        handler,
      ]),
    ),
  }
}

/** Codes that say of a handler's own field what hookline says of the handler. */
const ofHandler: ReadonlySet<LintCode> = new Set(['TypeUnknown', 'CommandMissing', 'UrlInvalid'])

function isSaid(pointer: string, found: readonly Finding[]): boolean {
  return found.some(
    (finding) =>
      finding.pointer === pointer ||
      (ofHandler.has(finding.code) && finding.pointer.startsWith(`${pointer}/`)),
  )
}

/** What hookline reports of a place that no rule has spoken of. */
function addRest({ said, findings, declared }: LintContext): void {
  for (const [pointer, message] of said) {
    const words = pointer.split('/').slice(1)
    const isBareEvent = words.length === 1 && isHookEvent(words[0] ?? '')
    if (isBareEvent || isSaid(pointer, findings.all)) continue
    const effect = declared.get(pointer)?.unusable === undefined ? 'ignored' : 'skipped'
    const unread = will('works', 'was not looked at')
    findings.add('LoaderProblem', words.map(decode), {
      message,
      consequences: {
        hookline: will(effect, 'says so and goes on'),
        codex: unread,
        claude: unread,
      },
      fix: 'see docs/hooks.md',
    })
  }
}

const decode = (word: string) => word.replaceAll('~1', '/').replaceAll('~0', '~')

function lintValue(value: unknown, context: LintContext): void {
  const { groups, handlers } = walkDocument(value, context)
  for (const group of groups) {
    lintGroupKeys(group, context)
    lintMatcher(group, context)
  }
  for (const handler of handlers) {
    lintType(handler, context)
    lintHandlerKeys(handler, context)
    lintTimeout(handler, context)
    lintCommand(handler, context)
    lintAnswer(handler, context)
    lintUrl(handler, context)
    lintScriptFile(handler, context)
  }
  lintDuplicates(handlers, context)
  addRest(context)
}

function twiceFindings(text: string, file: string): readonly Finding[] {
  return duplicateKeys(text).map(({ key, path, place }) => ({
    code: 'KeyTwice',
    severity: 'error',
    file,
    pointer: pointerOf(path),
    place,
    message: `"${key}" stands here a second time; the first one is lost`,
    consequences: everywhere(will('skipped', 'reads the last one only')),
    fix: 'put both into one',
  }))
}

const byPlace = (left: Finding, right: Finding) =>
  (left.place?.line ?? 0) - (right.place?.line ?? 0) ||
  (left.place?.column ?? 0) - (right.place?.column ?? 0)

/** Finds everything that is wrong with a hooks file, for hookline and for the products it shares files with. */
export function lintText(text: string, file: string, options: LintOptions = {}): LintedFile {
  const origin = originOf(file)
  const product = options.dialect ?? origin.product
  const read = readHooksText(text, { file, form: origin.form })
  if ('fault' in read) {
    const finding = unusable(file, 'FileInvalid', read.fault)
    const findings = [{ ...finding, ...(read.place && { place: read.place }) }]
    return { file, dialect: options.dialect ?? origin.dialect, product, findings }
  }
  const context = contextFor(read.value, read.view, options)
  lintValue(read.value, context)
  const twice = origin.form === 'toml' ? [] : twiceFindings(text, file)
  const findings = [...context.findings.all, ...twice].toSorted(byPlace)
  return { file, dialect: context.dialect, product, findings }
}
