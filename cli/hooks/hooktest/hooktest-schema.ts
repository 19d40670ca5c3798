import { z } from 'zod'

const matcher = z.union([
  z.string(),
  z.strictObject({ contains: z.string() }),
  z.strictObject({ match: z.string() }),
])
/** `null`: there must be none. */
const orNone = matcher.nullable()

const expected = z.strictObject({
  decision: z.enum(['allow', 'deny', 'ask', 'none', 'block', 'continue', 'stop']).optional(),
  reason: orNone.optional(),
  updatedInput: z.unknown().optional(),
  context: orNone.optional(),
  systemMessage: orNone.optional(),
  status: z.array(z.enum(['completed', 'failed', 'blocked', 'stopped'])).optional(),
  files: z.record(z.string(), orNone).optional(),
  runs: z.int().min(0).optional(),
})

const testCase = z.strictObject({
  name: z.string().min(1),
  event: z.string(),
  input: z.record(z.string(), z.unknown()).optional(),
  env: z.record(z.string(), z.string()).optional(),
  files: z.record(z.string(), z.string()).optional(),
  expect: expected,
})

/** A `*.hooktest.json`. Every key is known: a slip of the pen in an expectation would be a test that cannot fail. */
export const hooktestSchema = z.strictObject({
  $schema: z.string().optional(),
  description: z.string().optional(),
  hooks: z.string().optional(),
  dialect: z.enum(['codex', 'claude']).optional(),
  cases: z.array(testCase).min(1),
})

/** The text of a reason, a context or a file, or what it must hold. */
export type TextMatcher = z.output<typeof matcher>
export type Expected = z.output<typeof expected>
export type HooktestCase = z.output<typeof testCase>
export type HooktestDocument = z.output<typeof hooktestSchema>
