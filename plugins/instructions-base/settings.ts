import { lazySetting } from 'hookline'

const loadSchemas = () => import('./settings-schema.ts')

function text(key: 'instructions' | 'model_instructions_file' | 'developer_instructions') {
  return lazySetting<string | undefined>({
    fallback: undefined,
    accepts: (value) => typeof value === 'string' && value !== '',
    schema: async () => (await loadSchemas()).instructionsSchemas[key],
  })
}

/** The configuration keys of the plugin. */
export const instructionsSettings = {
  instructions: text('instructions'),
  model_instructions_file: text('model_instructions_file'),
  developer_instructions: text('developer_instructions'),
}
