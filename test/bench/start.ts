import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { agentsFor, measure, type RunFigures } from './agents.ts'
import { median, pairedDifference, pairedRatio, row, spread } from './figures.ts'
import { sessionCost, tapUs, unusedHookNs } from './in-process.ts'
import { benchModel, type BenchModel } from './model.ts'
import { removeWorkplace, workplace, type Agent } from './workplace.ts'

const repository = join(import.meta.dirname, '../..')
const runs = Number(process.env['BENCH_RUNS'] ?? 12)

/** An agent with what it is given to do. */
interface Variant {
  readonly name: string
  readonly agent: Agent
  /** Command hooks before each call, and as many after it. */
  readonly hooks: number
  readonly calls: number
}

type Series = ReadonlyMap<string, readonly RunFigures[]>

/** Runs all variants in turn, A B C A B C, so that a drifting machine hits all alike. The first round warms up. */
async function alternate(
  variants: readonly Variant[],
  model: BenchModel,
  rounds: number,
): Promise<Series> {
  const series = new Map<string, RunFigures[]>(variants.map(({ name }) => [name, []]))
  const works = new Map(
    variants.map((variant) => [variant, workplace(variant.agent, variant.hooks)]),
  )
  const turns = Array.from({ length: rounds + 1 }, (_, round) =>
    variants.map((variant) => ({ round, variant })),
  ).flat()
  try {
    for (const { round, variant } of turns) {
      const work = works.get(variant) ?? workplace(variant.agent, variant.hooks)
      const figures = await measure(variant.agent, model, { work, calls: variant.calls })
      if (round > 0) series.get(variant.name)?.push(figures)
    }
  } finally {
    for (const work of works.values()) removeWorkplace(work)
  }
  return series
}

function figuresOf(series: Series, name: string, key: keyof RunFigures): readonly number[] {
  return (series.get(name) ?? []).map((figures) => figures[key])
}

function reportStart(series: Series): void {
  console.log('\nStart: a session of one message (ms, median [min..max])')
  for (const name of series.keys())
    console.log(
      row(`  ${name}: spawn to first request`, spread(figuresOf(series, name, 'firstRequestMs'))),
    )
  for (const name of series.keys())
    console.log(row(`  ${name}: whole session`, spread(figuresOf(series, name, 'wallMs'))))
  for (const name of series.keys())
    console.log(row(`  ${name}: peak memory, MiB`, spread(figuresOf(series, name, 'peakMiB'))))
  const mine = figuresOf(series, 'hookline', 'firstRequestMs')
  const overFloor = pairedRatio(mine, figuresOf(series, 'floor', 'firstRequestMs'))
  console.log(
    row('  hookline / floor, first request', overFloor.toFixed(2), {
      text: '<= 2.00',
      met: overFloor <= 2,
    }),
  )
  if (series.has('codex')) {
    const ratio = pairedRatio(mine, figuresOf(series, 'codex', 'firstRequestMs'))
    console.log(
      row('  hookline / codex, first request', ratio.toFixed(2), {
        text: '<= 0.75',
        met: ratio <= 0.75,
      }),
    )
  }
  const peak = median(figuresOf(series, 'hookline', 'peakMiB'))
  console.log(
    row('  hookline: memory of a session of one message, MiB', peak.toFixed(0), {
      text: '< 100',
      met: peak < 100,
    }),
  )
}

const hooked = ' with one hook before and one after'

function reportCalls(series: Series): void {
  console.log('\nTool calls: `true`, one after the other, no sandbox (ms for each call)')
  const perCall = (name: string) => figuresOf(series, name, 'perCallMs')
  for (const name of series.keys()) console.log(row(`  ${name}`, spread(perCall(name))))
  const over = pairedDifference(perCall('hookline'), perCall('floor'))
  console.log(
    row('  hookline over floor, no hooks', `${over.toFixed(2)} ms`, {
      text: '<= 2 ms',
      met: over <= 2,
    }),
  )
  const added = pairedDifference(perCall(`hookline${hooked}`), perCall('hookline'))
  console.log(
    row('  two command hooks add', `${added.toFixed(2)} ms`, { text: '<= 5 ms', met: added <= 5 }),
  )
  const floorAdds = pairedDifference(perCall(`floor${hooked}`), perCall('floor'))
  console.log(row('  the same two add to the floor', `${floorAdds.toFixed(2)} ms`))
  const peers = [...series.keys()].filter((name) => !['floor', 'hookline'].includes(name))
  for (const name of peers.filter((peer) => series.has(peer + hooked))) {
    const peerAdds = pairedDifference(perCall(name + hooked), perCall(name))
    console.log(row(`  ${name}: two hooks add`, `${peerAdds.toFixed(2)} ms`))
    console.log(`  hookline adds less than ${name}: ${added < peerAdds ? 'yes' : 'no'}`)
  }
}

async function main(): Promise<void> {
  console.log(
    `Node ${process.versions.node}, ${cpus().length} processors (${cpus()[0]?.model}); ${runs} alternating runs`,
  )
  await using model = await benchModel()
  const agents = agentsFor(model, repository)
  const variants = (calls: number, hooks = 0): readonly Variant[] =>
    agents
      .filter(({ commandHooks }) => hooks === 0 || commandHooks)
      .map((agent) => ({
        name: hooks > 0 ? `${agent.name}${hooked}` : agent.name,
        agent,
        hooks,
        calls,
      }))
  const start = await alternate(variants(0), model, runs)
  reportStart(start)
  const rounds = Math.max(3, Math.floor(runs / 3))
  reportCalls(await alternate([...variants(100), ...variants(100, 1)], model, rounds))
  const mine = variants(1000).filter(({ name }) => name === 'hookline')
  const long = await alternate(mine, model, 3)
  const grown =
    median(figuresOf(long, 'hookline', 'endMiB')) - median(figuresOf(start, 'hookline', 'endMiB'))
  console.log('\nMemory and the kernel')
  console.log(
    row('  1,000 calls against none: more memory at the end, MiB', grown.toFixed(0), {
      text: '< 40',
      met: grown < 40,
    }),
  )
  const unused = unusedHookNs()
  console.log(
    row('  unused hook point', `${unused.toFixed(0)} ns`, {
      text: '<= 200 ns',
      met: unused <= 200,
    }),
  )
  console.log(row('  one tap in process', `${(await tapUs()).toFixed(2)} µs`))
  const home = mkdtempSync(join(tmpdir(), 'hookline-bench-'))
  const cost = await sessionCost(1000, home)
  rmSync(home, { recursive: true, force: true })
  console.log(
    row('  1,000 sessions: each', `${cost.ms.toFixed(2)} ms`, {
      text: '<= 2 ms',
      met: cost.ms <= 2,
    }),
  )
  console.log(
    row('  1,000 sessions: heap of each', `${cost.kib.toFixed(0)} KiB`, {
      text: '<= 300 KiB',
      met: cost.kib <= 300,
    }),
  )
}

await main()
