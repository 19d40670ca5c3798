import type { ErrorCode, HooklineError } from 'hookline'

/** The words of hooks for why a turn failed. */
export type TurnError =
  | 'rate_limit'
  | 'authentication_failed'
  | 'billing_error'
  | 'invalid_request'
  | 'server_error'
  | 'max_output_tokens'
  | 'unknown'

const kinds: Partial<Readonly<Record<ErrorCode, TurnError>>> = {
  MODEL_RATE_LIMITED: 'rate_limit',
  USAGE_LIMIT_REACHED: 'rate_limit',
  AUTH_ENV_KEY_MISSING: 'authentication_failed',
  AUTH_NOT_SIGNED_IN: 'authentication_failed',
  AUTH_UNAUTHORIZED: 'authentication_failed',
  MODEL_QUOTA_EXCEEDED: 'billing_error',
  USAGE_NOT_INCLUDED: 'billing_error',
  MODEL_CONTEXT_EXCEEDED: 'invalid_request',
  MODEL_REQUEST_FAILED: 'invalid_request',
  MODEL_OVERLOADED: 'server_error',
  MODEL_STREAM_BROKEN: 'server_error',
  MODEL_UNREACHABLE: 'server_error',
  MODEL_INCOMPLETE: 'max_output_tokens',
}

/** Why a turn failed, in the words that matchers of StopFailure are compared with. */
export function turnErrorOf(error: HooklineError | undefined): TurnError {
  return (error && kinds[error.code]) ?? 'unknown'
}
