import { longestMs } from './protocol.ts'

const checkMs = 50

/** What ends a run: it has had its time, or the process has not enough memory for it any more. */
export interface ClockOptions {
  readonly timeoutMs: number
  readonly isStarving: () => boolean
  readonly onExpired: () => void
  readonly onStarved: () => void
}

/**
 * Watches over a run. On a busy machine it gets the processor late, so what counts is how much this process has
 * computed meanwhile, up to a limit by the clock. Returns what ends the watch.
 */
export function startClock(options: ClockOptions): () => void {
  const { timeoutMs, isStarving, onExpired, onStarved } = options
  const began = performance.now()
  const usage = process.cpuUsage()
  const leftMs = () => {
    const passed = performance.now() - began
    if (passed < timeoutMs) return timeoutMs - passed
    const { user, system } = process.cpuUsage(usage)
    return Math.min(timeoutMs - (user + system) / 1_000, longestMs(timeoutMs) - passed)
  }
  const check = () => {
    const left = leftMs()
    if (isStarving()) onStarved()
    else if (left < 1) onExpired()
    else timer = setTimeout(check, Math.min(left, checkMs))
  }
  let timer = setTimeout(check, Math.min(timeoutMs, checkMs))
  return () => clearTimeout(timer)
}
