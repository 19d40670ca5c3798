import type { ModelEvent, SessionEvent, ThreadItem } from 'hookline'
import { demoPrompt } from 'hookline/plugins/model-offline'
import { wrap, type Paint } from './paint.ts'
import { shownPath } from './own-command.ts'
import type { TourWatcher } from './run-tour.ts'

type ItemOf<Type extends ThreadItem['type']> = Extract<ThreadItem, { readonly type: Type }>

export interface ShowOptions {
  readonly paint: Paint
  write(text: string): void
}

const shellPrefix = /^\/bin\/sh -c '([^']*)'$/
const indent = '    '

function indented(text: string): string {
  return text.replace(/\n$/, '').replace(/^/gm, indent)
}

/** Shows a tour while it goes on. */
export function showTour({ paint, write }: ShowOptions): TourWatcher {
  let patch = ''
  const line = (text = '') => write(`${text}\n`)
  const heading = (name: string) => line(`\n${paint('bold', name)}`)
  const refusal = (by: string | undefined, reason: string | undefined) =>
    line(paint('yellow', wrap(`refused by the ${by ?? 'policy'}: ${reason ?? ''}`, indent)))

  const hookEffects = {
    context: 'told the model',
    feedback: 'objects',
    stop: 'stops',
    warning: 'warns',
    error: 'failed',
  } as const

  function showHook({ event, status, durationMs, entries }: ItemOf<'hook_run'>): void {
    const name = paint('cyan', `${event} hook`)
    const time = paint('dim', `(${Math.round(durationMs)} ms)`)
    line(`\n  ${name} ${entries.length === 0 ? `${status} ` : ''}${time}`)
    for (const { kind, text } of entries) line(wrap(`${hookEffects[kind]}: ${text.trim()}`, indent))
  }

  function showCommand(item: ItemOf<'command_execution'>): void {
    line(`\n  ${paint('bold', `$ ${shellPrefix.exec(item.command)?.[1] ?? item.command}`)}`)
    if (item.status === 'declined') refusal(item.declinedBy, item.reason)
    else if (item.aggregatedOutput !== '') line(indented(item.aggregatedOutput))
    if (item.status === 'failed') line(paint('red', `${indent}failed with exit code ${item.exitCode ?? 'none'}`))
  }

  function showPatch(item: ItemOf<'file_change'>): void {
    const names = item.changes.map(({ path }) => shownPath(path)).join(', ')
    line(`\n  ${paint('bold', 'patch')} ${names} ${item.status}`)
    if (item.status === 'declined') refusal(item.declinedBy, item.reason)
    for (const text of patch.split('\n')) {
      if (text.startsWith('+')) line(paint('green', `${indent}${text}`))
      else if (text.startsWith('-')) line(paint('red', `${indent}${text}`))
    }
  }

  function showItem(item: ThreadItem): void {
    switch (item.type) {
      case 'agent_message':
        heading('offline script')
        line(wrap(item.text, '  '))
        return
      case 'hook_run':
        showHook(item)
        return
      case 'command_execution':
        showCommand(item)
        return
      case 'file_change':
        showPatch(item)
        return
      case 'error':
        line(paint('yellow', wrap(`warning: ${item.message}`, '  ')))
        return
      case 'reasoning':
      case 'mcp_tool_call':
      case 'tool_call':
      case 'web_search':
    }
  }

  return {
    modelEvent(event: ModelEvent) {
      if (event.type !== 'item' || event.item.type !== 'tool_call') return
      if (event.item.name === 'apply_patch') patch = event.item.payload.text
    },
    event(event: SessionEvent) {
      if (event.type === 'session_started') {
        heading('you')
        line(wrap(demoPrompt, '  '))
      }
      if (event.type === 'item_completed') showItem(event.item)
    },
  }
}
