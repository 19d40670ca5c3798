import { lazySetting } from 'hookline'

/** The configuration keys of the plugin. */
export const environmentSettings = {
  include_environment_context: lazySetting<boolean>({
    fallback: true,
    accepts: (value) => typeof value === 'boolean',
    schema: async () =>
      (await import('./settings-schema.ts')).environmentSchemas.include_environment_context,
  }),
}
