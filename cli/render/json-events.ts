import type { SessionEvent, ThreadItem, Usage } from 'hookline'

type Json = Record<string, unknown>

const names: Readonly<Record<string, string>> = {
  aggregatedOutput: 'aggregated_output',
  exitCode: 'exit_code',
  declinedBy: 'declined_by',
  durationMs: 'duration_ms',
  statusMessage: 'status_message',
}

function usageJson(usage: Usage): Json {
  return {
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    cache_write_input_tokens: usage.cacheWriteInputTokens,
    output_tokens: usage.outputTokens,
    reasoning_output_tokens: usage.reasoningOutputTokens,
  }
}

function itemJson(item: ThreadItem): Json {
  if (item.type === 'web_search')
    return { id: item.serverId, type: item.type, query: item.query, action: item.action }
  const { id, type, ...rest } = item
  const fields = Object.entries(rest).map(([key, value]) => [names[key] ?? key, value])
  // A command that still runs has the exit code null on the wire.
  return {
    id,
    type,
    ...(type === 'command_execution' ? { exit_code: null } : {}),
    ...Object.fromEntries(fields),
  }
}

/** The lines of `exec --json` for one event. */
export function eventLines(event: SessionEvent): readonly Json[] {
  switch (event.type) {
    case 'session_started':
      return [{ type: 'thread.started', thread_id: event.sessionId }]
    case 'turn_started':
      return [{ type: 'turn.started' }]
    case 'item_started':
      return [{ type: 'item.started', item: itemJson(event.item) }]
    case 'item_updated':
      return [{ type: 'item.updated', item: itemJson(event.item) }]
    case 'item_completed': {
      const item = itemJson(event.item)
      // A hosted search is shown when it is over; readers of the stream expect both ends of it.
      return event.item.type === 'web_search'
        ? [
            { type: 'item.started', item },
            { type: 'item.completed', item },
          ]
        : [{ type: 'item.completed', item }]
    }
    case 'retrying':
      return [{ type: 'error', message: event.message, retrying: true }]
    case 'turn_completed':
      return [
        {
          type: 'turn.completed',
          usage: usageJson(event.usage),
          thread_usage: usageJson(event.threadUsage),
        },
      ]
    case 'turn_failed': {
      const { message, code, details } = event.error
      const advice = typeof details?.['advice'] === 'string' ? { advice: details['advice'] } : {}
      return [
        { type: 'error', message },
        { type: 'turn.failed', error: { message, code, ...advice } },
      ]
    }
  }
}
