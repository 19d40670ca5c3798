import { z } from 'zod'

/** What files may say under `notify`. */
export const notifyProgram = z
  .array(z.string())
  .describe('Program and arguments, started after each turn with one more argument, a JSON object.')
