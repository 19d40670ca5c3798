import { lazySetting } from 'hookline'

/** The configuration keys of the plugin. */
export const approvalSettings = {
  include_permissions_instructions: lazySetting<boolean>({
    fallback: true,
    accepts: (value) => typeof value === 'boolean',
    schema: async () => (await import('./settings-schema.ts')).includePermissionsInstructions,
  }),
}
