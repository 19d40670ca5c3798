import { randomUUID } from 'node:crypto'
import { open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { HooklineError, messageOf } from '../errors.ts'
import { resolveLinks } from './contain.ts'

/**
 * Writes a file so that readers see the old or the new content, never a part, also after a crash. Throws
 * FILE_WRITE_FAILED. A link stays and its target is replaced; an existing file keeps its mode unless one is given.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: { readonly mode?: number } = {},
): Promise<void> {
  try {
    const target = await resolveLinks(path)
    await replaceFile(target, data, options.mode ?? (await modeOf(target)))
  } catch (error) {
    throw new HooklineError('FILE_WRITE_FAILED', `cannot write "${path}": ${messageOf(error)}`, {
      hint: 'check the permissions of its folder and the space on the disk',
      cause: error,
    })
  }
}

async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o7777
  } catch {
    return undefined
  }
}

async function replaceFile(
  target: string,
  data: string | Uint8Array,
  mode: number | undefined,
): Promise<void> {
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`)
  try {
    const file = await open(temporary, 'wx', mode ?? 0o666)
    try {
      // The mode of `open` is narrowed by the umask.
      if (mode !== undefined) await file.chmod(mode)
      await file.writeFile(data)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
