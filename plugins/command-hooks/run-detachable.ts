import { runToEnd } from 'hookline/kit'
import { answered, type DetachedRun } from './handler-run.ts'
import type { ProcessResult } from './outcome.ts'
import { graceMs, programOf, resultOf, startFailure, type CommandRun } from './run.ts'
import { isTable } from './shape.ts'

/** No declaration is longer; what is, is ordinary output. */
const longestDeclaration = 4096

interface Declaration {
  readonly timeoutMs: number | undefined
}

/** Reads `{"async":true,"asyncTimeout":ms}`; undefined: the line is something else. */
function declarationOf(line: string): Declaration | undefined {
  if (!line.startsWith('{') || !line.includes('async')) return undefined
  try {
    const value: unknown = JSON.parse(line)
    if (!isTable(value) || value['async'] !== true) return undefined
    const { asyncTimeout } = value
    const isTime = typeof asyncTimeout === 'number' && asyncTimeout > 0
    return { timeoutMs: isTime ? Math.min(asyncTimeout, 2 ** 31 - 1) : undefined }
  } catch {
    return undefined
  }
}

/** Looks for a declaration in the first line of an output, and no further. */
class FirstLine {
  readonly #found: (declaration: Declaration) => void
  readonly #decoder = new TextDecoder()
  #text: string | undefined = ''

  constructor(found: (declaration: Declaration) => void) {
    this.#found = found
  }

  take(chunk: Uint8Array): void {
    if (this.#text === undefined) return
    this.#text += this.#decoder.decode(chunk, { stream: true })
    const end = this.#text.indexOf('\n')
    if (end < 0 && this.#text.length <= longestDeclaration) return
    const declaration = end < 0 ? undefined : declarationOf(this.#text.slice(0, end).trim())
    this.#text = undefined
    if (declaration) this.#found(declaration)
  }
}

function withoutFirstLine(result: ProcessResult): ProcessResult {
  if (result.kind !== 'exited') return result
  return { ...result, stdout: result.stdout.slice(result.stdout.indexOf('\n') + 1) }
}

/** Ends a run by its time or from outside, whichever comes first, and knows which it was. */
class Limits implements Disposable {
  readonly #controller = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #outer: AbortSignal | undefined
  #why: ProcessResult | undefined
  readonly #abort = () => this.abort()

  constructor(timeoutSec: number, outer: AbortSignal | undefined) {
    this.limit(timeoutSec * 1000)
    if (outer?.aborted) this.abort()
    outer?.addEventListener('abort', this.#abort, { once: true })
    this.#outer = outer
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Why the run was ended. */
  get why(): ProcessResult {
    return this.#why ?? { kind: 'interrupted' }
  }

  /** Counts from now on. */
  limit(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#end({ kind: 'timed_out', seconds: ms / 1000 }), ms)
  }

  abort(): void {
    this.#end({ kind: 'interrupted' })
  }

  /** From now on it lives by its time limit, and by `abort`. */
  release(): void {
    this.#outer?.removeEventListener('abort', this.#abort)
    this.#outer = undefined
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.release()
  }

  #end(why: ProcessResult): void {
    this.#why ??= why
    this.#controller.abort()
  }
}

/**
 * Runs a command that may say in its first line that it goes on by itself. Then the run is over without an answer, and
 * `detach` is given the rest of it.
 */
export async function runDetachable(
  run: CommandRun,
  detach: (rest: DetachedRun) => void,
): Promise<ProcessResult> {
  const { cwd, env, input, timeoutSec, signal, agent, urgent } = run
  const limits = new Limits(timeoutSec, signal)
  const detached = Promise.withResolvers<ProcessResult>()
  let isDetached = false
  const execute = async (): Promise<ProcessResult> => {
    using held = limits
    const first = new FirstLine(({ timeoutMs }) => {
      isDetached = true
      limits.release()
      limits.limit(timeoutMs ?? timeoutSec * 1000)
      detached.resolve(answered(''))
    })
    try {
      const onStdout = (chunk: Uint8Array) => first.take(chunk)
      const program = programOf(run, env)
      const ended = await runToEnd({
        ...program,
        cwd,
        input,
        graceMs,
        agent,
        ...(urgent && { urgent }),
        onStdout,
        signal: held.signal,
      })
      if (ended.aborted) return limits.why
      return isDetached ? withoutFirstLine(resultOf(ended)) : resultOf(ended)
    } catch (error) {
      return startFailure(error)
    }
  }
  const ended = execute()
  const result = await Promise.race([ended, detached.promise])
  if (!isDetached) return result
  detach({ ended, abort: () => limits.abort() })
  return answered('')
}
