import {
  itemJson,
  type LogEntry,
  type SessionEvent,
  type SessionMeta,
  type TurnFacts,
  type Usage,
} from 'hookline'

type Json = Readonly<Record<string, unknown>>

/** One line before it gets its time and number. `payload` is JSON text already. */
export interface LineBody {
  readonly type: string
  readonly payload: string
  readonly metadata?: Json
}

/** The line that opens a file. */
export function metaLine(meta: SessionMeta): LineBody {
  const payload: Json = {
    session_id: meta.id,
    id: meta.id,
    timestamp: meta.startedAt,
    cwd: meta.cwd,
    originator: 'hookline',
    source: meta.source,
    product: meta.product,
    model_provider: meta.provider,
    model: meta.model,
    ...(meta.parentId === undefined ? {} : { parent_thread_id: meta.parentId }),
  }
  return { type: 'session_meta', payload: JSON.stringify(payload) }
}

function turnPayload(facts: TurnFacts): Json {
  const { sandbox } = facts
  return {
    turn_id: facts.id,
    cwd: facts.cwd,
    model: facts.model,
    model_provider: facts.provider,
    ...(facts.effort === undefined ? {} : { effort: facts.effort }),
    approval_policy: facts.approvalPolicy,
    approvals_reviewer: facts.reviewer,
    sandbox_policy: {
      mode: sandbox.mode,
      writable_roots: sandbox.writableRoots,
      network_access: sandbox.network,
    },
  }
}

/** Usage in the words of the file. */
function usageRecord(usage: Usage): Json {
  return {
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    cache_write_input_tokens: usage.cacheWriteInputTokens,
    output_tokens: usage.outputTokens,
    reasoning_output_tokens: usage.reasoningOutputTokens,
  }
}

function eventPayload(event: SessionEvent): Json | undefined {
  if (event.type === 'turn_completed') {
    return {
      type: 'task_complete',
      turn_id: event.turnId,
      last_agent_message: event.lastMessage ?? null,
    }
  }
  if (event.type !== 'turn_failed') return undefined
  const { code, message } = event.error
  return event.interrupted
    ? { type: 'turn_aborted', turn_id: event.turnId, reason: 'interrupted', message }
    : { type: 'task_failed', turn_id: event.turnId, code, message }
}

/** The line of an entry; undefined where the file keeps nothing of it. */
export function lineOf(entry: LogEntry): LineBody | undefined {
  switch (entry.type) {
    case 'item': {
      const kinds = entry.item.type === 'message' ? entry.item.kinds : undefined
      const metadata = {
        ...(entry.turnId === undefined ? {} : { turn_id: entry.turnId }),
        ...(kinds ? { kinds } : {}),
      }
      return { type: 'response_item', payload: itemJson(entry.item), metadata }
    }
    case 'turn':
      return { type: 'turn_context', payload: JSON.stringify(turnPayload(entry.facts)) }
    case 'usage': {
      const payload = {
        usage: usageRecord(entry.usage),
        turn_token_usage: usageRecord(entry.turnUsage),
        thread_token_usage: usageRecord(entry.threadUsage),
        response_id: entry.responseId ?? null,
      }
      return { type: 'token_usage_record', payload: JSON.stringify(payload) }
    }
    case 'event': {
      const payload = eventPayload(entry.event)
      return payload && { type: 'event_msg', payload: JSON.stringify(payload) }
    }
  }
}

/** A whole line with its line end. */
export function lineText(body: LineBody, ordinal: number, at: Date): string {
  const metadata =
    body.metadata && Object.keys(body.metadata).length > 0
      ? `,"metadata":${JSON.stringify(body.metadata)}`
      : ''
  return `{"timestamp":"${at.toISOString()}","ordinal":${ordinal},"type":"${body.type}","payload":${body.payload}${metadata}}\n`
}
