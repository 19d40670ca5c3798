// usage: node --conditions=hookline-source test/bench/hooks.ts [RUNS]   what a command hook costs its caller
import { spawnAgent, type SpawnAgent } from 'hookline/kit'
import { runCommand } from '../../plugins/command-hooks/run.ts'
import { median, pairedRatio, row } from './figures.ts'

const runs = Number(process.argv[2] ?? 200)
const grownMiB = 200
const shells = ['/bin/sh', '/bin/bash']
const env = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8' }
const input = JSON.stringify({ hook_event_name: 'PreToolUse', padding: 'x'.repeat(980) })

/** The classic hook: it reads its input and has nothing to say. */
async function hook(shell: string, agent?: SpawnAgent): Promise<number> {
  const command = { command: 'cat >/dev/null', shell, cwd: '/', env, input, timeoutSec: 60 }
  const began = performance.now()
  const result = await runCommand({ ...command, ...(agent && { agent }) })
  if (result.kind !== 'exited' || result.code !== 0) throw new Error(JSON.stringify(result))
  return performance.now() - began
}

interface Series {
  readonly direct: readonly number[]
  readonly agent: readonly number[]
}

/** One and the other in turn, so that a drifting machine hits both alike. */
async function alternate(shell: string, agent: SpawnAgent): Promise<Series> {
  const series = { direct: [] as number[], agent: [] as number[] }
  for (let at = -20; at < runs; at += 1) {
    const pair = [await hook(shell), await hook(shell, agent)] as const
    if (at < 0) continue
    series.direct.push(pair[0])
    series.agent.push(pair[1])
  }
  return series
}

function figures(values: readonly number[]): string {
  const sorted = values.toSorted((left, right) => left - right)
  const p95 = sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN
  return `${median(sorted).toFixed(2)} [${sorted[0]?.toFixed(2)}..${p95.toFixed(2)}]`
}

/** Memory as a long session has it: many small things. */
function grow(): unknown {
  const before = process.memoryUsage.rss()
  const held: unknown[] = []
  while (process.memoryUsage.rss() < before + grownMiB * 2 ** 20)
    held.push(Array.from({ length: 1000 }, (_, at) => ({ at, held })))
  return held
}

async function measure(agent: SpawnAgent): Promise<ReadonlyMap<string, Series>> {
  const all = new Map<string, Series>()
  for (const shell of shells) all.set(shell, await alternate(shell, agent))
  return all
}

await using agent = spawnAgent()
const fresh = await measure(agent)
const before = process.memoryUsage().rss
const held = grow()
const grown = await measure(agent)
const addedMiB = (process.memoryUsage().rss - before) / 2 ** 20

console.log(`\`cat >/dev/null\`, 1 KiB of input, ${runs} runs; ms, median [least..95th percentile]`)
for (const shell of shells) {
  const [one, other] = [fresh.get(shell), grown.get(shell)]
  if (!one || !other) continue
  const cost = median(one.agent)
  const growth = cost > 0 ? median(other.agent) / cost : Number.NaN
  console.log(row(`${shell}: started directly`, figures(one.direct)))
  console.log(row(`${shell}: by the agent`, figures(one.agent), { text: '<= 2.0', met: cost <= 2 }))
  console.log(row(`${shell}: agent / direct`, pairedRatio(one.agent, one.direct).toFixed(2)))
  console.log(row(`${shell}: directly, ${addedMiB.toFixed(0)} MiB more`, figures(other.direct)))
  console.log(
    row(`${shell}: by the agent, ${addedMiB.toFixed(0)} MiB more`, figures(other.agent), {
      text: '<= 1.20 times',
      met: growth <= 1.2,
    }),
  )
}
// Kept until here, whatever a collector thinks of it.
if (!held) throw new Error('nothing was held')
