import { isUtf8 } from 'node:buffer'
import { open } from 'node:fs/promises'
import type { Document } from './find.ts'

/** The text of documents, and what the user should know about it. */
export interface ReadDocuments {
  readonly texts: readonly string[]
  /** Where the texts come from. */
  readonly files: readonly string[]
  readonly warnings: readonly string[]
}

async function readBytes(path: string, length: number): Promise<Uint8Array> {
  await using file = await open(path)
  const bytes = new Uint8Array(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

/** A character that was cut in two at the end is left out; other bytes that are no UTF-8 are replaced. */
function decode(bytes: Uint8Array, isCut: boolean): string {
  return new TextDecoder().decode(bytes, { stream: isCut })
}

/** Reads documents in their order until the budget is used up; what is cut, left out or damaged is told. */
export async function readDocuments(
  documents: readonly Document[],
  maxBytes: number,
): Promise<ReadDocuments> {
  const texts: string[] = []
  const files: string[] = []
  const warnings: string[] = []
  let left = maxBytes
  for (const { path, size, refused } of documents) {
    if (refused !== undefined) {
      warnings.push(`instructions in ${path} are not read: ${refused}`)
      continue
    }
    try {
      const bytes = await readBytes(path, Math.min(size, left))
      const isCut = bytes.length < size
      const text = decode(bytes, isCut).trim()
      if (text.includes('\uFFFD') && !isUtf8(bytes)) {
        warnings.push(`instructions in ${path} are not valid UTF-8: unreadable bytes were replaced`)
      }
      if (isCut) {
        warnings.push(
          `AGENTS.md instructions are cut: ${bytes.length} of ${size} bytes of ${path} were loaded, because project_doc_max_bytes is ${maxBytes}. Shorten the file or raise the limit`,
        )
      }
      if (text !== '') {
        texts.push(text)
        files.push(path)
      }
      left -= bytes.length
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      warnings.push(`instructions in ${path} are not read: ${why}`)
    }
  }
  return { texts, files, warnings }
}
