import { HooklineError, messageOf, wrapError } from 'hookline'

const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
/** As for SIGPIPE, which Node turns into an error. */
const brokenPipeCode = 141

type SignalName = keyof typeof codes
const names: readonly SignalName[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Calls `stop` at the first SIGINT, SIGTERM or SIGHUP; the second one ends the process at once. */
export function stopOnSignals(
  stop: (name: string) => Promise<void>,
): Disposable & { exitCode(): number | undefined } {
  let received: SignalName | undefined
  const onSignal = (name: SignalName) => {
    if (received) process.exit(codes[name])
    received = name
    void stop(name)
  }
  for (const name of names) process.on(name, onSignal)
  return {
    exitCode: () => received && codes[received],
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, onSignal)
    },
  }
}

/** Why a command ends before it is done. */
export interface Stop {
  readonly reason: string
  readonly exitCode: number
  /** Absent where nothing is wrong: after a signal, or when nobody reads the output any more. */
  readonly error?: Error
}

/** What has happened to a command that is under way. */
export interface Stops extends Disposable {
  /** Undefined while the command may go on. */
  readonly first: Stop | undefined
}

function faultOfOutput(error: Error): Stop {
  if ('code' in error && error.code === 'EPIPE') {
    return { reason: 'nobody reads the output any more', exitCode: brokenPipeCode }
  }
  const reason = `the output cannot be written: ${messageOf(error)}`
  return {
    reason,
    exitCode: 1,
    error: new HooklineError('FILE_WRITE_FAILED', reason, {
      hint: 'check where stdout leads to',
      cause: error,
    }),
  }
}

function ignore(): void {}

/**
 * Calls `stop` at the first signal, when stdout fails, or when an error escapes that nobody awaits, such as one in a
 * timer of a plugin. A signal after that ends the process at once.
 */
export function watchForStops(stop: (why: Stop) => void): Stops {
  let first: Stop | undefined
  const take = (why: Stop) => {
    if (first) return
    first = why
    stop(why)
  }
  const onSignal = (name: SignalName) => {
    if (first) process.exit(codes[name])
    take({ reason: `stopped by ${name}`, exitCode: codes[name] })
  }
  const onError = (error: unknown) =>
    take({
      reason: `stopped by an error that nobody caught: ${messageOf(error)}`,
      exitCode: 1,
      error: wrapError(error, 'INTERNAL'),
    })
  for (const name of names) process.on(name, onSignal)
  process.on('uncaughtException', onError)
  const onOutputError = (error: Error) => take(faultOfOutput(error))
  process.stdout.on('error', onOutputError)
  // These stay: a write that failed may be told of after the last one was made.
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore)
  }
  return {
    get first() {
      return first
    },
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, onSignal)
      process.off('uncaughtException', onError)
      process.stdout.off('error', onOutputError)
    },
  }
}
