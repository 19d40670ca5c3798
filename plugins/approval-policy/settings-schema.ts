import { z } from 'zod'

/** What files may say under `include_permissions_instructions`. */
export const includePermissionsInstructions = z
  .boolean()
  .describe('Tell the model what its commands may reach and who is asked; default true.')
