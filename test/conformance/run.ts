// Runs the recorded conformance suites against the build and adds up all results: run.ts CHECKS REPORT SUITES, with the
// exit code of the checks, the JSON report of the tests, and the folder of the suites. The last line is the sum.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { idleEntries, readCases, readList, select } from './lists.ts'
import { judgeSandbox, type Check } from './sandbox.ts'
import { judge, notRun, startRunner, type Outcome } from './suite.ts'

const [checks = '1', report = '', suites = ''] = process.argv.slice(2)
const folder = resolve(suites)
const built = resolve(import.meta.dirname, '../../dist/cli/main.js')
const command = `${process.execPath} ${built}`
const env = { HOOKLINE_CMD: command, APPLY_PATCH_STDIN_CMD: `${command} apply_patch` }

/** Kept out of the folder for temporary files, which sandboxed commands may write to. */
function workFolder(): string {
  const parent = join(homedir(), '.cache')
  mkdirSync(parent, { recursive: true })
  return mkdtempSync(join(parent, 'hookline-conformance-'))
}

async function listed(suite: 'hooks' | 'exec', work: string): Promise<Outcome> {
  const cases = readCases(join(folder, suite, 'cases'))
  const left = readList(`${suite}.skip`)
  const names = select(cases, left)
  const list = join(work, `${suite}.names`)
  writeFileSync(list, `${names.join('\n')}\n`)
  const place = suite === 'exec' ? ['--base', join(work, suite)] : []
  const runner = join(folder, suite, 'run.mjs')
  const result = await startRunner([runner, '--cases-list', list, ...place], {
    ...env,
    HOOK_CASES_TMP: work,
  })
  const outcome = judge(result)
  const idle = idleEntries(cases, left).map((words) => `${suite}.skip names nothing: ${words}`)
  const notes = [
    ...outcome.notes,
    `${cases.length - names.length} of ${cases.length} cases are on ${suite}.skip`,
    ...idle,
  ]
  return { ...outcome, notes }
}

async function applyPatch(): Promise<Outcome> {
  const skips: Readonly<Record<string, string>> = JSON.parse(
    readFileSync(join(folder, 'apply_patch/skip.json'), 'utf8'),
  )
  return judge(
    await startRunner([join(folder, 'apply_patch/run.mjs')], env),
    Object.keys(skips).length,
  )
}

async function sandbox(work: string): Promise<Outcome> {
  const missing = ['bwrap', 'git', 'python3'].filter(
    (name) => spawnSync(name, ['--version']).error !== undefined,
  )
  if (missing.length > 0) return notRun(`${missing.join(' and ')} not installed`)
  const out = join(work, 'sandbox.json')
  // Two runs on one machine must not meet at the same ports.
  const port = String(21_000 + (process.pid % 3000) * 3)
  const runner = join(folder, 'sandbox/run.mjs')
  const result = await startRunner(
    [runner, '--base', join(work, 'sandbox'), '--out', out, '--port', port],
    env,
  )
  const written: { readonly results: readonly Check[] } = existsSync(out)
    ? JSON.parse(readFileSync(out, 'utf8'))
    : { results: [] }
  return judgeSandbox(result, written.results, {
    known: readList('sandbox.known'),
    lacking: readList('sandbox.skip'),
  })
}

/** The tests of the repository; a check that failed before they ran counts as one failure. */
function tests(): Outcome {
  const found: { readonly numPassedTests: number; readonly numFailedTests: number } = existsSync(
    report,
  )
    ? JSON.parse(readFileSync(report, 'utf8'))
    : { numPassedTests: 0, numFailedTests: 0 }
  const faults = checks === '0' && found.numPassedTests > 0 ? 0 : 1
  const failed = Math.max(found.numFailedTests, faults)
  return {
    passed: found.numPassedTests,
    failed,
    notes: checks === '0' ? [] : [`npm cit ended with ${checks}`],
  }
}

async function conformance(): Promise<readonly (readonly [string, Outcome])[]> {
  if (!existsSync(folder)) {
    console.log('the conformance suites are not beside this checkout and are left out')
    return []
  }
  if (!existsSync(built)) return [['conformance', notRun('there is no build')]]
  const work = workFolder()
  try {
    return [
      ['hooks', await listed('hooks', work)],
      ['exec', await listed('exec', work)],
      ['apply_patch', await applyPatch()],
      ['sandbox', await sandbox(work)],
    ]
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 5 })
  }
}

const outcomes = [['checks and tests', tests()] as const, ...(await conformance())]
for (const [name, { passed, failed, notes }] of outcomes) {
  console.log(`${name}: ${passed} passed, ${failed} failed`)
  for (const note of notes) console.log(`  ${note}`)
}
const sum = (key: 'passed' | 'failed') =>
  outcomes.reduce((total, [, outcome]) => total + outcome[key], 0)
console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
process.exitCode = sum('failed') === 0 ? 0 : 1
