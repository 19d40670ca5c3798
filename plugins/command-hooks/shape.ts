/** One field of an answer. Without `required`, null and absence are the same. */
export type FieldShape =
  | { readonly kind: 'text' | 'any'; readonly required?: boolean }
  /** True or false; null is a fault. */
  | { readonly kind: 'flag' }
  | { readonly kind: 'choice'; readonly values: readonly string[]; readonly required?: boolean }
  | { readonly kind: 'object'; readonly fields: Shape }

/** The fields of an object, by name. */
export type Shape = Readonly<Record<string, FieldShape>>

export type Checked =
  | { readonly fault: string }
  | { readonly fields: Readonly<Record<string, unknown>> }

/** True for JSON objects. */
export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function checkField(value: unknown, field: FieldShape, name: string): string | undefined {
  switch (field.kind) {
    case 'any':
      return undefined
    case 'text':
      return typeof value === 'string' ? undefined : `"${name}" is not a string`
    case 'flag':
      return typeof value === 'boolean' ? undefined : `"${name}" is not true or false`
    case 'choice':
      if (typeof value === 'string' && field.values.includes(value)) return undefined
      return `"${name}" is not one of ${field.values.join(', ')}`
    case 'object':
      return undefined
  }
}

function isAbsent(value: unknown, field: FieldShape): boolean {
  return value === undefined || (value === null && field.kind !== 'flag')
}

/** The value of one field as it counts; undefined: it is absent. */
function readField(
  value: unknown,
  field: FieldShape,
  at: { readonly name: string; readonly closed: boolean },
): { readonly fault: string } | { readonly value: unknown } {
  const { name, closed } = at
  if (isAbsent(value, field)) {
    const isMissing = 'required' in field && field.required
    return isMissing ? { fault: `"${name}" is missing` } : { value: undefined }
  }
  const fault = checkField(value, field, name)
  if (fault !== undefined) return { fault }
  if (field.kind !== 'object') return { value }
  const inner = checkShape(value, field.fields, closed)
  return 'fault' in inner ? { fault: `in "${name}": ${inner.fault}` } : { value: inner.fields }
}

/**
 * Checks an answer against its shape and leaves out fields that are null.
 * A closed check finds fault with unknown fields, at every level.
 */
export function checkShape(value: unknown, shape: Shape, closed: boolean): Checked {
  if (!isTable(value)) return { fault: 'it is not an object' }
  const stranger = closed
    ? Object.keys(value).find((name) => !Object.hasOwn(shape, name))
    : undefined
  if (stranger !== undefined) return { fault: `"${stranger}" is not a known field` }
  const fields: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(shape)) {
    const given = Object.hasOwn(value, name) ? value[name] : undefined
    const read = readField(given, field, { name, closed })
    if ('fault' in read) return read
    if (read.value !== undefined) fields[name] = read.value
  }
  return { fields }
}
