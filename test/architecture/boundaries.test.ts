import { describe, expect, it } from 'vitest'
import {
  importsOf,
  manifest,
  packageOf,
  productFiles,
  reachedFrom,
  sourceFiles,
  targetOf,
  type Import,
} from './source-files.ts'

/** Who may import an npm package. A heavy one has one owner, which loads it when it is needed. */
const owners: Readonly<Record<string, readonly string[]>> = {
  '@modelcontextprotocol/sdk': ['plugins/mcp-client/', 'cli/commands/'],
  cosmiconfig: ['plugins/config-files/'],
  'eventsource-parser': ['plugins/model-'],
  execa: ['plugins/git/', 'plugins/auth-command/', 'marketplace/sources/'],
  'fast-glob': ['plugins/', 'marketplace/'],
  'isolated-vm': ['plugins/isolate-host/'],
  jose: ['plugins/auth-', 'plugins/policy', 'marketplace/policy/'],
  openai: ['plugins/model-responses/', 'plugins/model-chat/'],
  'smol-toml': ['core/kit/'],
  tapable: ['core/'],
  yargs: ['cli/'],
  zod: ['core/', 'plugins/', 'marketplace/', 'cli/'],
}

const files = sourceFiles()
const product = productFiles(files)
const productPaths = new Set(product.map((file) => file.path))

/** Says why a module may not import something, or undefined where it may. */
type Rule = (from: string, specifier: string) => string | undefined

const ownName = /^hookline(\/|$)/

function coreRule(from: string, specifier: string): string | undefined {
  if (ownName.test(specifier)) {
    return productPaths.has(from) ? 'core does not import its own public surface' : undefined
  }
  const target = targetOf(from, specifier)
  return target === undefined || target.startsWith('core/')
    ? undefined
    : 'core imports nothing above it'
}

function pluginRule(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('..')) return 'a plugin imports hookline and its own folder'
  const open = [
    'hookline',
    'hookline/kit',
    'hookline/package.json',
    ...(productPaths.has(from) ? [] : ['hookline/testing']),
  ]
  return !ownName.test(specifier) || open.includes(specifier)
    ? undefined
    : `a plugin imports ${open.join(', ')} only`
}

function marketplaceRule(from: string, specifier: string): string | undefined {
  const target = targetOf(from, specifier) ?? ''
  if (specifier.startsWith('.')) {
    return target.startsWith('marketplace/') ? undefined : 'import hookline by its name'
  }
  return /^(plugins|cli)\//.test(target) ? 'the marketplace imports hookline and itself' : undefined
}

const rules: Readonly<Record<string, Rule>> = {
  core: coreRule,
  plugins: pluginRule,
  marketplace: marketplaceRule,
}

function objection(from: string, { specifier }: Import): string | undefined {
  const [folder = ''] = from.split('/')
  return rules[folder]?.(from, specifier)
}

const staticGraph = new Map(
  files.map((file) => [
    file.path,
    importsOf(file)
      .filter((found) => found.kind === 'static')
      .flatMap((found) => targetOf(file.path, found.specifier) ?? []),
  ]),
)

/** The first way from a module back to itself, if there is one. */
function cycleFrom(start: string): readonly string[] | undefined {
  const queue: (readonly string[])[] = [[start]]
  const seen = new Set<string>()
  for (const way of queue) {
    for (const next of staticGraph.get(way.at(-1) ?? start) ?? []) {
      if (next === start) return [...way, next]
      if (!seen.has(next)) queue.push([...way, next])
      seen.add(next)
    }
  }
  return undefined
}

describe('the boundaries between folders', () => {
  it('lets every module import only what its folder may', () => {
    const faults = files.flatMap((file) =>
      importsOf(file).flatMap((found) => {
        const why = objection(file.path, found)
        return why === undefined ? [] : [`${file.path} imports ${found.specifier}: ${why}`]
      }),
    )
    expect(faults).toEqual([])
  })

  it('resolves every import of ours to a module that exists', () => {
    const known = new Set(files.map((file) => file.path))
    const missing = product.flatMap((file) =>
      importsOf(file).flatMap(({ specifier }) => {
        const ours = /^(\.|hookline(\/|$))/.test(specifier) && !specifier.endsWith('.json')
        const target = targetOf(file.path, specifier)
        return ours && (target === undefined || !known.has(target))
          ? [`${file.path} imports ${specifier}`]
          : []
      }),
    )
    expect(missing).toEqual([])
  })

  it('keeps every npm package with its owners', () => {
    const faults = product.flatMap((file) =>
      importsOf(file).flatMap(({ specifier }) => {
        const name = packageOf(specifier)
        const may = name === undefined || owners[name]?.some((owner) => file.path.startsWith(owner))
        return may ? [] : [`${file.path} imports ${specifier}`]
      }),
    )
    expect(faults).toEqual([])
  })

  it('names an owner for every dependency', () => {
    expect(Object.keys(owners).toSorted()).toEqual(Object.keys(manifest().dependencies).toSorted())
  })

  it('has no cycle of modules that load one another', () => {
    const cycles = files.flatMap((file) => {
      const way = cycleFrom(file.path)
      return way === undefined ? [] : [way.join(' > ')]
    })
    expect(cycles).toEqual([])
  })

  it('reaches no plugin from core', () => {
    const core = product.filter((file) => file.path.startsWith('core/')).map((file) => file.path)
    expect([...reachedFrom(files, core)].filter((path) => !path.startsWith('core/'))).toEqual([])
  })
})

describe('the reading of imports', () => {
  it('tells the kinds of imports apart', () => {
    const text = [
      "import { a } from './a.ts'",
      "import type { B } from './b.ts'",
      'export {',
      '  c,',
      "} from './c.ts'",
      "import './d.ts'",
      "// import './commented.ts'",
      "const late = () => import('./e.ts')",
    ].join('\n')
    expect(
      importsOf({ path: 'core/x.ts', text })
        .map(({ kind, specifier }) => `${kind} ${specifier}`)
        .toSorted(),
    ).toEqual(['dynamic ./e.ts', 'static ./a.ts', 'static ./c.ts', 'static ./d.ts', 'type ./b.ts'])
  })
})
