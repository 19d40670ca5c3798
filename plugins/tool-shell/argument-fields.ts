/** Decoded arguments of a call, not yet looked at. */
export type Fields = Readonly<Record<string, unknown>>

function wrongType(name: string, expected: string, value: unknown): Error {
  const got = Array.isArray(value) ? 'an array' : `${typeof value} ${JSON.stringify(value)}`
  return new Error(`invalid type for \`${name}\`: expected ${expected}, got ${got.slice(0, 80)}`)
}

/** Takes a JSON object; anything else is a fault of the whole call. */
export function readFields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrongType('arguments', 'an object', value)
  }
  // An object that is no array: its values stay unknown.
  return value as Fields
}

/** Models send null for what they leave out. */
function field<T>(fields: Fields, name: string, read: (value: unknown) => T): T | undefined {
  const value = fields[name]
  return value === undefined || value === null ? undefined : read(value)
}

export function readText(fields: Fields, name: string): string | undefined {
  return field(fields, name, (value) => {
    if (typeof value === 'string') return value
    throw wrongType(name, 'a string', value)
  })
}

export function readFlag(fields: Fields, name: string): boolean | undefined {
  return field(fields, name, (value) => {
    if (typeof value === 'boolean') return value
    throw wrongType(name, 'true or false', value)
  })
}

export function readCount(fields: Fields, name: string): number | undefined {
  return field(fields, name, (value) => {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
    throw wrongType(name, 'a whole number, 0 or more', value)
  })
}

export function readTexts(fields: Fields, name: string): readonly string[] | undefined {
  return field(fields, name, (value) => {
    if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value
    throw wrongType(name, 'an array of strings', value)
  })
}

/** The value itself; absent, the call is told which field is missing. */
export function required<T>(value: T | undefined, name: string): T {
  if (value !== undefined) return value
  throw new Error(`missing field \`${name}\``)
}
