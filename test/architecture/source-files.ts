import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** The top folder of the repository. */
export const root = resolve(import.meta.dirname, '../..')

const folders = '{core,plugins,marketplace,cli,test}'

/** One module of ours: its path from the top folder and its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** Reads all modules of the source folders, tests included, in the order of their paths. */
export function sourceFiles(): readonly SourceFile[] {
  return globSync(`${folders}/**/*.ts`, { cwd: root, exclude: (path) => path.includes('fixtures') })
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** The lines that hold code. A comment stands on lines of its own here, so no parser is needed. */
export function codeLines(text: string): readonly string[] {
  let inComment = false
  return text.split('\n').filter((line) => {
    const words = line.trim()
    const wasInComment = inComment
    if (!inComment && words.startsWith('/*')) inComment = true
    if (inComment && words.includes('*/')) inComment = false
    return words !== '' && !wasInComment && !words.startsWith('/*') && !words.startsWith('//')
  })
}

/** One import of a module. */
export interface Import {
  readonly specifier: string
  /** `static` is loaded with the module, `dynamic` when asked for, `type` never. */
  readonly kind: 'static' | 'dynamic' | 'type'
}

const patterns: readonly (readonly [Import['kind'], RegExp])[] = [
  ['type', /^(?:import|export)\s+type\s[^'"`]*?\bfrom\s+'([^']+)'/gm],
  ['static', /^(?:import|export)\s+(?!type\s)[^'"`]*?\bfrom\s+'([^']+)'/gm],
  ['static', /^import\s+'([^']+)'/gm],
  ['dynamic', /\bimport\(\s*'([^']+)'/g],
]

/** All imports of a module, types included. */
export function importsOf(file: SourceFile): readonly Import[] {
  const code = codeLines(file.text).join('\n')
  return patterns.flatMap(([kind, pattern]) =>
    [...code.matchAll(pattern)].map(([, specifier = '']) => ({ specifier, kind })),
  )
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

/** package.json of this repository. */
export function manifest(): Manifest {
  // The file is ours, and what is read of it is what npm itself asks for.
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
}

function readEntries(): ReadonlyMap<string, string> {
  const rows = Object.entries(manifest().exports).flatMap(([name, target]) => {
    const source = typeof target === 'string' ? undefined : target['hookline-source']
    return source === undefined
      ? []
      : [[name.replace(/^\./, 'hookline'), source.replace('./', '')] as const]
  })
  const entries = rows.flatMap(([name, source]) => {
    const [before = '', after = ''] = source.split('*')
    return globSync(source, { cwd: root }).map((path) => {
      const word = path.slice(before.length, path.length - after.length)
      return [name.replace('*', word), path] as const
    })
  })
  return new Map(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** The public entries by their name, such as `hookline/kit`, with the source module that each stands for. */
export const publicEntries = readEntries()

/** The module of ours that an import means; undefined for packages and for what Node brings. */
export function targetOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return relative(root, resolve(root, dirname(from), specifier))
  return publicEntries.get(specifier)
}

/** All modules that some modules lead to, themselves included, by whatever kind of import. */
export function reachedFrom(
  files: readonly SourceFile[],
  starts: Iterable<string>,
): ReadonlySet<string> {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const reached = new Set(starts)
  for (const path of reached) {
    const file = byPath.get(path)
    for (const { specifier } of file ? importsOf(file) : []) {
      const target = targetOf(path, specifier)
      if (target !== undefined) reached.add(target)
    }
  }
  return reached
}

/** The modules that belong to the product. The rest, whatever it is called, is only there for tests. */
export function productFiles(files: readonly SourceFile[]): readonly SourceFile[] {
  const reached = reachedFrom(files, [...publicEntries.values(), 'cli/run.ts'])
  return files.filter((file) => reached.has(file.path))
}

/** The npm package that an import names; undefined for modules of ours and for what Node brings. */
export function packageOf(specifier: string): string | undefined {
  if (/^(\.|node:|#)/.test(specifier) || /^hookline(\/|$)/.test(specifier)) return undefined
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0]
}
