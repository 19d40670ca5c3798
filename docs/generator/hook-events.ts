import { events, spell, type EventRow, type HookEvent } from '../../plugins/command-hooks/events.ts'
import type { FieldShape, Shape } from '../../plugins/command-hooks/shape.ts'
import { calledPoints, pointsOf } from './hook-points.ts'
import { codes, table } from './markdown.ts'

// The names are those of the table itself.
const names = Object.keys(events) as readonly HookEvent[]

const subjects: Readonly<Record<EventRow['matches'], string>> = {
  tool: 'names of the tool',
  source: '`source`',
  reason: '`reason`',
  trigger: '`trigger`',
  agent_type: '`agent_type`',
  notification_type: '`notification_type`',
  error: '`error`',
  load_reason: '`load_reason`',
  nothing: 'nothing, it is ignored',
}

const texts: Readonly<Record<EventRow['text'], string>> = {
  context: 'told to the model',
  ignored: 'ignored',
  error: 'a failure',
}

/** A word of the codex dialect, and that of the claude dialect where it is another. */
function inBoth(codex: string, claude: string | undefined): string {
  return claude === undefined || claude === codex ? codex : `${codex}; \`claude\`: ${claude}`
}

function overview(): string {
  const rows = names.map((name) => {
    const { matches, text, exit2, timeoutSec, children, claude } = events[name]
    const plain = inBoth(texts[text], claude?.text && texts[claude.text])
    const refusal = inBoth(exit2, claude?.exit2)
    return [name, subjects[matches], plain, refusal, `${timeoutSec} s`, children ? 'yes' : 'no']
  })
  const head = ['event', 'matcher', 'plain text', 'exit code 2', 'time limit', 'in subagents']
  return table(head, rows)
}

function fieldLines(shape: Shape, prefix = ''): readonly string[] {
  return Object.entries(shape).flatMap(([name, field]) => {
    const path = `${prefix}${name}`
    // It is the same for all events: the name of one.
    if (name === 'hookEventName') return [`\`${path}\` (the name of the event, required)`]
    if (field.kind === 'object') return fieldLines(field.fields, `${path}.`)
    return [`\`${path}\`${valuesOf(field)}`]
  })
}

function valuesOf(field: FieldShape): string {
  if (field.kind === 'choice') return ` (${codes(field.values)})`
  return field.kind === 'flag' ? ' (true or false)' : ''
}

function heard({ managed }: EventRow): string {
  return managed ? '; only hooks of the system are run' : ''
}

/** What the claude dialect reads in an answer, where that is not the same. */
function claudeAnswer({ output, claude }: EventRow): readonly string[] {
  if (claude?.output === undefined) return []
  const known = output ? fieldLines(output) : []
  const read = fieldLines(claude.output)
  const more = read.filter((line) => !known.includes(line))
  const less = known.filter((line) => !read.includes(line) && !more.some(sameField(line)))
  return [
    ...(more.length > 0 ? [`- In the dialect \`claude\` also: ${more.join(', ')}`] : []),
    ...(less.length > 0 ? [`- In the dialect \`claude\` not: ${less.join(', ')}`] : []),
  ]
}

const nameOf = (line: string) => line.split(' ')[0]
const sameField = (line: string) => (other: string) => nameOf(line) === nameOf(other)

function schemaLinks(name: HookEvent): string {
  const link = (what: string) => `[${what}](schema/hooks/${spell(name, '-')}.${what}.schema.json)`
  const { output } = events[name]
  const answers = ['stdout.codex', 'stdout.claude']
  return ['stdin', ...(output ? answers : [])].map(link).join(', ')
}

function eventSection(name: HookEvent, called: ReadonlySet<string>): string {
  const row = events[name]
  const points = pointsOf(name)
  const fires = points.some((point) => called.has(point)) ? '' : '; nothing calls it yet'
  const answer = row.output ? fieldLines(row.output).join(', ') : 'not read'
  return [
    `### ${name}`,
    '',
    `- Hook point: ${codes(points)}${fires}${heard(row)}`,
    `- Further fields on stdin: ${row.input.length > 0 ? codes(row.input) : 'none'}`,
    `- Fields of the answer: ${answer}`,
    ...claudeAnswer(row),
    `- Schemas: ${schemaLinks(name)}`,
  ].join('\n')
}

/** Every event of hooks.json that a handler can be run for. */
export function hookEvents(root: string): string {
  const called = calledPoints(root)
  return [overview(), ...names.map((name) => eventSection(name, called))].join('\n\n')
}
