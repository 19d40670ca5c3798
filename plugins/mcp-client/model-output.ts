import type { Part } from 'hookline'
import { truncateMiddle } from 'hookline/kit'
import type { Block, CallResult } from './call-result.ts'

const budgetTokens = 10_000
const bytesPerToken = 4

/** What goes into the answer beside the result. */
export interface Framing {
  readonly seconds: number
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string
}

function heading({ seconds }: Framing): string {
  return `Wall time: ${seconds.toFixed(4)} seconds\nOutput:`
}

function imageOf({ type, data, mimeType }: Block): Part | undefined {
  if (type !== 'image' || typeof data !== 'string' || typeof mimeType !== 'string') return undefined
  // Only what is surely the address of an image: the rest would fail the whole request.
  if (!/^image\/(png|jpeg|gif|webp)$/.test(mimeType) || !/^[A-Za-z0-9+/\s]+=*\s*$/.test(data))
    return undefined
  return { type: 'image', imageUrl: `data:${mimeType};base64,${data.replace(/\s+/g, '')}` }
}

/** A block as text. Of what a model cannot see, only what it is. */
function textOf(block: Block): string {
  const { type, text, resource } = block
  if (type === 'text' && typeof text === 'string') return text
  if (typeof resource === 'object' && resource !== null && 'text' in resource) {
    if (typeof resource.text === 'string') return resource.text
  }
  return readableJson(block)
}

/** JSON without the data that a model cannot read. */
export function readableJson(value: unknown): string {
  return JSON.stringify(value, (key, entry: unknown) => {
    const isData = (key === 'data' || key === 'blob') && typeof entry === 'string'
    return isData ? `<${entry.length} characters of base64>` : entry
  })
}

/** What a text becomes before a model is sent it. */
export function sentText(text: string, redact: (text: string) => string): string {
  return truncateMiddle(redact(text), budgetTokens).text
}

/** Texts share one budget, in their order; images do not count. */
function partsOf(content: readonly Block[], { redact }: Framing): readonly Part[] {
  let left = budgetTokens
  let omitted = 0
  const parts = content.flatMap((block): readonly Part[] => {
    const image = imageOf(block)
    if (image) return [image]
    if (left <= 0) {
      omitted += 1
      return []
    }
    const { text, originalTokens } = truncateMiddle(redact(textOf(block)), left)
    left -= originalTokens
    return [{ type: 'text', text }]
  })
  if (omitted === 0) return parts
  return [
    ...parts,
    { type: 'text', text: `[${omitted} more parts are left out: the output is too long]` },
  ]
}

/** A result as the model is sent it: its structured form where it has one, else a part for each block. */
export function resultOutput(result: CallResult, framing: Framing): string | readonly Part[] {
  const head = heading(framing)
  if (result.structured === undefined) {
    return [{ type: 'text', text: head }, ...partsOf(result.content, framing)]
  }
  return `${head}\n${sentText(JSON.stringify(result.structured), framing.redact)}`
}

/** What the model is told of a call that got no result. */
export function failureText(
  call: { readonly server: string; readonly tool: string },
  message: string,
): string {
  const lines = message.slice(0, budgetTokens * bytesPerToken).replaceAll('\n', '\n    ')
  return `tool call error: tool call failed for \`${call.server}/${call.tool}\`\n\nCaused by:\n    ${lines}`
}

/** The same, as the answer to the call. */
export function failureOutput(text: string, framing: Framing): readonly Part[] {
  return [
    { type: 'text', text: heading(framing) },
    { type: 'text', text: framing.redact(text) },
  ]
}
