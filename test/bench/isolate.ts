// usage: node --conditions=hookline-source test/bench/isolate.ts [RUNS]   what a script in an isolate costs its caller
import { setTimeout as delay } from 'node:timers/promises'
import { bundledHost } from '../../plugins/isolate-host/bundled-host.ts'
import { findHostCommand } from '../../plugins/isolate-host/host-command.ts'
import { IsolateHosts } from '../../plugins/isolate-host/isolate-hosts.ts'
import { median, row } from './figures.ts'

const runs = Number(process.argv[2] ?? 300)
const source = [
  'const { command } = event.tool_input',
  "if (/\\brm\\s+-rf\\b/.test(command)) return { decision: 'block', reason: 'no' }",
  'return {}',
].join('\n')
const input = {
  hook_event_name: 'PreToolUse',
  tool_name: 'Bash',
  tool_input: { command: 'npm test -- --reporter=dot' },
  cwd: '/somewhere',
  padding: 'x'.repeat(1_000),
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

async function once(hosts: IsolateHosts): Promise<void> {
  const outcome = await hosts.run({ source, input })
  if (!outcome.ok) throw new Error(outcome.message)
}

function figures(values: readonly number[]): string {
  const sorted = values.toSorted((left, right) => left - right)
  const p95 = sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN
  return `${median(sorted).toFixed(2)} [${sorted[0]?.toFixed(2)}..${p95.toFixed(2)}]`
}

await using host = await bundledHost()
const find = () => findHostCommand(host.file)

const cold: number[] = []
for (let at = 0; at < 10; at += 1) {
  await using hosts = new IsolateHosts(find)
  cold.push(await timed(() => once(hosts)))
}

await using hosts = new IsolateHosts(find)
for (let at = 0; at < 20; at += 1) await once(hosts)
const spaced: number[] = []
for (let at = 0; at < runs; at += 1) {
  await delay(10)
  spaced.push(await timed(() => once(hosts)))
}
const together: number[] = []
for (let at = 0; at < runs / 10; at += 1) {
  await delay(20)
  together.push(await timed(() => Promise.all([once(hosts), once(hosts), once(hosts)])))
}
const inRow: number[] = []
for (let at = 0; at < runs; at += 1) inRow.push(await timed(() => once(hosts)))

const met = median(spaced) <= 0.7
console.log('ms, median [least..95th percentile]')
console.log(row('first run, host started for it', figures(cold)))
console.log(row('warm run', figures(spaced), { text: '0.7', met }))
console.log(row('three warm runs at once', figures(together)))
console.log(row('runs in a row without a pause', figures(inRow)))
