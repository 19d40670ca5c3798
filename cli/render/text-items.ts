import type { ThreadItem } from 'hookline'

type ItemOf<Type extends ThreadItem['type']> = Extract<ThreadItem, { readonly type: Type }>

/** How a line is to look, in the words of `styleText`. */
export type Style = 'bold' | 'cyan' | 'dim' | 'green' | 'magenta' | 'red' | 'yellow'

/** One line of text output, in pieces that look alike. */
export type Line = readonly (string | { readonly style: Style; readonly text: string })[]

const longestOutputLines = 60

function shorten(output: string): string {
  const lines = output.split('\n')
  if (lines.length <= longestOutputLines) return output
  const half = longestOutputLines / 2
  const left = lines.length - longestOutputLines
  return [...lines.slice(0, half), `… ${left} lines left out …`, ...lines.slice(-half)].join('\n')
}

function styled(style: Style, text: string): Line {
  return [{ style, text }]
}

function titled(title: string, rest: string): Line {
  return [{ style: 'bold', text: title }, ` ${rest}`]
}

interface Refused {
  readonly status: string
  readonly declinedBy?: string
  readonly reason?: string
}

function refusal({ status, declinedBy, reason }: Refused): readonly Line[] {
  if (status !== 'declined') return []
  return [styled('yellow', `  declined by ${declinedBy ?? 'policy'}: ${reason ?? ''}`)]
}

function commandLines(item: ItemOf<'command_execution'>, ms: number): readonly Line[] {
  const done = item.status === 'completed'
  const how = done ? 'succeeded' : `exited ${item.exitCode ?? 'without a code'}`
  const verdict =
    item.status === 'declined'
      ? refusal(item)
      : [styled(done ? 'green' : 'red', `  ${how} in ${ms}ms:`)]
  const output =
    item.aggregatedOutput === '' ? [] : [[shorten(item.aggregatedOutput.replace(/\n$/, ''))]]
  return [...verdict, ...output]
}

/** The line that announces a command. */
export function commandTitle(item: ItemOf<'command_execution'>): Line {
  return titled('exec', item.command)
}

/** The lines of a finished item; `ms` is how long it was on display. */
export function itemLines(item: ThreadItem, ms: number): readonly Line[] {
  switch (item.type) {
    case 'agent_message':
      return [styled('magenta', 'hookline'), [item.text]]
    case 'reasoning':
      return [styled('dim', item.text)]
    case 'command_execution':
      return commandLines(item, ms)
    case 'file_change':
      return [
        titled('patch', item.status),
        ...item.changes.map(({ kind, path }) => [`  ${kind} ${path}`]),
        ...refusal(item),
      ]
    case 'tool_call':
      return [titled('tool', `${item.tool} ${item.status}`), ...refusal(item)]
    case 'mcp_tool_call':
      return [titled('mcp', `${item.server}.${item.tool} ${item.status}`), ...refusal(item)]
    case 'web_search':
      return [titled('search', item.query)]
    case 'hook_run':
      return [
        styled('dim', `hook ${item.event} ${item.status} (${Math.round(item.durationMs)}ms)`),
        ...item.entries.map(({ kind, text }) => styled('dim', `  ${kind}: ${text}`)),
      ]
    case 'error':
      return [[{ style: 'yellow', text: 'warning' }, ` ${item.message}`]]
  }
}
