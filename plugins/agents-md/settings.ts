import { lazySetting } from 'hookline'

const loadSchemas = () => import('./settings-schema.ts')

/** The name of a file in a folder: no path. */
function isFileName(value: unknown): boolean {
  return typeof value === 'string' && /^[^/\\\0]+$/.test(value)
}

/** The configuration keys of the plugin. */
export const agentsMdSettings = {
  project_doc_max_bytes: lazySetting<number>({
    fallback: 32_768,
    accepts: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
    schema: async () => (await loadSchemas()).agentsMdSchemas.project_doc_max_bytes,
  }),
  project_doc_fallback_filenames: lazySetting<readonly string[]>({
    fallback: [],
    accepts: (value) => Array.isArray(value) && value.every(isFileName),
    schema: async () => (await loadSchemas()).agentsMdSchemas.project_doc_fallback_filenames,
  }),
  project_root_markers: lazySetting<readonly string[]>({
    fallback: ['.git'],
    accepts: (value) => Array.isArray(value) && value.every(isFileName),
    schema: async () => (await loadSchemas()).agentsMdSchemas.project_root_markers,
  }),
}
