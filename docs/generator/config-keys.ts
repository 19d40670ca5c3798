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

/** Rows of a table and of the tables in it, by dotted keys. */
function rowsOf(schema: Schema, prefix: string): readonly (readonly string[])[] {
  const inner = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {}
  const named = Object.entries(schema.properties ?? {})
  const entries: readonly (readonly [string, Schema])[] = inner.properties
    ? [...named, ['NAME', inner]]
    : named
  return entries.flatMap(([key, entry]) => {
    const path = `${prefix}.${key}`
    if (entry.properties) return rowsOf(entry, path)
    return [[`\`${path}\``, valueOf(entry), entry.description ?? '']]
  })
}

function defaultOf({ setting }: Claim): string {
  const value: unknown =
    'safeParse' in setting ? setting.safeParse(undefined).data : setting.fallback
  return value === undefined ? '' : `\`${JSON.stringify(value)}\``
}

/** Every key that core and the built-in plugins own. */
export async function configKeys(): Promise<string> {
  const plugins = builtins({})
  const claims = claimsOf(plugins)
  // Made by zod from schemas of ours, which use these parts only.
  const { properties = {} } = (await configSchema(plugins)) as Schema
  const keys = Object.entries(properties)
  const rows = keys.map(([key, schema]) => {
    const claim = claims.get(key)
    const fallback = claim ? defaultOf(claim) : ''
    return [`\`${key}\``, valueOf(schema), fallback, claim?.owner ?? '', schema.description ?? '']
  })
  const tables = keys.flatMap(([key, schema]) => {
    const inner = rowsOf(schema, key)
    return inner.length > 0 ? [`### ${key}\n\n${table(['key', 'value', 'meaning'], inner)}`] : []
  })
  const all = table(['key', 'value', 'default', 'owner', 'meaning'], rows)
  return [all, '## Keys of tables', ...tables].join('\n\n')
}
