// `npm run schemas` writes the JSON Schema of every published contract beside the module that declares it, and that of
// config.toml and of hooks, which many modules declare together, to docs/schema.
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { builtins } from 'hookline/cli'
import { z } from 'zod'
import { configSchema } from './cli/config-schema.ts'
import { hookSchemas } from './docs/generator/hook-schemas.ts'

/** One published contract: `input` is what people write, `output` what we send. */
export interface PublishedSchema {
  readonly schema: z.ZodType
  readonly io: 'input' | 'output'
}

const places = '{plugins/*,marketplace}/schema'

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

/** The text of the file that publishes a contract. */
export function schemaText({ schema, io }: PublishedSchema): string {
  return jsonText(z.toJSONSchema(schema, { target: 'draft-07', io }))
}

/** Every published schema by the path of its file, made from what the schema modules export as `publishedSchemas`. */
export async function renderSchemas(root: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  const modules = globSync(`${places}/*.ts`, {
    cwd: root,
    exclude: (path) => path.endsWith('.test.ts'),
  })
  for (const path of modules.toSorted()) {
    const module: { readonly publishedSchemas?: Readonly<Record<string, PublishedSchema>> } =
      await import(pathToFileURL(join(root, path)).href)
    for (const [name, published] of Object.entries(module.publishedSchemas ?? {})) {
      texts.set(join(dirname(path), `${name}.schema.json`), schemaText(published))
    }
  }
  texts.set('docs/schema/config.schema.json', jsonText(await configSchema(builtins({}))))
  for (const [path, schema] of hookSchemas()) texts.set(path, jsonText(schema))
  return texts
}

/** Published files whose schema is gone. */
export function staleSchemas(
  root: string,
  current: ReadonlyMap<string, string>,
): readonly string[] {
  return globSync(`{${places},docs/schema/**}/*.schema.json`, { cwd: root }).filter(
    (path) => !current.has(path),
  )
}

if (import.meta.main) {
  const root = import.meta.dirname
  const texts = await renderSchemas(root)
  for (const [path, text] of texts) {
    const file = join(root, path)
    const same = existsSync(file) && readFileSync(file, 'utf8') === text
    if (!same) {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
    console.log(`${same ? 'unchanged' : 'written  '} ${relative(process.cwd(), file)}`)
  }
  for (const path of staleSchemas(root, texts))
    console.log(`no longer published, remove it: ${path}`)
}
