import { z, type ZodType } from 'zod'
import type { AnyPlugin } from '../core/plugin.ts'
import { claimsOf } from '../core/settings.ts'

/**
 * The JSON Schema of config.toml, made of the settings of core and of the given plugins, for editors.
 * Keys beside them are allowed, because plugins of the user bring their own.
 */
export async function configSchema(plugins: readonly AnyPlugin[]): Promise<object> {
  const claims = [...claimsOf(plugins)].toSorted(([left], [right]) => (left < right ? -1 : 1))
  const entries = await Promise.all(
    claims.map(async ([key, { setting }]): Promise<readonly [string, ZodType]> => {
      const schema = 'safeParse' in setting ? setting : await setting.schema()
      // A value that a file must give is still not one that every file must give: layers add up.
      const optional = schema.optional()
      return [
        key,
        schema.description === undefined ? optional : optional.describe(schema.description),
      ]
    }),
  )
  const schema = z.toJSONSchema(z.object(Object.fromEntries(entries)), {
    target: 'draft-07',
    io: 'input',
    unrepresentable: 'any',
  })
  return { ...schema, title: 'config.toml of hookline' }
}
