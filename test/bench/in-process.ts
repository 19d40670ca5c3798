import { definePlugin, createHost, type AnyPlugin } from 'hookline'
import { builtins } from 'hookline/cli'
import { HookRow } from '../../core/taps.ts'
import { median } from './figures.ts'

const call = {
  signal: new AbortController().signal,
  turn: undefined,
  show: () => ({ id: '', update: () => {}, end: () => {} }),
}

/** What a hook point costs that nobody taps, asked as the loop asks it, in ns. */
export function unusedHookNs(): number {
  const row = new HookRow()
  const rounds = 200_000
  const runs = Array.from({ length: 7 }, () => {
    const began = performance.now()
    let used = 0
    for (let at = 0; at < rounds; at += 1) if (row.isUsed('preToolUse')) used += 1
    return ((performance.now() - began) * 1e6) / (rounds + used)
  })
  return median(runs)
}

/** What one tap in process adds to a call of a hook point, in µs. */
export async function tapUs(): Promise<number> {
  const row = new HookRow()
  const log = { debug: () => {}, info: () => {}, notice: () => {}, warn: () => {} }
  const taps = row.view({
    name: 'bench',
    power: 'decide',
    builtin: true,
    log,
    signal: new AbortController().signal,
  })
  taps.modelRequest.tap('nothing', () => undefined)
  // A hook point hands on what it is given; the bench gives it an empty request.
  const value = {} as Parameters<typeof row.refine<'modelRequest'>>[1]
  const rounds = 20_000
  const runs: number[] = []
  for (let run = 0; run < 7; run += 1) {
    const began = performance.now()
    for (let at = 0; at < rounds; at += 1) await row.refine('modelRequest', value, call)
    runs.push(((performance.now() - began) * 1000) / rounds)
  }
  return median(runs)
}

const silentModel: AnyPlugin = definePlugin({ name: 'bench-nothing', setup: () => {} })

/** Makes sessions with all built-ins in one process: ms and KiB of heap for each. */
export async function sessionCost(
  count: number,
  home: string,
): Promise<{ readonly ms: number; readonly kib: number }> {
  const plugins = [
    ...builtins({ overrides: ['model_provider="offline"', 'model="offline"'] }),
    silentModel,
  ]
  const host = createHost({ home, plugins })
  const open = () => host.session({ cwd: home, source: 'bench', ephemeral: true })
  const warm = await Promise.all(Array.from({ length: 20 }, open))
  await Promise.all(warm.map((session) => session.close()))
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  const began = performance.now()
  const sessions = []
  for (let at = 0; at < count; at += 1) sessions.push(await open())
  const ms = (performance.now() - began) / count
  globalThis.gc?.()
  const kib = (process.memoryUsage().heapUsed - before) / 1024 / count
  await Promise.all(sessions.map((session) => session.close()))
  return { ms, kib }
}
