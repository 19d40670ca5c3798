import { readFile } from 'node:fs/promises'
import { messageOf } from 'hookline'
import { lintText, unreadable, type LintedFile, type LintOptions } from './lint-file.ts'

/** Looks at files one after the other. One that cannot be read is a finding. */
export async function lintPaths(
  files: readonly string[],
  options: LintOptions = {},
): Promise<readonly LintedFile[]> {
  const linted: LintedFile[] = []
  for (const file of files) {
    try {
      linted.push(lintText(await readFile(file, 'utf8'), file, options))
    } catch (error) {
      linted.push(unreadable(file, messageOf(error)))
    }
  }
  return linted
}
