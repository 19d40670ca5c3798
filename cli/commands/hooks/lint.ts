import { HooklineError } from 'hookline'
import { findHooksFiles } from '../../hooks/lint/find-hooks-files.ts'
import { lintPaths } from '../../hooks/lint/lint-paths.ts'
import { countOf, lintDocument, lintLines } from '../../hooks/lint/render-findings.ts'
import { folderOf } from '../../open-session.ts'
import { dialectFlag, hooksFlags, printJson, printLines, type HooksCall } from './hooks-session.ts'

export const flags = {
  ...hooksFlags,
  dialect: {
    type: 'string',
    value: 'codex|claude',
    help: 'Look at the files as this product would.',
  },
  strict: { type: 'boolean', help: 'Warnings fail, too.' },
} as const

/** `hookline hooks lint`: everything that is wrong with hooks files. */
export async function run({ parsed }: HooksCall): Promise<number> {
  const options = dialectFlag(parsed)
  const cwd = folderOf(parsed)
  const files = await findHooksFiles(parsed.words.length > 0 ? parsed.words : ['.'], cwd)
  if (files.length === 0) {
    throw new HooklineError('HOOKS_INVALID', 'there is no hooks file in this folder', {
      hint: 'name a file',
    })
  }
  const linted = await lintPaths(files, options)
  if (parsed.flags['json'] === true) printJson(lintDocument(linted))
  else printLines(lintLines(linted, cwd))
  const { errors, warnings } = countOf(linted)
  return errors > 0 || (parsed.flags['strict'] === true && warnings > 0) ? 1 : 0
}
