/** Every code with its meaning. Codes are contract, messages are not; docs/errors.md is made from this table. */
export const errorCodes = {
  PLUGIN_SETUP_FAILED: 'A plugin threw while it was set up.',
  PLUGIN_NEEDS_MISSING: 'A plugin needs another one that is not there, or that needs it in turn.',
  PLUGIN_NAME_TAKEN: 'Two plugins have the same name.',
  PLUGIN_INVALID: 'A plugin module does not export a plugin.',
  PLUGIN_NOT_FOUND: 'A plugin named in `use` cannot be found or loaded.',
  PLUGIN_MANIFEST_MISMATCH: 'A plugin object differs from its static manifest.',
  PLUGIN_REFUSED: 'The `admit` hook refused a plugin or bundle.',
  PLUGIN_POWER_EXCEEDED: 'A plugin does more than the power it declares.',
  TAP_FAILED: 'A tap of a hook point threw.',
  TAP_TIMED_OUT: 'A tap did not answer within its time limit.',
  TAP_LOOSENED: 'A tap handed on a gate that is looser than the one it was given.',
  TAP_OPTION_INVALID: 'A tap was registered with an option that is not allowed.',
  SERVICE_TAKEN: 'Two plugins provide the same service id.',
  SERVICE_MISSING: 'A service was asked for that nobody provides.',
  CONFIG_INVALID: 'A configuration file or value cannot be used.',
  CONFIG_UNREADABLE: 'A configuration file cannot be read or parsed.',
  CONFIG_CONFLICT: 'The same thing is configured in two places, or two plugins claim one key.',
  CONFIG_UNKNOWN_KEY:
    'A configuration key that nothing knows (an error only with --strict-config).',
  PROVIDER_UNKNOWN: 'The model provider is not configured.',
  MODEL_REQUEST_FAILED: 'The model endpoint refused or failed a request.',
  MODEL_UNREACHABLE: 'The model endpoint cannot be reached.',
  MODEL_STREAM_BROKEN: 'The answer of the model endpoint ended too early or cannot be read.',
  MODEL_RATE_LIMITED: 'The model endpoint asks to wait longer than the session may.',
  MODEL_CONTEXT_EXCEEDED: 'The conversation no longer fits into the model.',
  MODEL_QUOTA_EXCEEDED: 'The account has no quota left.',
  MODEL_OVERLOADED: 'The model is at capacity.',
  MODEL_INCOMPLETE: 'The model stopped before its answer was complete.',
  AUTH_ENV_KEY_MISSING: 'The environment variable with the key of a provider is not set.',
  AUTH_NOT_SIGNED_IN: 'No credential is stored or given.',
  AUTH_UNAUTHORIZED: 'The model endpoint refuses the credential.',
  USAGE_LIMIT_REACHED: 'The usage limit of the account is reached.',
  USAGE_NOT_INCLUDED: 'The plan of the account does not include what was asked for.',
  SANDBOX_UNAVAILABLE: 'The sandbox that the settings ask for cannot run here.',
  SANDBOX_REFUSED: 'The sandbox cannot enforce the policy and refuses to run the command.',
  EXEC_FAILED: 'A process could not be started.',
  SESSION_NOT_FOUND: 'There is no session with this id or name.',
  SESSION_BUSY: 'Another process writes this session, or a turn is already running.',
  SESSION_CLOSED: 'The session is closed.',
  STORE_WRITE_FAILED: 'The session could not be recorded.',
  STORE_UNREADABLE: 'A recorded session cannot be read.',
  TURN_INTERRUPTED: 'The turn was interrupted.',
  OUTPUT_SCHEMA_INVALID: 'The output schema cannot be used, or the answer does not fit it.',
  PROJECT_UNTRUSTED: 'The folder is neither trusted nor a git repository.',
  PROMPT_MISSING: 'There is no prompt.',
  USAGE: 'Wrong use of the command line.',
  NODE_TOO_OLD: 'This version of Node is too old to run hookline.',
  FILE_UNREADABLE: 'A file that was named cannot be read.',
  FILE_WRITE_FAILED: 'A file could not be written.',
  HOOK_NOT_FOUND: 'There is no hook with this key.',
  HOOK_REFUSED: 'A managed hook refused a request to the model or its answer.',
  HOOKS_INVALID: 'A hooks file cannot be read or holds no hooks.',
  HOOKTEST_INVALID: 'A test of hooks cannot be read, says something unknown, or is not there.',
  REPLAY_INVALID: 'A recorded session cannot be read or holds no calls.',
  LOCK_TIMEOUT: 'Another process holds a lock for too long.',
  PATH_OUTSIDE: 'A path leads out of the folder it must stay in.',
  MCP_SERVER_UNAVAILABLE: 'An MCP server is not configured, could not be started, or has gone.',
  MCP_CALL_FAILED: 'An MCP server did not answer a call with a result.',
  INTERNAL: 'A fault of hookline itself.',
} as const

export type ErrorCode = keyof typeof errorCodes

/** What a failed attempt says about further ones. */
export interface RetryAdvice {
  /** Where it failed: before the stream was open, or in it. */
  readonly phase: 'open' | 'stream'
  readonly retryable: boolean
  /** The server's own wish. */
  readonly afterMs?: number
}

export interface HooklineErrorOptions {
  readonly plugin?: string
  readonly hook?: string
  /** What to do about it. */
  readonly hint?: string
  readonly cause?: unknown
  readonly retry?: RetryAdvice
  /** Facts for programs, such as `{ advice: 'wait' }`. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** The one error class. Tell errors apart by `code`, never by `instanceof`: two copies of the package may meet. */
export class HooklineError extends Error {
  readonly code: ErrorCode
  readonly plugin: string | undefined
  readonly hook: string | undefined
  readonly hint: string | undefined
  readonly retry: RetryAdvice | undefined
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor(code: ErrorCode, message: string, options: HooklineErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.plugin = options.plugin
    this.hook = options.hook
    this.hint = options.hint
    this.retry = options.retry
    this.details = options.details
  }

  static {
    // On the prototype, so that it is not one more own property in every log.
    Object.defineProperty(this.prototype, 'name', { value: 'HooklineError', configurable: true })
  }
}

/** Narrows an unknown error by its code; works across copies of the package. */
export function isHooklineError(error: unknown): error is HooklineError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    Object.hasOwn(errorCodes, error.code)
  )
}

/** Wraps an unknown throw once, where it is first seen; errors of ours pass unchanged. */
export function wrapError(
  error: unknown,
  code: ErrorCode,
  options: HooklineErrorOptions = {},
): HooklineError {
  if (isHooklineError(error)) return error
  return new HooklineError(code, messageOf(error), { ...options, cause: error })
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
