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

const forTests = (file: SourceFile) => /^core\/testing[.-]/.test(file.path)
const isIn = (pattern: RegExp) => (path: string) => pattern.test(path)

/** Parts of the core with the lines that may run in each. */
const areas = {
  'the kernel': {
    limit: 1100,
    holds: isIn(
      /^core\/(hooks|host|kernel|taps|services|shared|source|plugin|session-parts|stages|order-of-needs)\.ts$/,
    ),
  },
  'the gates': { limit: 350, holds: isIn(/^core\/gates\//) },
  'the turn': { limit: 1100, holds: isIn(/^core\/turn\//) },
  'the settings of the core': {
    limit: 700,
    holds: isIn(/^core\/(.*settings.*|sandbox-policy)\.ts$/),
  },
  'what is said and recorded': {
    limit: 450,
    holds: isIn(
      /^core\/(points\/.*|items|item-record|errors|service-keys|index|testing.*)(\.ts)?$/,
    ),
  },
  'the kit': { limit: 1500, holds: isIn(/^core\/kit\/[^/]+$/) },
  'the spawn agent': { limit: 400, holds: isIn(/^core\/kit\/agent\//) },
} as const

describe('budgets', () => {
  // Contracts are types: they are read, not run, and do not count. ARCHITECTURE.md says why the limits are these.
  it.each(Object.entries(areas))(
    'keeps %s within its lines that run',
    (_name, { limit, holds }) => {
      const files = product.filter((file) => !forTests(file) && holds(file.path))
      expect(files).not.toEqual([])
      expect(runningLines(files)).toBeLessThanOrEqual(limit)
    },
  )

  it('leaves no file of the core without a limit', () => {
    const left = product.filter(
      ({ path }) =>
        path.startsWith('core/') && !Object.values(areas).some(({ holds }) => holds(path)),
    )
    expect(left.map(({ path }) => path)).toEqual([])
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
