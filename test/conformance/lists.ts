import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** One line of a list: what it names and why. */
export interface ListEntry {
  readonly words: string
  readonly reason: string
}

/** Reads a list with a reason behind a `#` on every line. An entry without a reason is refused. */
export function parseList(text: string, name: string): readonly ListEntry[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [words = '', reason = ''] = line
        .split('#')
        .map((part) => part.trim().replaceAll(/\s+/g, ' '))
      if (words === '' || reason === '') throw new Error(`${name}: "${line}" gives no reason`)
      return { words, reason }
    })
}

/** Reads one of the lists beside this file. */
export function readList(name: string): readonly ListEntry[] {
  return parseList(readFileSync(join(import.meta.dirname, name), 'utf8'), name)
}

/** What a case is known by. */
export interface Case {
  readonly name: string
  readonly family?: string
  readonly tags?: readonly string[]
}

function isNamed({ name, family, tags = [] }: Case, words: string): boolean {
  return name === words || name.startsWith(`${words}-`) || family === words || tags.includes(words)
}

/** The names of the cases that no entry leaves out, so that a new case is run without being listed anywhere. */
export function select(cases: readonly Case[], left: readonly ListEntry[]): readonly string[] {
  return cases
    .filter((entry) => !left.some(({ words }) => isNamed(entry, words)))
    .map((entry) => entry.name)
}

/** Entries that leave nothing out, because what they name is gone. */
export function idleEntries(cases: readonly Case[], left: readonly ListEntry[]): readonly string[] {
  return left
    .filter(({ words }) => !cases.some((entry) => isNamed(entry, words)))
    .map(({ words }) => words)
}

/** Reads the cases of a suite that keeps one file a case. */
export function readCases(folder: string): readonly Case[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file): Case => JSON.parse(readFileSync(join(folder, file), 'utf8')))
}
