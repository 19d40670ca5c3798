import { HooklineError, messageOf } from 'hookline'

/** The error of a policy that cannot be enforced; nothing has been started. */
export function refusal(
  what: string,
  why: { readonly hint?: string; readonly cause?: unknown } = {},
): HooklineError {
  const message = why.cause === undefined ? what : `${what}: ${messageOf(why.cause)}`
  return new HooklineError('SANDBOX_REFUSED', `the command was not started: ${message}`, why)
}

/** The code of a system error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
