// `npm run docs` writes the pages of this folder that are made from the code.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { errorCodes } from 'hookline'
import { configKeys } from './generator/config-keys.ts'
import { hookEvents } from './generator/hook-events.ts'
import { hookPointList, hookPointTable } from './generator/hook-points.ts'
import { table } from './generator/markdown.ts'

function errorTable(): string {
  const rows = Object.entries(errorCodes).map(([code, meaning]) => [`\`${code}\``, meaning])
  return table(['code', 'meaning'], rows)
}

/** What a line `<!-- insert: NAME -->` of a template stands for. */
const inserts: Readonly<Record<string, (root: string) => string | Promise<string>>> = {
  'config-keys': configKeys,
  errors: errorTable,
  'hook-events': hookEvents,
  'hook-points': (root) => `${hookPointTable()}\n\n${hookPointList(root)}`,
}

const pages = ['config', 'errors', 'hooks']

async function render(root: string, page: string): Promise<string> {
  const template = `docs/templates/${page}.md`
  const note = `<!-- Written by \`npm run docs\` from ${template} and the code. Do not edit. -->`
  const lines: string[] = [note, '']
  for (const line of readFileSync(join(root, template), 'utf8').trimEnd().split('\n')) {
    const name = /^<!-- insert: ([\w-]+) -->$/.exec(line)?.[1]
    if (name === undefined) lines.push(line)
    else if (inserts[name] !== undefined) lines.push(await inserts[name](root))
    else throw new Error(`${template} wants "${name}", which nothing makes`)
  }
  return `${lines.join('\n')}\n`
}

/** The text of every generated page by its path. */
export async function renderDocs(root: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  for (const page of pages) texts.set(`docs/${page}.md`, await render(root, page))
  return texts
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  for (const [path, text] of await renderDocs(root)) {
    const file = join(root, path)
    const same = existsSync(file) && readFileSync(file, 'utf8') === text
    if (!same) writeFileSync(file, text)
    process.stdout.write(`${same ? 'unchanged' : 'written  '} ${relative(process.cwd(), file)}\n`)
  }
}
