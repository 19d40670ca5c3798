import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { codeLines, publicEntries, root } from './source-files.ts'

/** The names that a module exports. `export *` and default exports do not occur here. */
function exportedNames(text: string): readonly string[] {
  const code = codeLines(text).join('\n')
  const lists = [...code.matchAll(/^export\s+(type\s+)?\{([^}]*)\}/gm)].flatMap(
    ([, type, list = '']) =>
      list
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean)
        .map((name) => {
          const isType = type !== undefined || name.startsWith('type ')
          const last = name
            .replace(/^type\s+/, '')
            .split(/\s+as\s+/)
            .at(-1)
          return isType ? `type ${last}` : `${last}`
        }),
  )
  const declared = [
    ...code.matchAll(
      /^export\s+(?:async\s+)?(const|function\*?|class|interface|type)\s+([\w$]+)/gm,
    ),
  ].map(([, keyword = '', name = '']) =>
    /^(interface|type)$/.test(keyword) ? `type ${name}` : name,
  )
  return [...lists, ...declared].toSorted()
}

it('exports the names that surface.txt lists, from each public entry', async () => {
  const sections = [...publicEntries].map(([name, path]) => {
    const names = exportedNames(readFileSync(join(root, path), 'utf8'))
    return [name, ...names.map((line) => `  ${line}`)].join('\n')
  })
  // A change is shown to whoever reviews it; `vitest run surface -u` writes the list anew.
  await expect(`${sections.join('\n\n')}\n`).toMatchFileSnapshot('surface.txt')
})

it('reads names from lists and from declarations', () => {
  const text =
    "export { a, b as c, type D } from './x.ts'\nexport type { E } from './y.ts'\nexport async function f() {}"
  expect(exportedNames(text)).toEqual(['a', 'c', 'f', 'type D', 'type E'])
})
