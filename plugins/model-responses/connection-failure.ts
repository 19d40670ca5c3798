import { HooklineError, messageOf } from 'hookline'
import { oneLine } from './one-line.ts'

/** The stream ended, or cannot be read, before the response was complete. */
export function broken(
  why: string,
  options: { readonly cause?: unknown; readonly retryable?: boolean } = {},
): HooklineError {
  return new HooklineError(
    'MODEL_STREAM_BROKEN',
    `stream disconnected before completion: ${oneLine(why)}`,
    {
      cause: options.cause,
      retry: { phase: 'stream', retryable: options.retryable ?? true },
    },
  )
}

const certificateFault = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ERR_TLS/
const neverMended = /^(ERR_SSL_|EPROTO|HPE_|ERR_INVALID)/

/** No answer came: refused, unknown host, cut, bad certificate. */
export function unreachable(provider: string, url: string, error: unknown): HooklineError {
  const { code, text } = faultOf(error)
  const certificate = certificateFault.test(code)
  const hint = certificate
    ? 'name the certificates of your network in HOOKLINE_CA_CERTIFICATE or NODE_EXTRA_CA_CERTS'
    : 'check the network and base_url of the provider'
  return new HooklineError(
    'MODEL_UNREACHABLE',
    `provider "${provider}" cannot be reached at ${url}: ${oneLine(text)}`,
    {
      hint,
      cause: error,
      retry: { phase: 'open', retryable: !certificate && !neverMended.test(code) },
    },
  )
}

/** The deepest cause, which says more than "fetch failed". */
export function faultOf(error: unknown): { readonly code: string; readonly text: string } {
  let fault = error
  while (fault instanceof Error && fault.cause instanceof Error) fault = fault.cause
  if (fault instanceof AggregateError && fault.errors.length > 0) fault = fault.errors[0]
  const code =
    fault instanceof Error && 'code' in fault && typeof fault.code === 'string' ? fault.code : ''
  const text = messageOf(fault)
  return { code, text: text === '' ? code : text }
}
