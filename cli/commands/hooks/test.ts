import { resolve } from 'node:path'
import { HooklineError, messageOf } from 'hookline'
import { writeFileAtomic } from 'hookline/kit'
import type { Hooks } from 'hookline/plugins/command-hooks'
import { textFlag } from '../../exec-flags.ts'
import { findHooktests } from '../../hooks/hooktest/find-hooktests.ts'
import {
  hooktestDocument,
  hooktestJunit,
  hooktestLines,
} from '../../hooks/hooktest/render-hooktests.ts'
import { countCases, runHooktests } from '../../hooks/hooktest/run-hooktests.ts'
import { watchFolders } from '../../hooks/hooktest/watch-folders.ts'
import { folderOf } from '../../open-session.ts'
import { visible } from '../../render/visible.ts'
import { hooksFlags, printJson, printLines, withHooks, type HooksCall } from './hooks-session.ts'

export const flags = {
  ...hooksFlags,
  watch: { type: 'boolean', help: 'Run again whenever a file changes.' },
  junit: { type: 'string', value: 'FILE', help: 'Write the result as JUnit XML, too.' },
} as const

/** Runs all tests once and shows what came of them. */
async function runOnce(hooks: Hooks, { parsed, signal }: HooksCall, paths: readonly string[]) {
  const cwd = folderOf(parsed)
  const files = await findHooktests(paths, cwd)
  if (files.length === 0) {
    throw new HooklineError('HOOKTEST_INVALID', 'there is no test of hooks here', {
      hint: 'write a *.hooktest.json: docs/hooks-testing.md',
    })
  }
  const reports = await runHooktests(hooks, files, signal)
  const junit = textFlag(parsed, 'junit')
  if (junit !== undefined) await writeFileAtomic(resolve(cwd, junit), hooktestJunit(reports, cwd))
  if (parsed.flags['json'] === true) printJson(hooktestDocument(reports))
  else printLines(hooktestLines(reports, cwd))
  return countCases(reports).failed === 0 ? 0 : 1
}

async function runAndWatch(hooks: Hooks, call: HooksCall, paths: readonly string[]) {
  const { parsed, signal } = call
  const cwd = folderOf(parsed)
  const again = async () => {
    try {
      await runOnce(hooks, call, paths)
    } catch (error) {
      // A file that is being written may be gone for a moment.
      printLines([visible(messageOf(error))])
    }
    if (parsed.flags['json'] !== true) printLines(['watching for changes'])
  }
  await watchFolders(
    paths.map((path) => resolve(cwd, path)),
    again,
    signal,
  )
  return 0
}

/** `hookline hooks test`: runs the tests of hooks. */
export function run(call: HooksCall): Promise<number> {
  const { parsed } = call
  const paths = parsed.words.length > 0 ? parsed.words : ['.']
  const start = parsed.flags['watch'] === true ? runAndWatch : runOnce
  return withHooks(call, (hooks) => start(hooks, call, paths))
}
