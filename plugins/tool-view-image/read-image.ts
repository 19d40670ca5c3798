import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { TurnFacts } from 'hookline'
import { mayRead, resolveLinks } from 'hookline/kit'
import { imageKind, imageKinds } from './image-kind.ts'

/** Base64 adds a third, and every later request of the session carries the image again. */
const largestBytes = 20 * 1024 * 1024

/** An image as a model is sent it, or why it cannot be. */
export type ReadImage =
  | { readonly ok: true; readonly url: string; readonly mime: string; readonly bytes: number }
  | { readonly ok: false; readonly message: string }

const systemTexts: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory (os error 2)',
  ENOTDIR: 'Not a directory (os error 20)',
  EACCES: 'Permission denied (os error 13)',
}

function systemText(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return systemTexts[code] ?? (error instanceof Error ? error.message : String(error))
}

function refuse(message: string): ReadImage {
  return { ok: false, message }
}

/** Reads an image from the disk. Reading is open in every sandbox mode, save for what the policy denies. */
export async function readImage(path: string, turn: TurnFacts): Promise<ReadImage> {
  const full = resolve(turn.cwd, path)
  try {
    const real = await resolveLinks(full)
    if (!(await mayRead(real, turn))) {
      return refuse(`unable to read image at \`${full}\`: the policy denies reading it`)
    }
    const facts = await stat(real)
    if (!facts.isFile()) return refuse(`image path \`${full}\` is not a file`)
    if (facts.size > largestBytes) {
      const limit = `${largestBytes / 1024 / 1024} MiB`
      return refuse(
        `image at \`${full}\` is too large: ${facts.size} bytes, at most ${limit} can be viewed; make a smaller copy first`,
      )
    }
    const data = await readFile(real)
    const mime = imageKind(data)
    if (mime === undefined) {
      return refuse(`unable to view \`${full}\`: it is not an image (${imageKinds})`)
    }
    const url = `data:${mime};base64,${data.toString('base64')}`
    return { ok: true, url, mime, bytes: data.length }
  } catch (error) {
    return refuse(`unable to locate image at \`${full}\`: ${systemText(error)}`)
  }
}
