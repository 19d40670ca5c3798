import { HooklineError } from '../errors.ts'

/** Writes a value as TOML, in one line. Throws CONFIG_INVALID for what TOML cannot hold. */
export function tomlValue(value: unknown): string {
  if (typeof value === 'string') return tomlString(value)
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return tomlNumber(value)
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(', ')}]`
  if (isTomlTable(value)) {
    const pairs = definedPairs(value).map(
      ([key, inner]) => `${tomlKey([key])} = ${tomlValue(inner)}`,
    )
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
  }
  throw new HooklineError(
    'CONFIG_INVALID',
    `a value of the type ${typeName(value)} cannot be written as TOML`,
    {
      hint: 'leave it out',
    },
  )
}

/** Writes a path of keys, quoted where they must be. */
export function tomlKey(path: readonly string[]): string {
  return path.map((key) => (/^[\w-]+$/.test(key) ? key : tomlString(key))).join('.')
}

/** True for what becomes a table: not for arrays and dates. */
export function isTomlTable(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  )
}

/** The keys of a table that are set. */
export function definedPairs(table: Record<string, unknown>): [string, unknown][] {
  return Object.entries(table).filter(([, value]) => value !== undefined)
}

function tomlString(text: string): string {
  // The escapes of JSON are escapes of TOML too, but TOML wants DEL escaped and knows no halves of characters.
  return JSON.stringify(text.toWellFormed()).replaceAll('\u007F', String.raw`\u007F`)
}

function tomlNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  return Object.is(value, -0) ? '-0.0' : String(value)
}

function typeName(value: unknown): string {
  return value === null ? 'null' : typeof value
}
