import { TomlError, parse } from 'smol-toml'
import { HooklineError, messageOf } from '../errors.ts'
import type { Place } from '../settings-layers.ts'
import { scanToml } from './toml-scan.ts'

/** A parsed TOML file. */
export interface TomlDocument {
  readonly values: Record<string, unknown>
  /** Where a key stands, as a path of keys and indexes; of a table without a header, its first key. */
  readonly locate: (path: readonly string[]) => Place | undefined
}

/** Parses the text of a TOML file. Throws CONFIG_UNREADABLE with the file, line and column of the fault. */
export function parseToml(text: string, file: string): TomlDocument {
  const values = parseValues(text, file)
  let places: Map<string, number> | undefined
  return {
    values,
    locate(path) {
      places ??= placesOf(text)
      const offset = places.get(JSON.stringify(path))
      return offset === undefined ? undefined : placeAt(text, offset)
    },
  }
}

function parseValues(text: string, file: string): Record<string, unknown> {
  try {
    return parse(text)
  } catch (error) {
    const where = error instanceof TomlError ? `${file}:${error.line}:${error.column}` : file
    const [what = ''] = messageOf(error).replace('Invalid TOML document: ', '').split('\n')
    throw new HooklineError('CONFIG_UNREADABLE', `${where} cannot be parsed: ${what}`, {
      hint: 'correct the file at this place',
      cause: error,
      details:
        error instanceof TomlError ? { file, line: error.line, column: error.column } : { file },
    })
  }
}

function placesOf(text: string): Map<string, number> {
  const places = new Map<string, number>()
  for (const { path, start } of scanToml(text)) {
    // The shorter paths are tables that come into being by this entry.
    for (let length = path.length; length > 0; length -= 1) {
      const id = JSON.stringify(path.slice(0, length))
      if (places.has(id)) break
      places.set(id, start)
    }
  }
  return places
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: offset - lineStart + 1 }
}
