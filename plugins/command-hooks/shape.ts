/** One field of an answer. Without `required`, null and absence are the same. */
export type FieldShape =
  | { readonly kind: 'text' | 'any'; readonly required?: boolean }
  /** True or false; null is a fault. */
  | { readonly kind: 'flag' }
  | { readonly kind: 'choice'; readonly values: readonly string[]; readonly required?: boolean }
  | { readonly kind: 'object'; readonly fields: Shape }

/** The fields of an object, by name. */
export type Shape = Readonly<Record<string, FieldShape>>

export type Checked = { readonly fault: string } | { readonly fields: Readonly<Record<string, unknown>> }

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

/**
 * Checks an answer against its shape and leaves out fields that are null.
 * A closed check finds fault with unknown fields, at every level.
 */
export function checkShape(value: unknown, shape: Shape, closed: boolean): Checked {
  if (!isTable(value)) return { fault: 'it is not an object' }
  const stranger = closed ? Object.keys(value).find((name) => !Object.hasOwn(shape, name)) : undefined
  if (stranger !== undefined) return { fault: `"${stranger}" is not a known field` }
  const fields: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(shape)) {
    const entry = Object.hasOwn(value, name) ? value[name] : undefined
    const absent = entry === undefined || (entry === null && field.kind !== 'flag')
    if (absent) {
      if ('required' in field && field.required) return { fault: `"${name}" is missing` }
      continue
    }
    const fault = checkField(entry, field, name)
    if (fault !== undefined) return { fault }
    const inner = field.kind === 'object' ? checkShape(entry, field.fields, closed) : { fields: entry }
    if ('fault' in inner) return { fault: `in "${name}": ${inner.fault}` }
    fields[name] = inner.fields
  }
  return { fields }
}
