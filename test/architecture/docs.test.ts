import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { renderDocs } from '../../docs/generate.ts'
import { root } from './source-files.ts'

const pages = ['*.md', 'docs/**/*.md', 'plugins/*/*.md', 'hooks-examples/*/*.md']
  .flatMap((pattern) => globSync(pattern, { cwd: root }))
  .filter((path) => !path.startsWith('docs/templates/'))
  .toSorted()

function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The names under which a page's headings can be linked to. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/^#+ (.+)$/gm)
  const anchors = [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
  return new Set(anchors)
}

/** Links of a page that lead nowhere. Addresses of the web are not looked at. */
function brokenLinks(path: string, text: string): readonly string[] {
  const prose = text.replaceAll(/```[\s\S]*?```/g, '')
  const links = [...prose.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
  return links.flatMap(([, target = '', anchor]) => {
    const file = join(dirname(path), target)
    if (target !== '' && !existsSync(join(root, file))) return [`${path}: ${target}`]
    if (anchor === undefined) return []
    const page = target === '' ? text : textOf(file)
    return anchorsOf(page).has(anchor) ? [] : [`${path}: ${target}#${anchor}`]
  })
}

describe('the pages', () => {
  it('are as the code makes them, where they are made from it (npm run docs)', async () => {
    const current = await renderDocs(root)
    const outdated = [...current].filter(
      ([path, text]) => !existsSync(join(root, path)) || textOf(path) !== text,
    )
    expect(outdated.map(([path]) => path)).toEqual([])
  })

  it('link to files and headings that exist', () => {
    expect(pages).toContain('README.md')
    expect(pages.flatMap((path) => brokenLinks(path, textOf(path)))).toEqual([])
  })
})

describe('the reading of links', () => {
  it('finds files and headings that are not there', () => {
    const text = '# A b, c!\n[a](#a-b-c) [b](#d) [c](README.md) [d](nowhere.md) [e](https://x.y/z)'
    expect(brokenLinks('some.md', text)).toEqual(['some.md: #d', 'some.md: nowhere.md'])
  })
})
