import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  agentsFor,
  measure,
  removeWorkplace,
  workplace,
  type Agent,
  type RunFigures,
} from './agents.ts'
import { median, pairedDifference, pairedRatio, row, spread } from './figures.ts'
import { sessionCost, tapUs, unusedHookNs } from './in-process.ts'
import { benchModel, type BenchModel } from './model.ts'

const repository = join(import.meta.dirname, '../..')
const runs = Number(process.env['BENCH_RUNS'] ?? 12)

type Series = ReadonlyMap<string, readonly RunFigures[]>

/** Runs the agents in turn, A B C A B C, so that a drifting machine hits all alike. */
async function alternate(
  agents: readonly Agent[],
  model: BenchModel,
  wanted: { readonly hooks: number; readonly calls: number; readonly rounds: number },
): Promise<Series> {
  const series = new Map<string, RunFigures[]>(agents.map(({ name }) => [name, []]))
  const work = workplace(model, wanted.hooks)
  // The first round warms up and is not counted.
  const turns = Array.from({ length: wanted.rounds + 1 }, (_, round) =>
    agents.map((agent) => ({ round, agent })),
  ).flat()
  try {
    for (const { round, agent } of turns) {
      const figures = await measure(agent, model, { work, calls: wanted.calls })
      if (round > 0) series.get(agent.name)?.push(figures)
    }
  } finally {
    removeWorkplace(work)
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

function reportCalls(plain: Series, hooked: Series): void {
  console.log('\nTool calls: `true`, one after the other, no sandbox (ms for each call)')
  for (const name of plain.keys())
    console.log(row(`  ${name}: no hooks`, spread(figuresOf(plain, name, 'perCallMs'))))
  for (const name of hooked.keys())
    console.log(
      row(`  ${name}: one hook before and one after`, spread(figuresOf(hooked, name, 'perCallMs'))),
    )
  const over = pairedDifference(
    figuresOf(plain, 'hookline', 'perCallMs'),
    figuresOf(plain, 'floor', 'perCallMs'),
  )
  console.log(
    row('  hookline over floor, no hooks', `${over.toFixed(2)} ms`, {
      text: '<= 2 ms',
      met: over <= 2,
    }),
  )
  const added = pairedDifference(
    figuresOf(hooked, 'hookline', 'perCallMs'),
    figuresOf(plain, 'hookline', 'perCallMs'),
  )
  console.log(
    row('  two command hooks add', `${added.toFixed(2)} ms`, { text: '<= 5 ms', met: added <= 5 }),
  )
}

async function main(): Promise<void> {
  console.log(
    `Node ${process.versions.node}, ${cpus().length} processors (${cpus()[0]?.model}); ${runs} alternating runs`,
  )
  await using model = await benchModel()
  const agents = agentsFor(model, repository)
  reportStart(await alternate(agents, model, { hooks: 0, calls: 0, rounds: runs }))
  const rounds = Math.max(3, Math.floor(runs / 3))
  const plain = await alternate(agents, model, { hooks: 0, calls: 100, rounds })
  reportCalls(plain, await alternate(agents, model, { hooks: 1, calls: 100, rounds }))
  const mine = agents.filter(({ name }) => name === 'hookline')
  const long = await alternate(mine, model, { hooks: 0, calls: 1000, rounds: 1 })
  const grown =
    median(figuresOf(long, 'hookline', 'peakMiB')) - median(figuresOf(plain, 'hookline', 'peakMiB'))
  console.log('\nMemory and the kernel')
  console.log(
    row('  1,000 calls against 100: growth, MiB', grown.toFixed(0), {
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
