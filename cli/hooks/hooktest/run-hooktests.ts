import { messageOf } from 'hookline'
import type { Hooks } from 'hookline/plugins/command-hooks'
import { readHooktest } from './read-hooktest.ts'
import { runCase, type CaseReport } from './run-case.ts'

/** What came of one test file. */
export interface FileReport {
  readonly file: string
  readonly cases: readonly CaseReport[]
  /** The file itself cannot be used. */
  readonly error?: string
}

async function runFile(hooks: Hooks, file: string, signal: AbortSignal): Promise<FileReport> {
  try {
    const test = await readHooktest(file)
    const cases: CaseReport[] = []
    for (const hookCase of test.cases) {
      if (signal.aborted) break
      cases.push(await runCase(hookCase, test, { hooks, signal }))
    }
    return { file, cases }
  } catch (error) {
    return { file, cases: [], error: messageOf(error) }
  }
}

/** Runs test files, one case after the other: hooks may measure time or want the machine for themselves. */
export async function runHooktests(
  hooks: Hooks,
  files: readonly string[],
  signal: AbortSignal,
): Promise<readonly FileReport[]> {
  const reports: FileReport[] = []
  for (const file of files) if (!signal.aborted) reports.push(await runFile(hooks, file, signal))
  return reports
}

/** How many cases there are, and how many failed; a file that cannot be used counts as one of both. */
export function countCases(reports: readonly FileReport[]): {
  readonly total: number
  readonly failed: number
} {
  const broken = reports.filter(({ error }) => error !== undefined).length
  const cases = reports.flatMap((report) => report.cases)
  return {
    total: cases.length + broken,
    failed: cases.filter(({ passed }) => !passed).length + broken,
  }
}
