import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { HooklineError, messageOf } from 'hookline'
import { isInside } from 'hookline/kit'
import type { Hooks } from 'hookline/plugins/command-hooks'
import type { EventVerdict } from '../../../plugins/command-hooks/sum-up.ts'
import { viewOf, type RunView } from '../run-view.ts'
import { inputWith } from '../sample-input.ts'
import { checkCase } from './check-case.ts'
import type { HookCase, Hooktest } from './read-hooktest.ts'

/** What came of one case. */
export interface CaseReport {
  readonly name: string
  readonly event: string
  readonly passed: boolean
  /** What is not as it was expected. */
  readonly failures: readonly string[]
  readonly durationMs: number
  readonly verdict?: EventVerdict
  readonly runs: readonly RunView[]
  /** Handlers that match and cannot run. */
  readonly notRun: readonly { readonly key: string; readonly reason: string }[]
}

/** A folder for one case: where its hooks work, and where bundles keep files. */
interface Stage extends AsyncDisposable {
  readonly cwd: string
  readonly dataDir: string
}

function placeIn(cwd: string, path: string): string {
  const file = resolve(cwd, path)
  if (isInside(cwd, file)) return file
  throw new HooklineError('PATH_OUTSIDE', `${path} leads out of the folder of the case`, {
    hint: 'give a path below it',
  })
}

async function makeStage(files: Readonly<Record<string, string>>): Promise<Stage> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'hookline-hooktest-')))
  const cwd = join(root, 'work')
  const dispose = () => rm(root, { recursive: true, force: true, maxRetries: 5 })
  try {
    await mkdir(cwd)
    for (const [path, text] of Object.entries(files)) {
      const file = placeIn(cwd, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, text)
    }
  } catch (error) {
    await dispose()
    throw error
  }
  return { cwd, dataDir: join(root, 'data'), [Symbol.asyncDispose]: dispose }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Who runs hooks, and what ends them early. */
export interface CaseRunner {
  readonly hooks: Hooks
  readonly signal: AbortSignal
}

async function tryCase(hookCase: HookCase, test: Hooktest, { hooks, signal }: CaseRunner) {
  const { event, input = {}, env = {}, files = {}, expect: expected } = hookCase
  await using stage = await makeStage(files)
  const { cwd, dataDir } = stage
  const { hooks: file, dialect } = test
  const options = { file, cwd, env, dataDir, ...(dialect && { dialect }) }
  await using rehearsal = await hooks.rehearse(options)
  const { verdict, runs, idle } = await rehearsal.run({
    event,
    input: inputWith(event, input),
    signal,
  })
  const failures = checkCase(expected, event, {
    verdict,
    statuses: runs.map(({ outcome }) => outcome.status),
    fileText: (path) => readIfThere(placeIn(cwd, path)),
  })
  const notRun = idle.map(({ key, reason = 'it is not active' }) => ({ key, reason }))
  return { verdict, failures, runs: runs.map(viewOf), notRun }
}

/** Runs one case in a folder of its own. What goes wrong is a failure of the case. */
export async function runCase(
  hookCase: HookCase,
  test: Hooktest,
  runner: CaseRunner,
): Promise<CaseReport> {
  const began = performance.now()
  const { name, event } = hookCase
  const ended = () => Math.round((performance.now() - began) * 10) / 10
  try {
    const tried = await tryCase(hookCase, test, runner)
    return { name, event, passed: tried.failures.length === 0, durationMs: ended(), ...tried }
  } catch (error) {
    const failures = [messageOf(error)]
    return { name, event, passed: false, failures, durationMs: ended(), runs: [], notRun: [] }
  }
}
