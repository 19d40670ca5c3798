import { mcpKey, messageOf } from 'hookline'
import {
  answered,
  broken,
  type HandlerKind,
  type HandlerRun,
  type KindFacts,
} from './handler-run.ts'
import type { ProcessResult } from './outcome.ts'
import { isTable } from './shape.ts'
import { withinLimits } from './time-limit.ts'

type Table = Readonly<Record<string, unknown>>

/** What the event says at a path such as `tool_input.file_path`, as text; nothing there is the empty text. */
function textAt(fields: Table, path: string): string {
  let at: unknown = fields
  for (const key of path.split('.')) {
    const isThere = (isTable(at) || Array.isArray(at)) && Object.hasOwn(at, key)
    // An array has its members under their numbers.
    at = isThere ? (at as Table)[key] : undefined
  }
  if (at === undefined || at === null) return ''
  return typeof at === 'string' ? at : JSON.stringify(at)
}

function fillIn(value: unknown, fields: Table): unknown {
  if (typeof value === 'string')
    return value.replace(/\$\{([^{}]+)\}/g, (_whole, path: string) => textAt(fields, path.trim()))
  if (Array.isArray(value)) return value.map((entry) => fillIn(entry, fields))
  return isTable(value) ? filledInput(value, fields) : value
}

/** Puts what the event says into every text of an input. */
export function filledInput(input: Table, fields: Table): Table {
  return Object.fromEntries(
    Object.entries(input).map(([key, value]) => [key, fillIn(value, fields)]),
  )
}

/** Calls a tool of an MCP server; its text counts as what a command writes. */
export function mcpToolKind({ services }: KindFacts): HandlerKind {
  async function run(asked: HandlerRun): Promise<ProcessResult> {
    const { work, timeoutSec } = asked.handler
    if (work?.type !== 'mcp_tool') return broken('hook names no tool')
    const mcp = services.find(mcpKey, 'default')
    if (!mcp) return broken(`hook cannot call ${work.server}: nothing here speaks to MCP servers`)
    const given = filledInput(work.input ?? {}, asked.input.fields)
    return withinLimits(asked, async (signal) => {
      try {
        const options = { signal, timeoutMs: timeoutSec * 1000 }
        const { text, isError } = await mcp.call(work.server, work.tool, given, options)
        return isError ? broken(`hook's tool ${work.tool} failed: ${text}`) : answered(text)
      } catch (error) {
        return broken(`hook could not call ${work.server}: ${messageOf(error)}`)
      }
    })
  }
  return { run }
}
