// usage: node --expose-gc --conditions=hookline-source test/bench/hook-kinds.ts [CALLS [NAME]]   what kinds of hooks add to a tool call
import { setTimeout as delay } from 'node:timers/promises'
import {
  definePlugin,
  isolateKey,
  modelKey,
  noUsage,
  type AnyPlugin,
  type ModelEvent,
} from 'hookline'
import { runTurn, scriptedTool, temporaryHome, testKernel, type TestKernel } from 'hookline/testing'
import { commandHooks } from '../../plugins/command-hooks/index.ts'
import { bundledHost } from '../../plugins/isolate-host/bundled-host.ts'
import { findHostCommand } from '../../plugins/isolate-host/host-command.ts'
import { IsolateHosts } from '../../plugins/isolate-host/isolate-hosts.ts'
import { median, pairedDifference, row } from './figures.ts'

const calls = Number(process.argv[2] ?? 400)
/** A part of the names of the rows that are wanted. */
const only = process.argv[3] ?? ''
const warmUp = 50
/** A conversation that grows makes every request dearer, so each series has several sessions. */
const mostCallsOfSession = 200

/** A session that makes one tool call a turn and says how long it took. */
interface Side extends AsyncDisposable {
  readonly test: TestKernel
  /** From the model's call to the next request, in µs. */
  call(): Promise<number>
}

interface Given {
  readonly hooks?: Readonly<Record<string, readonly unknown[]>>
  readonly dialect?: 'claude'
  readonly plugins?: readonly AnyPlugin[]
  /** What hooks see of the call. */
  readonly toInput?: (input: unknown) => unknown
}

interface CallingModel {
  readonly plugin: AnyPlugin
  readonly lastUs: () => number
}

/** A model that calls the shell in every other request, and takes the time between. */
function callingModel(): CallingModel {
  let at = 0
  let began = 0
  let took = 0
  const args = JSON.stringify({ command: 'npm test -- --reporter=dot', padding: 'x'.repeat(900) })
  const plugin = definePlugin({
    name: 'bench-model',
    power: 'decide',
    setup({ services }) {
      services.provide(modelKey, 'bench', () => ({
        name: 'bench',
        requestMaxRetries: 0,
        streamMaxRetries: 0,
        async *stream(): AsyncGenerator<ModelEvent> {
          at += 1
          if (at % 2 === 0) {
            took = (performance.now() - began) * 1000
            const parts = [{ type: 'text', text: 'done' } as const]
            yield {
              type: 'item',
              item: { type: 'message', id: `m${at}`, role: 'assistant', parts },
            }
          } else {
            const payload = { kind: 'json', text: args } as const
            began = performance.now()
            yield {
              type: 'item',
              item: { type: 'tool_call', id: `f${at}`, callId: `c${at}`, name: 'shell', payload },
            }
          }
          yield { type: 'completed', usage: noUsage }
        },
      }))
    },
  })
  return { plugin, lastUs: () => took }
}

async function side(given: Given): Promise<Side> {
  const { hooks, dialect, plugins = [], toInput = (input) => input } = given
  const text = JSON.stringify({ hooks, dialect })
  const files = { '.git/HEAD': '', ...(hooks && { 'hooks.json': text }) }
  const home = await temporaryHome(files)
  const model = callingModel()
  const view = { name: 'Bash', toInput, fromInput: (_input: unknown, next: unknown) => next }
  const tool = scriptedTool('shell', 'ok', { hooks: view })
  const test = await testKernel([model.plugin, tool, ...plugins, commandHooks], {
    home: home.path,
    settings: {
      model: 'bench',
      model_provider: 'bench',
      approval_policy: 'never',
      bypass_hook_trust: true,
      compat: [],
    },
  })
  return {
    test,
    async call() {
      await runTurn(test, 'do it')
      return model.lastUs()
    },
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]()
      await home[Symbol.asyncDispose]()
    },
  }
}

interface Series {
  readonly without: number[]
  readonly with: number[]
}

interface Measured {
  readonly given: Given
  /** Time between two calls with hooks; absent: none. */
  readonly apartMs?: number
  /** Hooks that should have run in so many calls of the side with hooks. */
  readonly runs: (calls: number) => number
}

/** A hook that failed, or that did not run, would look cheap. */
function check({ events, errors }: TestKernel, expected: number): void {
  const ends = events.flatMap((event) =>
    event.type === 'item_completed' && event.item.type === 'hook_run' ? [event.item.status] : [],
  )
  const failed = ends.filter((status) => status !== 'completed')
  if (failed.length > 0 || errors.length > 0 || ends.length !== expected)
    throw new Error(
      `${ends.length} hooks ran of ${expected}, ${failed.length} not well: ${errors.join(', ')}`,
    )
}

const sides = ['without', 'with'] as const

