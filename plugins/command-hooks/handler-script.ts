import { isolateKey, type IsolateOutcome } from 'hookline'
import {
  answered,
  broken,
  type HandlerKind,
  type HandlerRun,
  type KindFacts,
} from './handler-run.ts'
import type { ProcessResult } from './outcome.ts'

function resultOf(outcome: IsolateOutcome): ProcessResult {
  if (!outcome.ok) {
    return outcome.kind === 'aborted'
      ? { kind: 'interrupted' }
      : broken(`hook failed: ${outcome.message}`)
  }
  const { value } = outcome
  if (value === undefined || value === null) return answered('')
  if (typeof value === 'string') return answered(value)
  if (typeof value === 'object' && !Array.isArray(value)) return answered(JSON.stringify(value))
  return broken('hook returned something that is neither an object nor a text')
}

/** Runs the script of a handler in an isolate. */
export function scriptKind({ services }: KindFacts): HandlerKind {
  async function run({ handler, input, signal }: HandlerRun): Promise<ProcessResult> {
    const { work, script } = handler
    if (work?.type !== 'script' || !script) return broken('hook has no script')
    const isolate = services.find(isolateKey, 'default')
    if (!isolate) return broken('hook cannot run: nothing here runs scripts')
    const { source, name } = script
    const limits = { timeoutMs: work.timeoutMs, memoryMiB: work.memoryMiB }
    return resultOf(await isolate.run({ source, name, input: input.fields, limits, signal }))
  }
  return { run }
}
