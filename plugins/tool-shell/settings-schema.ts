import { z } from 'zod'

const globs = z.array(z.string())

/** What files may say under the keys of the plugin. */
export const shellSchemas = {
  shell_environment_policy: z
    .object({
      inherit: z
        .enum(['all', 'core', 'none'])
        .optional()
        .describe('Variables to start from: all (default), the few of a bare login, or none.'),
      ignore_default_excludes: z
        .boolean()
        .optional()
        .describe('Pass on names with KEY, SECRET, TOKEN or PASSWORD as well; default false.'),
      exclude: globs.optional().describe('Names to leave out; * and ? stand for other characters.'),
      set: z.record(z.string(), z.string()).optional().describe('Variables to set.'),
      include_only: globs.optional().describe('Pass on nothing but these names.'),
      experimental_use_profile: z.boolean().optional().describe('Accepted without effect.'),
    })
    .describe('Which environment variables commands see.'),
  allow_login_shell: z
    .boolean()
    .describe('Commands may run in a login shell, and do by default; default true.'),
  background_terminal_max_timeout: z
    .int()
    .nonnegative()
    .describe('How long a call may wait for output of a running command, in ms; default 300000.'),
}
