import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { builtins } from 'hookline/cli'
import { configSchema } from '../../cli/config-schema.ts'
import { claimsOf, type Claim } from '../../core/settings.ts'
import { codes, table } from './markdown.ts'

/** The parts of a JSON Schema that our settings use. */
interface Schema {
  readonly type?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  boolean: 'true or false',
  object: 'table',
}

function valueOf(schema: Schema): string {
  if (schema.enum) return codes(schema.enum.map((value) => JSON.stringify(value)))
  if (schema.anyOf) return schema.anyOf.map(valueOf).join(', or ')
  if (schema.type === 'array') return `list of ${valueOf(schema.items ?? {})}`
  return typeNames[schema.type ?? ''] ?? 'any'
}

/** Where keys are only declared, or named for other reasons than to use them. */
const declarations = /(^core\/core-settings|\/(codex|refused)-keys|\.test)[\w-]*\.ts$/

/** The text of all modules that may use a setting. */
function productText(root: string): string {
  const files = globSync('{core,plugins,cli,marketplace}/**/*.ts', { cwd: root })
  const product = files.filter((path) => !declarations.test(path))
  return product.map((path) => readFileSync(join(root, path), 'utf8')).join('\n')
}

/** What is looked for where the name of a key is too common a word. */
const uses: Readonly<Record<string, RegExp>> = { auth: /authKey, 'command'/ }

type Note = (key: string) => string

/** Says of a key that no module names it. */
function noteFor(root: string): Note {
  const text = productText(root)
  return (key) => {
    const use = uses[key] ?? new RegExp(String.raw`\b${key}\b`)
    return use.test(text) ? '' : ' Nothing reads it yet.'
  }
}

/** Rows of a table and of the tables in it, by dotted keys. */
function rowsOf(
  schema: Schema,
  { prefix, note }: { readonly prefix: string; readonly note: Note },
): readonly (readonly string[])[] {
  const inner = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {}
  const named = Object.entries(schema.properties ?? {})
  const entries: readonly (readonly [string, Schema])[] = inner.properties
    ? [...named, ['NAME', inner]]
    : named
  return entries.flatMap(([key, entry]) => {
    const path = `${prefix}.${key}`
    const inherited = note(key) === '' ? note : () => note(key)
    if (entry.properties)
      return rowsOf(entry, { prefix: path, note: key === 'NAME' ? note : inherited })
    return [[`\`${path}\``, valueOf(entry), `${entry.description ?? ''}${note(key)}`.trim()]]
  })
}

function defaultOf({ setting }: Claim): string {
  const value: unknown =
    'safeParse' in setting ? setting.safeParse(undefined).data : setting.fallback
  return value === undefined ? '' : `\`${JSON.stringify(value)}\``
}

/** Every key that core and the built-in plugins own. */
export async function configKeys(root: string): Promise<string> {
  const plugins = builtins({})
  const claims = claimsOf(plugins)
  // Made by zod from schemas of ours, which use these parts only.
  const { properties = {} } = (await configSchema(plugins)) as Schema
  const keys = Object.entries(properties)
  const note = noteFor(root)
  const rows = keys.map(([key, schema]) => {
    const claim = claims.get(key)
    const fallback = claim ? defaultOf(claim) : ''
    return [
      `\`${key}\``,
      valueOf(schema),
      fallback,
      claim?.owner ?? '',
      `${schema.description ?? ''}${note(key)}`,
    ]
  })
  const tables = keys.flatMap(([key, schema]) => {
    const inner = rowsOf(schema, { prefix: key, note })
    return inner.length > 0 ? [`### ${key}\n\n${table(['key', 'value', 'meaning'], inner)}`] : []
  })
  const all = table(['key', 'value', 'default', 'owner', 'meaning'], rows)
  return [all, '## Keys of tables', ...tables].join('\n\n')
}
