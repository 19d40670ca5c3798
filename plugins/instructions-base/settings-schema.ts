import { z } from 'zod'

/** What files may say under the keys of the plugin. */
export const instructionsSchemas = {
  instructions: z
    .string()
    .min(1)
    .optional()
    .describe('Takes the place of the built-in base instructions.'),
  model_instructions_file: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A file whose text takes the place of the base instructions and of `instructions`; absolute, or relative to the home of hookline.',
    ),
  developer_instructions: z
    .string()
    .min(1)
    .optional()
    .describe('Told to the model after the base instructions.'),
}
