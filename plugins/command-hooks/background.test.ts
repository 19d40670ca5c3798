import { describe, expect, it } from 'vitest'
import { Background, type AsyncRun } from './background.ts'
import type { Outcome } from './verdict.ts'

function listener() {
  const [told, warned]: [string[], string[]] = [[], []]
  const log = { debug() {}, info() {}, notice() {}, warn: (text: string) => void warned.push(text) }
  return { told, warned, later: { log, tell: (text: string) => void told.push(text) } }
}

const outcome = (context?: string, warning?: string): Outcome => ({
  status: 'completed',
  entries: warning === undefined ? [] : [{ kind: 'warning', text: warning }],
  effects: context === undefined ? {} : { context },
})

/** Runs that end when they are told to. */
function held(count: number) {
  const starts: boolean[] = []
  const ends = Array.from({ length: count }, () => Promise.withResolvers<void>())
  const runs = ends.map(({ promise }, at): AsyncRun => async () => {
    starts[at] = true
    await promise
    return outcome(`run ${at}`)
  })
  return {
    runs,
    end: (at: number) => ends[at]?.resolve(),
    started: () => Object.keys(starts).length,
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('runs that nobody waits for', () => {
  it('tell their context and their warnings once they have ended', async () => {
    const { told, warned, later } = listener()
    const background = new Background(later)
    background.start(async () => outcome('context', 'mind'))
    background.start(async () => undefined)
    background.start(async () => outcome())
    expect(told).toEqual([])
    await settled()
    expect([told, warned]).toEqual([['context'], ['mind']])
  })

  it('wait for a place when many are running, and beyond that are left out', async () => {
    const { told, warned, later } = listener()
    const background = new Background(later)
    const { runs, end, started } = held(98)
    for (const run of runs) background.start(run)
    await settled()
    expect([started(), warned.length]).toEqual([32, 2])
    end(0)
    await settled()
    expect([started(), told]).toEqual([33, ['run 0']])
  })

  it('are ended with the session, and say nothing after it', async () => {
    const { told, later } = listener()
    const background = new Background(later)
    const { promise, resolve } = Promise.withResolvers<void>()
    background.start(async (signal) => {
      signal.addEventListener('abort', () => resolve())
      await promise
      return outcome('too late')
    })
    await background.close()
    expect(told).toEqual([])
  })
})
