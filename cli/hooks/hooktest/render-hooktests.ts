import { relative } from 'node:path'
import { textTable } from '../../render/text-table.ts'
import { visible, visibleLines } from '../../render/visible.ts'
import type { CaseReport } from './run-case.ts'
import { countCases, type FileReport } from './run-hooktests.ts'

const nameOf = (file: string, cwd: string) => {
  const name = relative(cwd, file)
  return name === '' || name.startsWith('..') ? file : name
}

/** What a failed case's handlers did, so that one need not run them again to see it. */
function runLines({ runs, notRun }: CaseReport): readonly string[] {
  const ran = runs.flatMap((run) => [
    visible(`      ran ${run.command ?? run.type}: ${run.exit}, ${run.status}`),
    ...visibleLines(run.stderr.trimEnd())
      .filter(Boolean)
      .map((line) => `        stderr: ${line}`),
  ])
  const others = notRun.map(({ key, reason }) => visible(`      not run: ${key}: ${reason}`))
  return [...ran, ...others]
}

function failureLines(report: CaseReport): readonly string[] {
  if (report.passed) return []
  return [...report.failures.map((failure) => visible(`      ${failure}`)), ...runLines(report)]
}

function fileLines({ file, cases, error }: FileReport, cwd: string): readonly string[] {
  if (error !== undefined) return [visible(nameOf(file, cwd)), visible(`  FAIL  ${error}`)]
  const rows = textTable(
    cases.map(({ passed, name, event, durationMs }) => [
      passed ? '  ok  ' : '  FAIL',
      name,
      event,
      `${durationMs} ms`,
    ]),
  )
  const lines = cases.flatMap((report, at) => [rows[at] ?? '', ...failureLines(report)])
  return [visible(nameOf(file, cwd)), ...lines]
}

/** The result as lines for people. */
export function hooktestLines(reports: readonly FileReport[], cwd: string): readonly string[] {
  const { total, failed } = countCases(reports)
  const passed = total - failed
  const summary = failed === 0 ? `${passed} passed` : `${failed} failed, ${passed} passed`
  return [...reports.flatMap((report) => fileLines(report, cwd)), summary]
}

/** The result as a document for programs. */
export function hooktestDocument(reports: readonly FileReport[]) {
  const { total, failed } = countCases(reports)
  return { ok: failed === 0, total, passed: total - failed, failed, files: reports }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
}
/** What XML cannot hold, however it is written. */
const unwritable = /[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

function xml(text: string): string {
  return text.replace(unwritable, '\ufffd').replace(/[&<>"\n]/g, (sign) => entities[sign] ?? sign)
}

const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(3)

function caseXml({ name, event, passed, failures, durationMs }: CaseReport): string {
  const start = `    <testcase classname="${xml(event)}" name="${xml(name)}" time="${seconds(durationMs)}"`
  if (passed) return `${start}/>`
  const [first = ''] = failures
  const text = xml(failures.join('\n')).replaceAll('&#10;', '\n')
  return `${start}>\n      <failure message="${xml(first)}">${text}</failure>\n    </testcase>`
}

/** A file that cannot be used, as a case that fails. */
function asCase(error: string): CaseReport {
  const about = { name: 'the file', event: 'hooktest', failures: [error] }
  return { ...about, passed: false, durationMs: 0, runs: [], notRun: [] }
}

function suiteXml({ file, cases, error }: FileReport, cwd: string): string {
  const all = error === undefined ? cases : [...cases, asCase(error)]
  const failed = all.filter(({ passed }) => !passed).length
  const time = seconds(all.reduce((sum, { durationMs }) => sum + durationMs, 0))
  const name = xml(nameOf(file, cwd))
  const start = `  <testsuite name="${name}" tests="${all.length}" failures="${failed}" time="${time}">`
  return [start, ...all.map(caseXml), '  </testsuite>'].join('\n')
}

/** The result as JUnit has it, for programs that show tests. */
export function hooktestJunit(reports: readonly FileReport[], cwd: string): string {
  const { total, failed } = countCases(reports)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="hookline hooks test" tests="${total}" failures="${failed}">`,
    ...reports.map((report) => suiteXml(report, cwd)),
    '</testsuites>',
    '',
  ].join('\n')
}
