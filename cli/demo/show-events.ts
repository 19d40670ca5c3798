import type { HookRunEntry, ThreadItem } from 'hookline'
import { demoPrompt } from 'hookline/plugins/model-offline'
import { shownPath } from './own-command.ts'
import { wrap, type Paint } from './paint.ts'
import type { TourWatcher } from './run-tour.ts'

type ItemOf<Type extends ThreadItem['type']> = Extract<ThreadItem, { readonly type: Type }>

interface Output {
  readonly paint: Paint
  readonly line: (text: string) => void
}

const shellPrefix = /^\/bin\/sh -c '([^']*)'$/
const indent = '    '

const effects: Readonly<Record<HookRunEntry['kind'], string>> = {
  context: 'tells the model',
  feedback: 'says no',
  stop: 'ends it',
  warning: 'warns',
  error: 'failed',
}

function showTalk(name: string, text: string, { paint, line }: Output): void {
  line(`\n${paint('bold', name)}`)
  line(wrap(text, '  '))
}

function showRefusal(
  item: { readonly declinedBy?: string; readonly reason?: string },
  { paint, line }: Output,
): void {
  line(
    paint(
      'yellow',
      wrap(`refused by the ${item.declinedBy ?? 'policy'}: ${item.reason ?? ''}`, indent),
    ),
  )
}

function showHook(item: ItemOf<'hook_run'>, { paint, line }: Output): void {
  const outcome = item.entries.length > 0 ? '' : ` ${item.status}`
  const time = paint('dim', `(${Math.round(item.durationMs)} ms)`)
  line(`\n  ${paint('cyan', `${item.event} hook`)}${outcome} ${time}`)
  for (const { kind, text } of item.entries) line(wrap(`${effects[kind]}: ${text.trim()}`, indent))
}

function showCommand(item: ItemOf<'command_execution'>, output: Output): void {
  const { paint, line } = output
  line(`\n  ${paint('bold', `$ ${shellPrefix.exec(item.command)?.[1] ?? item.command}`)}`)
  if (item.status === 'declined') showRefusal(item, output)
  else if (item.aggregatedOutput !== '') {
    line(item.aggregatedOutput.replace(/\n$/, '').replace(/^/gm, indent))
  }
  if (item.status === 'failed') line(paint('red', `${indent}failed (${item.exitCode ?? 'killed'})`))
}

function showPatch(item: ItemOf<'file_change'>, patch: string, output: Output): void {
  const { paint, line } = output
  const names = item.changes.map(({ path }) => shownPath(path)).join(', ')
  line(`\n  ${paint('bold', 'patch')} ${names} ${item.status}`)
  if (item.status === 'declined') showRefusal(item, output)
  for (const text of patch.split('\n')) {
    if (text.startsWith('+')) line(paint('green', `${indent}${text}`))
    else if (text.startsWith('-')) line(paint('red', `${indent}${text}`))
  }
}

/** Shows a tour while it goes on. */
export function showTour(paint: Paint, write: (text: string) => void): TourWatcher {
  const output: Output = { paint, line: (text) => write(`${text}\n`) }
  let patch = ''

  function showItem(item: ThreadItem): void {
    if (item.type === 'agent_message') showTalk('offline script', item.text, output)
    else if (item.type === 'hook_run') showHook(item, output)
    else if (item.type === 'command_execution') showCommand(item, output)
    else if (item.type === 'file_change') showPatch(item, patch, output)
    else if (item.type === 'error') showTalk('warning', item.message, output)
  }

  return {
    modelEvent(event) {
      if (event.type !== 'item' || event.item.type !== 'tool_call') return
      if (event.item.name === 'apply_patch') patch = event.item.payload.text
    },
    event(event) {
      if (event.type === 'session_started') showTalk('you', demoPrompt, output)
      if (event.type === 'item_completed') showItem(event.item)
    },
  }
}
