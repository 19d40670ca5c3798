/** One block of a result: text, image, resource, … */
export type Block = Readonly<Record<string, unknown>>

/** What a tool of a server has answered. */
export interface CallResult {
  readonly content: readonly Block[]
  readonly structured: Readonly<Record<string, unknown>> | undefined
  /** The tool says that it failed. */
  readonly isError: boolean
}

/** How a call ended: a result, or why there is none. */
export type CallOutcome =
  | { readonly ok: true; readonly result: CallResult }
  | { readonly ok: false; readonly message: string }

/** True for what JSON calls an object. */
export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads the answer to `tools/call`; undefined: it is not a result. */
export function readResult(answer: Readonly<Record<string, unknown>>): CallResult | undefined {
  const { content = [], structuredContent, isError } = answer
  if (!Array.isArray(content) || !content.every(isTable)) return undefined
  return {
    content,
    structured: isTable(structuredContent) ? structuredContent : undefined,
    isError: isError === true,
  }
}

/** The result as hooks and programs read it: as it came, without what is absent. */
export function resultValue({
  content,
  structured,
  isError,
}: CallResult): Readonly<Record<string, unknown>> {
  return {
    content,
    ...(structured === undefined ? {} : { structuredContent: structured }),
    ...(isError ? { isError } : {}),
  }
}

/** All text of a result, or its structured form as JSON where there is none. */
export function resultText({ content, structured }: CallResult): string {
  const texts = content.flatMap(({ type, text }) =>
    type === 'text' && typeof text === 'string' ? [text] : [],
  )
  return texts.length === 0 && structured !== undefined
    ? JSON.stringify(structured)
    : texts.join('\n')
}