/** The same call without and with hooks in turn, so that a drifting machine hits both alike. */
async function session({ given, apartMs, runs }: Measured, count: number): Promise<Series> {
  await using plain = await side({})
  await using hooked = await side(given)
  const series: Series = { without: [], with: [] }
  globalThis.gc?.()
  for (let at = -warmUp; at < count; at += 1) {
    const us = { without: 0, with: 0 }
    for (const name of at % 2 === 0 ? sides : sides.toReversed()) {
      if (apartMs !== undefined) await delay(apartMs / 2)
      us[name] = await (name === 'with' ? hooked : plain).call()
    }
    if (at < 0) continue
    series.without.push(us.without)
    series.with.push(us.with)
  }
  check(hooked.test, runs(count + warmUp))
  return series
}

async function measure(measured: Measured): Promise<Series> {
  const all: Series = { without: [], with: [] }
  for (let left = calls; left > 0; left -= mostCallsOfSession) {
    const next = await session(measured, Math.min(left, mostCallsOfSession))
    all.without.push(...next.without)
    all.with.push(...next.with)
  }
  return all
}

async function report(name: string, measured: Measured, targetUs?: number): Promise<void> {
  if (!name.includes(only)) return
  const series = await measure(measured)
  const added = pairedDifference(series.with, series.without)
  const value = `${added.toFixed(0)} (${median(series.without).toFixed(0)} -> ${median(series.with).toFixed(0)})`
  const target = targetUs !== undefined && { text: `<= ${targetUs}`, met: added <= targetUs }
  console.log(target ? row(name, value, target) : row(name, value))
}

const preToolUse = (handler: object, more: object = {}) => ({
  PreToolUse: [{ hooks: [handler], ...more }],
})
const every = (count: number) => count
const none = () => 0

const answering = [
  "const lines = require('node:readline').createInterface({ input: process.stdin })",
  "lines.on('line', (line) => JSON.parse(line) && process.stdout.write('{}\\n'))",
].join('; ')
const kept = { type: 'command', persistent: true, timeout: 5 }
const keptNode = { ...kept, command: `exec node -e "${answering}"` }
const keptShell = { ...kept, command: "while read -r line; do echo '{}'; done" }
const script = {
  type: 'script',
  source: [
    'const { command } = event.tool_input',
    "if (/\\brm\\s+-rf\\b/.test(command)) return { decision: 'block', reason: 'no' }",
    'return {}',
  ].join('\n'),
}

const tap = definePlugin({
  name: 'bench-tap',
  power: 'decide',
  setup({ hooks }) {
    hooks.preToolUse.tap('nothing', () => undefined)
  },
})

/** As many groups, none of which is for the shell. */
const others = (count: number, more: object = {}) => ({
  PreToolUse: Array.from({ length: count }, (_, at) => ({
    matcher: `Other${at}|mcp__server${at}__.*`,
    hooks: [{ type: 'command', command: `exit ${at % 3}`, ...more }],
  })),
})

/** Groups for the shell whose handlers are kept from running by their own condition. */
const conditional = (count: number) => ({
  PreToolUse: Array.from({ length: count }, (_, at) => ({
    matcher: 'Bash',
    hooks: [{ type: 'command', command: `exit ${at % 3}`, if: `Bash(other${at} *)` }],
  })),
})

/** How often the input of one call is written as JSON for hooks. */
async function jsonOf(hooks: Given['hooks']): Promise<number> {
  let written = 0
  const toInput = (input: unknown) => ({ command: 'ls', toJSON: () => ((written += 1), input) })
  await using one = await side({ ...(hooks && { hooks }), toInput })
  await one.call()
  return written
}

await using host = await bundledHost()
await using hosts = new IsolateHosts(() => findHostCommand(host.file))
const isolate = definePlugin({
  name: 'bench-isolate',
  power: 'shape',
  setup({ services }) {
    services.provide(isolateKey, 'default', () => hosts)
  },
})

console.log(
  `what one PreToolUse handler adds to a tool call, ${calls} calls in turn with the same call without`,
)
console.log('µs, median of the differences (median without -> median with)')
const sh = { given: { hooks: preToolUse(keptShell) }, runs: every }
const node = { given: { hooks: preToolUse(keptNode) }, runs: every }
const isolated = { given: { hooks: preToolUse(script), plugins: [isolate] }, runs: every }
await report('no hook at all', { given: {}, runs: none })
await report('persistent command, node', node, 200)
await report('persistent command, node, calls 10 ms apart', { ...node, apartMs: 10 })
// Most of it is the shell, which reads a pipe byte by byte.
await report('persistent command, sh', sh)
await report('script, calls 10 ms apart', { ...isolated, apartMs: 10 }, 700)
await report('script', isolated)
await report('tap in process', { given: { plugins: [tap] }, runs: none }, 20)
await report('200 handlers, no matcher fits', { given: { hooks: others(200) }, runs: none }, 50)
const conditions: Given = { hooks: conditional(200), dialect: 'claude' }
await report('200 handlers, no condition fits', { given: conditions, runs: none })

if (only === '') {
  const unmatched = await jsonOf(others(200))
  const matched = await jsonOf(preToolUse({ type: 'command', command: 'true' }))
  if (matched === 0) throw new Error('a handler that runs was given no input')
  const name = `JSON written for no match of 200 (for a match: ${matched})`
  console.log(row(name, `${unmatched}`, { text: '0', met: unmatched === 0 }))
}
