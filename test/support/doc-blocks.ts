import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The top folder of the repository. */
export const root = resolve(import.meta.dirname, '../..')

/** A piece of a page that a test runs: `<!-- test: NAME FILE -->` stands before it. */
export interface DocBlock {
  readonly page: string
  readonly name: string
  /** Absent for commands. */
  readonly file: string | undefined
  readonly text: string
}

const marked = /<!-- test: (\S+)(?: (\S+))? -->\n+```\w+\n([\s\S]*?)\n```/g

/** The marked blocks of a page, in their order. */
export function blocksOf(page: string): readonly DocBlock[] {
  const text = readFileSync(join(root, page), 'utf8')
  const marks = text.match(/<!-- test:/g)?.length ?? 0
  const blocks = [...text.matchAll(marked)].map(([, name = '', file, content = '']) => ({
    page,
    name,
    file,
    text: `${content}\n`,
  }))
  if (blocks.length !== marks) throw new Error(`${page} has a mark without a block behind it`)
  return blocks
}
