import { messageOf, type Place } from 'hookline'
import { parseToml } from 'hookline/kit'
import type { FileOrigin } from './file-origin.ts'
import { locateJson, placeAt } from './json-place.ts'
import type { FileView } from './problems.ts'

/** A parsed hooks file, or why it cannot be parsed. */
export type HooksText =
  | { readonly value: unknown; readonly view: FileView }
  | { readonly fault: string; readonly place?: Place }

function readJson(text: string, file: string): HooksText {
  try {
    const value: unknown = JSON.parse(text)
    return { value, view: { file, locate: (path) => locateJson(text, path) } }
  } catch (error) {
    const fault = messageOf(error)
    const offset = /at position (\d+)/.exec(fault)?.[1]
    return { fault, place: placeAt(text, offset === undefined ? text.length : Number(offset)) }
  }
}

/** Parses the text of a hooks file, so that every word of it can be found again. */
export function readHooksText(
  raw: string,
  { file, form }: { readonly file: string } & Pick<FileOrigin, 'form'>,
): HooksText {
  const text = raw.replace(/^\uFEFF/, '')
  if (form !== 'toml') return readJson(text, file)
  try {
    const document = parseToml(text, file)
    return { value: document.values, view: { file, locate: (path) => document.locate(path) } }
  } catch (error) {
    return { fault: messageOf(error) }
  }
}
