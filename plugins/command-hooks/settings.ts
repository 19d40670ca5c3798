import { z } from 'zod'

/** What config.toml may say under the keys of this plugin. Hooks themselves are read word by word, so that one bad word does no harm to the rest. */
export const schemas = {
  hooks: z
    .record(z.string(), z.unknown())
    .describe('Hooks by event, as in hooks.json; `state` holds what is trusted.'),
  compat: z
    .array(z.enum(['codex', 'claude']))
    .describe('Products whose hooks are read as well; default both.'),
  bypass_hook_trust: z.boolean().describe('Run hooks that nobody has trusted.'),
}
