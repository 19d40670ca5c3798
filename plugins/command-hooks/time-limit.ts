import type { HandlerRun } from './handler-run.ts'
import type { ProcessResult } from './outcome.ts'

/**
 * Does what a run takes, and gives it up when its time is over or its turn ends: its signal is aborted, and whether it
 * listens to that or not, nobody waits any longer.
 */
export async function withinLimits(
  { handler, signal: outer }: HandlerRun,
  act: (signal: AbortSignal) => Promise<ProcessResult>,
): Promise<ProcessResult> {
  if (outer?.aborted) return { kind: 'interrupted' }
  const controller = new AbortController()
  const cut = Promise.withResolvers<ProcessResult>()
  const giveUp = (result: ProcessResult) => {
    cut.resolve(result)
    controller.abort()
  }
  const seconds = handler.timeoutSec
  const timer = setTimeout(() => giveUp({ kind: 'timed_out', seconds }), seconds * 1000)
  const stop = () => giveUp({ kind: 'interrupted' })
  outer?.addEventListener('abort', stop, { once: true })
  const acting = act(controller.signal)
  try {
    return await Promise.race([cut.promise, acting])
  } finally {
    clearTimeout(timer)
    outer?.removeEventListener('abort', stop)
    // What it still fails with after that is nobody's business.
    acting.catch(() => {})
  }
}
