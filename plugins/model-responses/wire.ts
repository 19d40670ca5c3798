import type {
  CustomTool,
  FunctionTool,
  NamespaceTool,
  ResponseStreamEvent,
  ResponseUsage,
} from 'openai/resources/responses/responses'

/** Names of the events a Responses stream may hold. */
export type EventName = ResponseStreamEvent['type']

/** A tool as the wire takes it. */
export type WireTool = FunctionTool | CustomTool
export type WireNamespace = NamespaceTool

/** Names of the token counts of a response. */
export type UsageName =
  | keyof ResponseUsage
  | keyof ResponseUsage.InputTokensDetails
  | keyof ResponseUsage.OutputTokensDetails

/** Decoded JSON of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>

/** Narrows decoded JSON to an object. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A text field of an object; undefined where it is absent, blank or something else. */
export function textField(value: Json | undefined, name: string): string | undefined {
  const text = value?.[name]
  return typeof text === 'string' && text.trim() !== '' ? text : undefined
}

/** An object field of an object. */
export function jsonField(value: Json | undefined, name: string): Json | undefined {
  const entry = value?.[name]
  return isJson(entry) ? entry : undefined
}

/** Decodes JSON text; undefined where it is not an object. */
export function parseJson(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isJson(value) ? value : undefined
  } catch {
    return undefined
  }
}
