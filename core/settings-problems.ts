import type { core, ZodType } from 'zod'
import { HooklineError } from './errors.ts'
import { nearest } from './kit/nearest.ts'
import { originOf, SettingsLayers, type SettingsLayer } from './settings-layers.ts'

type Issue = core.$ZodIssue
type Path = readonly string[]

/** A key whose merged value its schema refuses. */
export interface Failure {
  readonly key: string
  readonly owner: string
  readonly value: unknown
  readonly issues: readonly Issue[]
}

/** A key that nobody knows, with the names that are known where it stands. */
export interface UnknownKey {
  readonly path: Path
  readonly known: readonly string[]
}

/** One error for all wrong values, each with its place, what was found and what is expected. */
export function invalidSettings(layers: SettingsLayers, failures: readonly Failure[]) {
  const problems = failures.flatMap(({ key, owner, value, issues }) =>
    issues
      .flatMap((issue) => problemsOf(issue, [key]))
      .map((found) => ({ owner, value, ...found })),
  )
  const texts = problems.map(({ path, expected, owner, value }) => {
    const [layer] = layersOf(layers, path)
    const where = layer ? placeOf(layer, path) : `settings of "${owner}"`
    const found = describeValue(valueAt(value, path.slice(1)), path)
    return `${where}: ${dotted(path)} is ${found}, expected ${expected}`
  })
  const hints = problems.map(({ path, expected }) => `write ${expected} for ${dotted(path)}`)
  const hint = [...new Set(hints)].join('; ')
  return new HooklineError('CONFIG_INVALID', texts.join('; '), { hint })
}

/**
 * What to say of each unknown key; keys that every layer that sets them ignores are left out.
 * Throws CONFIG_UNKNOWN_KEY instead where settings are strict.
 */
export function describeUnknown(
  layers: SettingsLayers,
  unknown: readonly UnknownKey[],
  strict: boolean,
): string[] {
  const texts = unknown.flatMap(({ path, known }) => {
    const isIgnored = ({ ignoredKeys }: SettingsLayer) => ignoredKeys?.has(path.join('.'))
    const setting = layersOf(layers, path).filter((layer) => !isIgnored(layer))
    if (setting.length === 0) return []
    const names = [...new Set(setting.map(({ name }) => name))].join(' and ')
    const places = setting.filter(({ file }) => file).map((layer) => placeOf(layer, path))
    const prefix = places.length > 0 ? `${places.join(', ')}: ` : ''
    const guess = nearest(path.at(-1) ?? '', known)
    const text = `${prefix}unknown key \`${dotted(path)}\` of the ${names} settings`
    const advice = guess === undefined ? '' : `; did you mean \`${guess}\`?`
    return [strict ? text + advice : `${text} is ignored${advice}`]
  })
  if (!strict || texts.length === 0) return texts
  const hint = 'correct or remove it, or leave out --strict-config'
  throw new HooklineError('CONFIG_UNKNOWN_KEY', texts.join('; '), { hint })
}

/** What zod's kinds of schema hold; its public type of `def` says only the kind. */
type Definition = Partial<
  Record<'catchall' | 'valueType' | 'element' | 'innerType' | 'in', ZodType> & {
    readonly shape: Readonly<Record<string, ZodType>>
    readonly options: readonly ZodType[]
  }
>

/**
 * The keys of a valid value that its schema drops.
 * Read from the schema and not from its result, because a schema may rename what it parses.
 */
export function unknownKeysIn(schema: ZodType, value: unknown, path: Path): UnknownKey[] {
  // The kind decides which of the fields are there, and each is looked at before it is used.
  const definition = schema.def as unknown as Definition
  const { shape, valueType, element, options } = definition
  const option = options?.find((candidate) => candidate.safeParse(value).success)
  const inner = definition.innerType ?? definition.in ?? option
  if (inner) return unknownKeysIn(inner, value, path)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, entry]) => {
    const entrySchema = shape && Object.hasOwn(shape, key) ? shape[key] : (valueType ?? element)
    if (entrySchema) return unknownKeysIn(entrySchema, entry, [...path, key])
    return shape && !definition.catchall
      ? [{ path: [...path, key], known: Object.keys(shape) }]
      : []
  })
}

function problemsOf(
  issue: Issue,
  base: Path,
): { readonly path: Path; readonly expected: string }[] {
  const path = [...base, ...issue.path.map(String)]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], expected: 'nothing of that name' }))
  }
  if (issue.code !== 'invalid_union') return [{ path, expected: expectation(issue) }]
  // The branch that got further than its first look is the one that was meant.
  const meant = issue.errors.find((branch) => branch[0] && branch[0].path.length > 0)
  if (meant) return meant.flatMap((inner) => problemsOf(inner, path))
  const expected = new Set(issue.errors.flat().map(expectation))
  return [{ path, expected: [...expected].join(' or ') || issue.message }]
}

const words = new Map(
  Object.entries({ int: 'whole number', array: 'list', object: 'table', record: 'table' }),
)

function expectation(issue: Issue): string {
  if (issue.code === 'invalid_type') return `a ${words.get(issue.expected) ?? issue.expected}`
  if (issue.code === 'invalid_value')
    return issue.values.map((one) => JSON.stringify(one)).join(' or ')
  // Words of zod say what was wrong first; those of a plugin's author stay as they are.
  return issue.message.replace(/^Too (?:small|big): expected |^Invalid (?=URL)/, 'a ')
}

/** Keys whose values are credentials, or often hold some. */
const sensitive = /token|secret|passw|key|header|auth|credential|cookie|env|query|url|arg|command/i

function describeValue(value: unknown, path: Path): string {
  if (value === undefined) return 'missing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return value instanceof Date ? 'a date' : 'a table'
  const text = JSON.stringify(value) ?? typeof value
  const shown = text.length <= 26 && !path.some((key) => sensitive.test(key))
  return `the ${typeof value}${shown ? ` ${text}` : ''}`
}

/** The layers that set the path, strongest first; where none does, the origin of what stands around it. */
function layersOf(layers: SettingsLayers, path: Path): readonly SettingsLayer[] {
  const setting = layers.active().filter((layer) => originOf(SettingsLayers.of(layer), path))
  if (setting.length > 0) return setting.toReversed()
  return path.length > 1 ? layersOf(layers, path.slice(0, -1)).slice(0, 1) : []
}

function placeOf(layer: SettingsLayer, path: Path): string {
  if (layer.file === undefined) return layer.name
  for (let length = path.length; length > 0; length -= 1) {
    const place = layer.locate?.(path.slice(0, length))
    if (place) return `${layer.file}:${place.line}:${place.column}`
  }
  return layer.file
}

function valueAt(value: unknown, path: Path): unknown {
  const [key, ...rest] = path
  if (key === undefined || typeof value !== 'object' || value === null) return value
  return valueAt(Object.getOwnPropertyDescriptor(value, key)?.value, rest)
}

const dotted = (path: Path) =>
  path.map((key) => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key))).join('.')
