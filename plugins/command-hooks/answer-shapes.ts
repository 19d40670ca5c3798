import { codexEvents } from './event-names.ts'
import type { FieldShape, Shape } from './shape.ts'

const text: FieldShape = { kind: 'text' }
const any: FieldShape = { kind: 'any' }
const flag: FieldShape = { kind: 'flag' }
const block: FieldShape = { kind: 'choice', values: ['block'] }

const common: Shape = {
  continue: flag,
  stopReason: text,
  suppressOutput: flag,
  systemMessage: text,
}
const blocking: Shape = { ...common, decision: block, reason: text }

/** The name must be that of an event, but need not be that of this event. */
function specific(fields: Shape): { readonly hookSpecificOutput: FieldShape } {
  const hookEventName: FieldShape = { kind: 'choice', values: codexEvents, required: true }
  return { hookSpecificOutput: { kind: 'object', fields: { hookEventName, ...fields } } }
}

const permission: FieldShape = {
  kind: 'object',
  fields: {
    behavior: { kind: 'choice', values: ['allow', 'deny'], required: true },
    message: text,
    updatedInput: any,
    updatedPermissions: any,
    interrupt: flag,
  },
}

/** The closed shapes of answers; what stands in none of them makes the whole answer invalid. */
export const closedShapes = {
  notice: { systemMessage: text },
  common,
  context: { ...common, ...specific({ additionalContext: text }) },
  blocking,
  blockingContext: { ...blocking, ...specific({ additionalContext: text }) },
  tool: {
    ...common,
    decision: { kind: 'choice', values: ['approve', 'block'] },
    reason: text,
    ...specific({
      permissionDecision: { kind: 'choice', values: ['allow', 'deny', 'ask'] },
      permissionDecisionReason: text,
      updatedInput: any,
      additionalContext: text,
    }),
  },
  permission: { ...common, ...specific({ decision: permission }) },
  result: { ...blocking, ...specific({ additionalContext: text, updatedMCPToolOutput: any }) },
} as const satisfies Readonly<Record<string, Shape>>

const open: Shape = {
  ...common,
  decision: { kind: 'choice', values: ['approve', 'block'] },
  reason: text,
}

/** In the open shapes the name is compared with the event, so it may be any text here. */
function openSpecific(fields: Shape): { readonly hookSpecificOutput: FieldShape } {
  const hookEventName: FieldShape = { kind: 'text', required: true }
  return { hookSpecificOutput: { kind: 'object', fields: { hookEventName, ...fields } } }
}

/** The open shapes of answers: fields they do not name are passed over. */
export const openShapes = {
  context: { ...open, ...openSpecific({ additionalContext: text }) },
  denied: { ...common, ...openSpecific({ additionalContext: text, retry: flag }) },
  tool: {
    ...open,
    ...openSpecific({
      permissionDecision: { kind: 'choice', values: ['allow', 'deny', 'ask', 'defer'] },
      permissionDecisionReason: text,
      updatedInput: any,
      additionalContext: text,
    }),
  },
  permission: { ...open, ...openSpecific({ decision: permission }) },
  result: {
    ...open,
    ...openSpecific({ additionalContext: text, updatedToolOutput: any, updatedMCPToolOutput: any }),
  },
} as const satisfies Readonly<Record<string, Shape>>
