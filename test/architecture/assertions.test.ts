import { expect, it } from 'vitest'
import { productFiles, sourceFiles } from './source-files.ts'

/** `as` that asserts a type: neither `as const` nor the renaming of an import or export. */
const assertion = /[\w)\]}'"`]\s+as\s+(?!const\b)[\w{(['"`]/

function isComment(line: string): boolean {
  return /^(\/\/|\/?\*)/.test(line.trim())
}

function withoutTexts(line: string): string {
  return line.replaceAll(/(['"`])(?:\\.|(?!\1).)*\1/g, "''")
}

/** Takes the words out of a text of several lines. */
function blank(text: string): string {
  return `\`${'\n'.repeat(text.split('\n').length - 1)}\``
}

/** Numbers of the lines that assert a type without a comment on the line, above it or above its statement. */
function unexplained(text: string): readonly number[] {
  const lines = text.replaceAll(/`(?:\\.|[^`\\])*`/gs, blank).split('\n')
  let inNames = false
  return lines.flatMap((line, at) => {
    if (/^(import|export)\s+(type\s+)?[{*]/.test(line)) inNames = true
    const names = inNames
    if (line.includes('}') || / from '/.test(line)) inNames = false
    if (names || isComment(line) || !assertion.test(withoutTexts(line))) return []
    const before = lines.slice(Math.max(0, at - 6), at)
    return line.includes('//') || before.some(isComment) ? [] : [at + 1]
  })
}

it('finds a reason beside every type assertion', () => {
  const faults = productFiles(sourceFiles()).flatMap((file) =>
    unexplained(file.text).map((line) => `${file.path}:${line}`),
  )
  expect(faults).toEqual([])
})

it('tells assertions from renamed imports and from words', () => {
  expect(unexplained('const a = b as string')).toEqual([1])
  expect(unexplained('// It was checked above.\nconst a = b as string')).toEqual([])
  expect(
    unexplained("import { a as b } from 'c'\nconst d = ['x'] as const\nsay('as it is')"),
  ).toEqual([])
})
