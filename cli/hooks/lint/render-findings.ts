import { relative } from 'node:path'
import { visible } from '../../render/visible.ts'
import type { Finding } from './finding.ts'
import type { LintedFile } from './lint-file.ts'
import { peerNames } from './peers.ts'

interface Counts {
  readonly files: number
  readonly errors: number
  readonly warnings: number
  readonly infos: number
}

/** How many findings of each severity there are. */
export function countOf(linted: readonly LintedFile[]): Counts {
  const all = linted.flatMap(({ findings }) => findings)
  const count = (wanted: Finding['severity']) =>
    all.filter(({ severity }) => severity === wanted).length
  return {
    files: linted.length,
    errors: count('error'),
    warnings: count('warning'),
    infos: count('info'),
  }
}

/** The result as a document for programs. */
export function lintDocument(linted: readonly LintedFile[]) {
  const summary = countOf(linted)
  return {
    ok: summary.errors === 0,
    summary,
    files: linted.map(({ file, dialect, product }) => ({ file, dialect, product })),
    findings: linted.flatMap(({ findings }) => findings),
  }
}

function consequenceLine({ consequences }: Finding): string {
  const { hookline, codex, claude } = consequences
  const same = hookline.text === codex.text && codex.text === claude.text
  if (same) return `every product: ${hookline.text}`
  const rows = [
    [peerNames.hookline, hookline],
    [peerNames.codex, codex],
    [peerNames.claude, claude],
  ] as const
  return rows.map(([name, { text }]) => `${name}: ${text}`).join(' | ')
}

function findingLines(finding: Finding, cwd: string): readonly string[] {
  const { place, severity, code, message, fix, pointer } = finding
  const name = relative(cwd, finding.file)
  const file = name.startsWith('..') || name === '' ? finding.file : name
  const where = place
    ? `${file}:${place.line}:${place.column}`
    : `${file}${pointer && `#${pointer}`}`
  return [
    visible(`${where}: ${severity} ${code}: ${message}`),
    visible(`    ${consequenceLine(finding)}`),
    visible(`    fix: ${fix}`),
  ]
}

const some = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`

/** The result as lines for people. */
export function lintLines(linted: readonly LintedFile[], cwd: string): readonly string[] {
  const { files, errors, warnings, infos } = countOf(linted)
  const lines = linted.flatMap(({ findings }) =>
    findings.flatMap((finding) => findingLines(finding, cwd)),
  )
  const counts = [some(errors, 'error'), some(warnings, 'warning'), some(infos, 'note')].join(', ')
  return [...lines, `${some(files, 'file')}: ${counts}`]
}
