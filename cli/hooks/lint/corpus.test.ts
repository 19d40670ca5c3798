import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { findHooksFiles } from './find-hooks-files.ts'
import { lintCodes } from './finding.ts'
import { lintPaths } from './lint-paths.ts'
import { lintDocument, lintLines } from './render-findings.ts'

const corpus =
  process.env['HOOKLINE_CORPUS'] ??
  resolve(import.meta.dirname, '../../../..', join('shared', 'corpus'))
const isThere = existsSync(corpus)
if (!isThere) process.stderr.write(`skipped: there are no public hooks files at ${corpus}\n`)

it.skipIf(!isThere)('looks through public hooks files without a crash', async () => {
  const files = await findHooksFiles(['.'], corpus)
  expect(files.length).toBeGreaterThan(30)
  for (const dialect of [undefined, 'codex', 'claude'] as const) {
    const linted = await lintPaths(files, dialect && { dialect })
    const { findings } = lintDocument(linted)
    expect(findings.filter(({ code }) => !Object.hasOwn(lintCodes, code))).toEqual([])
    expect(lintLines(linted, corpus).length).toBeGreaterThan(files.length)
  }
})
