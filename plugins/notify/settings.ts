import { lazySetting } from 'hookline'

function isWords(value: unknown): boolean {
  return Array.isArray(value) && value.every((word) => typeof word === 'string')
}

/** The configuration keys of the plugin. */
export const notifySettings = {
  notify: lazySetting<readonly string[]>({
    fallback: [],
    accepts: isWords,
    schema: async () => (await import('./settings-schema.ts')).notifyProgram,
  }),
}
