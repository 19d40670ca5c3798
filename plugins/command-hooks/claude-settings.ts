import { readHooksFile, type HooksFile } from './hooks-file.ts'
import type { FileView } from './problems.ts'
import { isTable } from './shape.ts'

/** The hooks in the settings of Claude Code, and whether the file turns hooks off. */
export interface SettingsFile extends HooksFile {
  readonly turnsOff: boolean
}

/** Reads a settings.json of Claude Code. What else it sets is none of our business. */
export function readSettingsFile(value: unknown, view: FileView): SettingsFile {
  const turnsOff = isTable(value) && value['disableAllHooks'] === true
  if (isTable(value) && value['hooks'] === undefined)
    return { handlers: [], problems: [], turnsOff }
  const hooks = isTable(value) ? { hooks: value['hooks'] } : value
  return { ...readHooksFile(hooks, view, 'claude'), turnsOff }
}
