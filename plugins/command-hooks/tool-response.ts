import { textOf, type Part, type ToolOutcome } from 'hookline'
import { isTable } from './shape.ts'
import type { Effects } from './verdict.ts'

/** The result of a call in the form that handlers of the claude dialect read. */
export function openResponse({ call, response }: Pick<ToolOutcome, 'call' | 'response'>): unknown {
  if (call.toolName !== 'Bash' || typeof response !== 'string') return response
  return {
    stdout: response,
    stderr: '',
    interrupted: false,
    isImage: false,
    noOutputExpected: false,
  }
}

/** What went wrong, in the words that the model reads. */
export function errorOf({ output }: ToolOutcome): string {
  return textOf(output)
}

type Replaced = Pick<ToolOutcome, 'output' | 'response'>

function ofShell(value: unknown): Replaced | undefined {
  if (!isTable(value)) return undefined
  const { stdout, stderr = '' } = value
  if (typeof stdout !== 'string' || typeof stderr !== 'string') return undefined
  const text = [stdout, stderr].filter((part) => part !== '').join('\n')
  return { output: text, response: text }
}

function partOf(block: unknown): Part | undefined {
  if (!isTable(block)) return undefined
  const { type, text, data, mimeType } = block
  if (type === 'text' && typeof text === 'string') return { type, text }
  if (type !== 'image' || typeof data !== 'string' || typeof mimeType !== 'string') return undefined
  return { type, imageUrl: `data:${mimeType};base64,${data}` }
}

function ofServer(value: unknown): Replaced | undefined {
  if (typeof value === 'string')
    return { output: value, response: { content: [{ type: 'text', text: value }] } }
  const content = isTable(value) ? value['content'] : value
  if (!Array.isArray(content)) return undefined
  const parts = content.map(partOf)
  const known = parts.filter((part) => part !== undefined)
  if (known.length < parts.length) return undefined
  return { output: known, response: isTable(value) ? value : { content } }
}

/**
 * A new output for a call, where it has the form of the tool's own: of a shell `{ stdout, stderr }`, of a server its
 * content, of all others text. Undefined: it has another form, and does not count.
 */
export function rewrittenOutput(
  { call }: ToolOutcome,
  { value, onlyMcp }: NonNullable<Effects['output']>,
): Replaced | undefined {
  const isServer = call.toolName.startsWith('mcp__')
  if (onlyMcp && !isServer) return undefined
  if (isServer) return ofServer(value)
  if (call.toolName === 'Bash') return ofShell(value)
  return typeof value === 'string' ? { output: value, response: value } : undefined
}
