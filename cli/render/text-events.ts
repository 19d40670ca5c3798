import { styleText } from 'node:util'
import type { SessionEvent, ThreadItem } from 'hookline'

/** What text mode writes: progress on stderr, so that stdout holds the final message alone. */
export interface TextRenderer {
  take(event: SessionEvent): void
}

export interface TextOptions {
  readonly color: boolean
  /** Lines shown before the first turn. */
  readonly banner: (sessionId: string) => readonly string[]
  readonly prompt: string
  write(text: string): void
}

const longestOutputLines = 60

function shorten(output: string): string {
  const lines = output.split('\n')
  if (lines.length <= longestOutputLines) return output
  const half = longestOutputLines / 2
  return [...lines.slice(0, half), `… ${lines.length - longestOutputLines} lines left out …`, ...lines.slice(-half)].join('\n')
}

/** Renders a session as text for a person. */
export function textRenderer(options: TextOptions): TextRenderer {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    options.color ? styleText(style, text, { validateStream: false }) : text
  const line = (text: string) => options.write(`${text}\n`)
  const started = new Map<string, number>()

  const declined = (item: { readonly declinedBy?: string; readonly reason?: string }) =>
    line(paint('yellow', `  declined by ${item.declinedBy ?? 'policy'}: ${item.reason ?? ''}`))

  function showCommand(item: Extract<ThreadItem, { type: 'command_execution' }>): void {
    if (item.status === 'declined') declined(item)
    else {
      const ms = Math.round(performance.now() - (started.get(item.id) ?? performance.now()))
      const how = item.status === 'completed' ? 'succeeded' : `exited ${item.exitCode ?? 'without a code'}`
      line(paint(item.status === 'completed' ? 'green' : 'red', `  ${how} in ${ms}ms:`))
    }
    if (item.aggregatedOutput !== '') line(shorten(item.aggregatedOutput.replace(/\n$/, '')))
  }

  function showCompleted(item: ThreadItem): void {
    switch (item.type) {
      case 'agent_message':
        line(paint('magenta', 'hookline'))
        line(item.text)
        return
      case 'reasoning':
        line(paint('dim', item.text))
        return
      case 'command_execution':
        if (!started.has(item.id)) line(`${paint('bold', 'exec')} ${item.command}`)
        showCommand(item)
        return
      case 'file_change':
        line(`${paint('bold', 'patch')} ${item.status}`)
        for (const change of item.changes) line(`  ${change.kind} ${change.path}`)
        if (item.status === 'declined') declined(item)
        return
      case 'tool_call':
        line(`${paint('bold', 'tool')} ${item.tool} ${item.status}`)
        if (item.status === 'declined') declined(item)
        return
      case 'mcp_tool_call':
        line(`${paint('bold', 'mcp')} ${item.server}.${item.tool} ${item.status}`)
        return
      case 'web_search':
        line(`${paint('bold', 'search')} ${item.query}`)
        return
      case 'hook_run':
        line(paint('dim', `hook ${item.event} ${item.status} (${Math.round(item.durationMs)}ms)`))
        for (const entry of item.entries) line(paint('dim', `  ${entry.kind}: ${entry.text}`))
        return
      case 'error':
        line(`${paint('yellow', 'warning')} ${item.message}`)
    }
  }

  return {
    take(event) {
      switch (event.type) {
        case 'session_started':
          for (const text of options.banner(event.sessionId)) line(text)
          line(paint('cyan', 'user'))
          line(options.prompt)
          return
        case 'item_started':
          started.set(event.item.id, performance.now())
          if (event.item.type === 'command_execution') line(`${paint('bold', 'exec')} ${event.item.command}`)
          return
        case 'item_completed':
          showCompleted(event.item)
          started.delete(event.item.id)
          return
        case 'retrying':
          line(paint('yellow', event.message))
          return
        case 'turn_completed': {
          const { inputTokens, cachedInputTokens, outputTokens } = event.usage
          line(paint('dim', `tokens used: ${inputTokens - cachedInputTokens + outputTokens}`))
          return
        }
        case 'turn_started':
        case 'item_updated':
        case 'turn_failed':
      }
    },
  }
}
