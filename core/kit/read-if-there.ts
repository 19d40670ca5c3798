import { readFile } from 'node:fs/promises'
import { HooklineError, messageOf } from '../errors.ts'

/** The text of a file; undefined where there is none. Throws FILE_UNREADABLE for anything else. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new HooklineError('FILE_UNREADABLE', `${file} cannot be read: ${messageOf(error)}`, {
      hint: 'make it readable',
      cause: error,
    })
  }
}
