import { z } from 'zod'

const fileName = z.string().regex(/^[^/\\\0]+$/, 'must be the name of a file, not a path')

/** What files may say under the keys of the plugin. */
export const agentsMdSchemas = {
  project_doc_max_bytes: z
    .int()
    .nonnegative()
    .describe('Bytes of project instructions that are read in all; 0 reads none. Default 32768.'),
  project_doc_fallback_filenames: z
    .array(fileName)
    .describe('Names that are looked for in folders without an AGENTS.md, such as CLAUDE.md.'),
  project_root_markers: z
    .array(fileName)
    .describe(
      'A folder that holds one of these is the root of the project; default .git. Without any, only the working directory is looked at.',
    ),
}
