import {
  events,
  foreignEvents,
  spell,
  type EventRow,
  type HookEvent,
} from '../../plugins/command-hooks/events.ts'
import { workKeys, type Work } from '../../plugins/command-hooks/handler-work.ts'
import type { FieldShape, Shape } from '../../plugins/command-hooks/shape.ts'
import { inputFields, sessionFields, turnFields, type Schema } from './hook-inputs.ts'

const draft = 'http://json-schema.org/draft-07/schema#'
// The names are those of the table itself.
const names = Object.keys(events) as readonly HookEvent[]

/** What every handler reads from stdin for an event. */
function stdinSchema(event: HookEvent): Schema {
  const input = events[event].input
  const own = Object.fromEntries(input.map((name) => [name, fieldOf(event, name)]))
  const ofTurn = input.includes('turn_id') ? turnFields : {}
  const always = ['session_id', 'transcript_path', 'cwd', 'hook_event_name', ...input]
  return {
    $schema: draft,
    title: `${event}: what a handler reads from stdin`,
    type: 'object',
    properties: { ...sessionFields, hook_event_name: { const: event }, ...ofTurn, ...own },
    required: always,
  }
}

function fieldOf(event: HookEvent, name: string): Schema {
  const field = inputFields[`${event}.${name}`] ?? inputFields[name]
  if (field === undefined) throw new Error(`nothing says what "${name}" of ${event} holds`)
  return field
}

function nullable(schema: Schema, isRequired = false): Schema {
  if (isRequired) return schema
  return 'enum' in schema && Array.isArray(schema['enum'])
    ? { enum: [...schema['enum'], null] }
    : { ...schema, type: [schema['type'], 'null'] }
}

function answerField(field: FieldShape, closed: boolean): Schema {
  switch (field.kind) {
    case 'any':
      return {}
    case 'flag':
      return { type: 'boolean' }
    case 'text':
      return nullable({ type: 'string' }, field.required)
    case 'choice':
      return nullable({ enum: field.values }, field.required)
    case 'object':
      return nullable(answerObject(field.fields, closed))
  }
}

/** A closed object is one in which an unknown field makes the whole answer invalid. */
function answerObject(shape: Shape, closed: boolean): Schema {
  const entries = Object.entries(shape)
  const required = entries.filter(([, field]) => 'required' in field && field.required)
  return {
    type: 'object',
    properties: Object.fromEntries(
      entries.map(([name, field]) => [name, answerField(field, closed)]),
    ),
    ...(required.length > 0 && { required: required.map(([name]) => name) }),
    ...(closed && { additionalProperties: false }),
  }
}

function stdoutSchemas(event: HookEvent): readonly (readonly [string, Schema])[] {
  const row: EventRow = events[event]
  const shapes = {
    ...(row.output && { codex: row.output }),
    ...(row.output && { claude: row.claude?.output ?? row.output }),
  }
  return Object.entries(shapes).map(([dialect, shape]) => [
    `stdout.${dialect}`,
    {
      $schema: draft,
      title: `${event}: a JSON answer on stdout, in the dialect ${dialect}`,
      ...answerObject(shape, dialect === 'codex'),
    },
  ])
}

const text: Schema = { type: 'string' }
const flag: Schema = { type: 'boolean' }
const texts: Schema = { type: 'array', items: text }
const textTable: Schema = { type: 'object', additionalProperties: text }
const above0: Schema = { type: 'number', exclusiveMinimum: 0 }

/** Fields that handlers of every type may have. */
const handlerFields: Readonly<Record<string, Schema>> = {
  timeout: { type: 'integer', minimum: 0, description: 'Seconds; 0 counts as 1.' },
  async: flag,
  asyncRewake: flag,
  rewakeMessage: text,
  once: flag,
  if: text,
  statusMessage: text,
  additionalContextLimit: { type: 'integer', minimum: 0, description: 'Tokens; 0: no limit.' },
  onFailure: { enum: ['block', 'continue'] },
  continueOnBlock: flag,
}

const workFields: Readonly<Record<string, Schema>> = {
  command: text,
  commandWindows: text,
  args: texts,
  shell: text,
  persistent: flag,
  url: text,
  headers: textTable,
  allowedEnvVars: texts,
  prompt: text,
  model: text,
  server: text,
  tool: text,
  input: { type: 'object' },
  file: text,
  source: text,
  timeoutMs: above0,
  memoryMiB: above0,
}

/** What a handler of each type must have; a script has one or the other. */
const needs: Readonly<Record<Work['type'], readonly (readonly string[])[]>> = {
  command: [['command']],
  script: [['file'], ['source']],
  http: [['url']],
  mcp_tool: [['server', 'tool']],
  prompt: [['prompt']],
  agent: [['prompt']],
}

function handlerSchemas(type: Work['type']): readonly Schema[] {
  const own = workKeys(type).map((key) => {
    const field = workFields[key]
    if (field === undefined) throw new Error(`nothing says what "${key}" of ${type} holds`)
    return [key, field]
  })
  const properties = { type: { const: type }, ...Object.fromEntries(own), ...handlerFields }
  return needs[type].map((keys) => ({
    title: type,
    type: 'object',
    properties,
    required: ['type', ...keys],
  }))
}

/** The schema of hooks.json, for editors: stricter than the reader, which passes over what it does not know. */
function fileSchema(): Schema {
  const groups = { type: 'array', items: { $ref: '#/definitions/group' } }
  const foreign = { description: 'Nothing fires it; its hooks never run.' }
  // The keys are the types of work.
  const types = Object.keys(needs) as readonly Work['type'][]
  return {
    $schema: draft,
    title: 'hooks.json of hookline',
    type: 'object',
    properties: {
      $schema: text,
      description: text,
      dialect: { enum: ['codex', 'claude'], default: 'codex' },
      hooks: {
        type: 'object',
        properties: {
          ...Object.fromEntries(names.map((name) => [name, groups])),
          ...Object.fromEntries([...foreignEvents].map((name) => [name, foreign])),
        },
        additionalProperties: false,
      },
    },
    required: ['hooks'],
    additionalProperties: false,
    definitions: {
      group: {
        type: 'object',
        properties: {
          matcher: text,
          sequential: flag,
          hooks: { type: 'array', items: { oneOf: types.flatMap(handlerSchemas) } },
        },
        required: ['hooks'],
      },
    },
  }
}

/** The schemas of hooks.json and of what handlers read and answer, by the paths of their files. */
export function hookSchemas(): ReadonlyMap<string, Schema> {
  const schemas = new Map<string, Schema>([['docs/schema/hooks.schema.json', fileSchema()]])
  for (const event of names)
    for (const [what, schema] of [['stdin', stdinSchema(event)] as const, ...stdoutSchemas(event)])
      schemas.set(`docs/schema/hooks/${spell(event, '-')}.${what}.schema.json`, schema)
  return schemas
}
