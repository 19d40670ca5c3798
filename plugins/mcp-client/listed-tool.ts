import { headAndTail } from 'hookline/kit'
import { isTable } from './call-result.ts'

/** A tool as a server lists it. */
export interface ListedTool {
  readonly name: string
  readonly description: string
  /** JSON Schema of its arguments. */
  readonly schema: Readonly<Record<string, unknown>>
  /** The server says that it changes nothing. */
  readonly readOnly: boolean
}

/** What of a list can be used, and what is left out with the reason. */
export interface ListedTools {
  readonly tools: readonly ListedTool[]
  readonly leftOut: readonly string[]
}

const mostTools = 1000
/** Every request carries the descriptions and schemas of all tools. */
const mostDescription = 16 * 1024
const mostSchema = 128 * 1024

type Table = Readonly<Record<string, unknown>>

/** What the schema of arguments must be for an endpoint to take the tool; otherwise the reason against it. */
function readSchema(schema: unknown): Table | string {
  const properties = isTable(schema) ? (schema['properties'] ?? {}) : undefined
  if (!isTable(schema) || !isTable(properties)) return 'its schema is not that of an object'
  if (JSON.stringify(schema).length > mostSchema) return 'its schema is too long'
  return { ...schema, type: 'object', properties }
}

function readTool(entry: unknown): ListedTool | string {
  const name = isTable(entry) ? entry['name'] : undefined
  if (!isTable(entry) || typeof name !== 'string' || name === '') return 'one without a name'
  const { inputSchema = {}, description, title, annotations } = entry
  const schema = readSchema(inputSchema)
  if (typeof schema === 'string') return `${JSON.stringify(name.slice(0, 100))} (${schema})`
  const text = [description, title, ''].find((value) => typeof value === 'string') ?? ''
  const readOnly = isTable(annotations) && annotations['readOnlyHint'] === true
  return { name, description: headAndTail(text, mostDescription), schema, readOnly }
}

/** Reads what a server has listed. One bad entry does not take the others with it. */
export function readTools(entries: readonly unknown[]): ListedTools {
  const tools = new Map<string, ListedTool>()
  const leftOut: string[] = []
  for (const entry of entries.slice(0, mostTools)) {
    const tool = readTool(entry)
    if (typeof tool === 'string') leftOut.push(tool)
    else if (!tools.has(tool.name)) tools.set(tool.name, tool)
  }
  if (entries.length > mostTools) leftOut.push(`all after the first ${mostTools}`)
  return { tools: [...tools.values()], leftOut }
}
