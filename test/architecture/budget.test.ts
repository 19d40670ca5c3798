import { stripTypeScriptTypes } from 'node:module'
import { describe, expect, it } from 'vitest'
import { codeLines, productFiles, sourceFiles, type SourceFile } from './source-files.ts'

const product = productFiles(sourceFiles())

function over(files: readonly SourceFile[], limit: number): readonly string[] {
  return files
    .filter((file) => codeLines(file.text).length > limit)
    .map((file) => `${file.path} has ${codeLines(file.text).length} lines of code`)
}

/** What runs: without types, and without the lines that only fetch or hand on names. */
function runningLines(files: readonly SourceFile[]): number {
  const running = files.flatMap(({ text }) => codeLines(stripTypeScriptTypes(text)))
  const fetching = /^(import .* from |export \{.*\} from |(import|export) \{$|\} from |  \w+,$)/
  return running.filter((line) => !fetching.test(line)).length
}

const inKit = (file: SourceFile) => file.path.startsWith('core/kit/')
const ofSettings = (file: SourceFile) => /^core\/(.*settings.*|sandbox-policy)\.ts$/.test(file.path)
const forTests = (file: SourceFile) => /^core\/testing[.-]/.test(file.path)

describe('budgets', () => {
  // Contracts are types: they are read, not run, and are left out. ARCHITECTURE.md says why the limits are these.
  it('keeps the kernel, the gates and the turn below 2,000 lines that run', () => {
    const kernel = product.filter(
      (file) =>
        file.path.startsWith('core/') && !inKit(file) && !forTests(file) && !ofSettings(file),
    )
    expect(runningLines(kernel)).toBeLessThan(2000)
  })

  it('keeps the settings of the core below 600 lines that run', () => {
    expect(runningLines(product.filter(ofSettings))).toBeLessThan(600)
  })

  it('keeps the kit below 1,500 lines that run', () => {
    expect(runningLines(product.filter(inKit))).toBeLessThan(1500)
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
