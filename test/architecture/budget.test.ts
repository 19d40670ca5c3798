import { describe, expect, it } from 'vitest'
import { codeLines, productFiles, sourceFiles, type SourceFile } from './source-files.ts'

const product = productFiles(sourceFiles())

function linesOf(files: readonly SourceFile[]): number {
  return files.reduce((sum, file) => sum + codeLines(file.text).length, 0)
}

function over(files: readonly SourceFile[], limit: number): readonly string[] {
  return files
    .filter((file) => codeLines(file.text).length > limit)
    .map((file) => `${file.path} has ${codeLines(file.text).length} lines of code`)
}

const inKit = (file: SourceFile) => file.path.startsWith('core/kit/')
const forTests = (file: SourceFile) => /^core\/testing[.-]/.test(file.path)

describe('budgets', () => {
  it('keeps the core below 1,500 lines of code', () => {
    const core = product.filter(
      (file) => file.path.startsWith('core/') && !inKit(file) && !forTests(file),
    )
    expect(linesOf(core)).toBeLessThan(1500)
  })

  it('keeps the kit below 1,500 lines of code', () => {
    expect(linesOf(product.filter(inKit))).toBeLessThan(1500)
  })

  it('keeps every file, tests included, at 300 lines of code or fewer', () => {
    expect(over(sourceFiles(), 300)).toEqual([])
  })

  it('keeps the index.ts of a plugin at 100 lines of code or fewer', () => {
    const indexes = product.filter((file) => /^plugins\/[^/]+\/index\.ts$/.test(file.path))
    expect(over(indexes, 100)).toEqual([])
  })

  it('gives no file a name that says nothing', () => {
    const vague = sourceFiles().filter((file) =>
      /(^|\/)(utils?|helpers?|common|types)(\.test)?\.ts$/.test(file.path),
    )
    expect(vague.map((file) => file.path)).toEqual([])
  })
})

describe('the counting of lines', () => {
  it('leaves out blank lines and comments', () => {
    const text = '/** a */\nconst a = 1\n\n// b\n/*\n c\n*/\nconst b = 2 // counted\n'
    expect(codeLines(text)).toEqual(['const a = 1', 'const b = 2 // counted'])
  })
})
