import { z } from 'zod'
import { isUrlPattern } from './url-allow-list.ts'

const urlPattern = z.string().refine(isUrlPattern, {
  error: 'is not of the form https://host/path, with * for anything',
})

/** What config.toml may say under the keys of this plugin. Hooks themselves are read word by word, so that one bad word does no harm to the rest. */
export const schemas = {
  hooks: z
    .record(z.string(), z.unknown())
    .describe('Hooks by event, as in hooks.json; `state` holds what is trusted.'),
  compat: z
    .array(z.enum(['codex', 'claude']))
    .describe('Products whose hooks are read as well; default both.'),
  allowed_http_hook_urls: z
    .array(urlPattern)
    .describe(
      'Addresses that hooks of the type http may send events to, such as "https://hooks.example.com/*"; default none. Does not count in a project.',
    ),
  bypass_hook_trust: z.boolean().describe('Run hooks that nobody has trusted.'),
}
