import { events, type EventRow, type HookEvent } from '../../plugins/command-hooks/events.ts'
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

function overview(): string {
  const rows = names.map((name) => {
    const { matches, text, exit2, timeoutSec, children } = events[name]
    return [name, subjects[matches], texts[text], exit2, `${timeoutSec} s`, children ? 'yes' : 'no']
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

function eventSection(name: HookEvent, called: ReadonlySet<string>): string {
  const { input, output } = events[name]
  const points = pointsOf(name)
  const fires = points.some((point) => called.has(point)) ? '' : '; nothing calls it yet'
  const answer = output ? fieldLines(output).join(', ') : 'not read'
  return [
    `### ${name}`,
    '',
    `- Hook point: ${codes(points)}${fires}`,
    `- Further fields on stdin: ${codes(input)}`,
    `- Fields of the answer: ${answer}`,
  ].join('\n')
}

/** Every event of hooks.json that a handler can be run for. */
export function hookEvents(root: string): string {
  const called = calledPoints(root)
  return [overview(), ...names.map((name) => eventSection(name, called))].join('\n\n')
}
