import { longestMs } from './protocol.ts'

/**
 * Calls `onExpired` when a run has had its time. On a busy machine a run gets the processor late, so what counts is
 * how much this process has computed meanwhile, up to a limit by the clock. Returns what stops it.
 */
export function startClock(timeoutMs: number, onExpired: () => void): () => void {
  const began = performance.now()
  const usage = process.cpuUsage()
  const computedMs = () => {
    const { user, system } = process.cpuUsage(usage)
    return (user + system) / 1_000
  }
  const check = () => {
    const left = Math.min(
      timeoutMs - computedMs(),
      longestMs(timeoutMs) - (performance.now() - began),
    )
    if (left < 1) onExpired()
    else timer = setTimeout(check, left)
  }
  let timer = setTimeout(check, timeoutMs)
  return () => clearTimeout(timer)
}
