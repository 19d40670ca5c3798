import { z } from 'zod'

/** What files may say under the keys of the plugin. */
export const environmentSchemas = {
  include_environment_context: z
    .boolean()
    .describe('Tell the model the working directory, shell, date and permissions; default true.'),
}
