import { afterAll, describe, expect, it } from 'vitest'
import { bundledHost } from './bundled-host.ts'
import { findHostCommand } from './host-command.ts'
import { IsolateHosts } from './isolate-hosts.ts'

const host = await bundledHost()
const hosts = new IsolateHosts(() => findHostCommand(host.file))

afterAll(async () => {
  await hosts[Symbol.asyncDispose]()
  await host[Symbol.asyncDispose]()
})

/** How a script may end; which of the ways depends on the machine. */
type Ends = 'error' | 'timeout' | 'memory' | 'crash'

const scripts: readonly (readonly [string, string, readonly Ends[]])[] = [
  ['a loop', 'for (;;);', ['timeout']],
  ['a loop in an expression', '(() => { for (;;); })()', ['timeout']],
  ['a loop in a module', 'for (;;);\nexport default () => 1', ['timeout']],
  ['a loop in a promise', 'Promise.resolve().then(() => { for (;;); }); return 1', ['timeout']],
  [
    'promises without end',
    'const f = () => Promise.resolve().then(f); f(); return 1',
    ['timeout', 'memory'],
  ],
  [
    'more and more promises',
    'const f = async () => { await 0; f(); f() }; f(); return 1',
    ['timeout', 'memory', 'crash'],
  ],
  [
    'a loop that catches its end',
    'for (;;) { try { for (;;); } catch {} finally { continue } }',
    ['timeout'],
  ],
  ['a slow expression', 'return /^(a+)+$/.test("a".repeat(40) + "b")', ['timeout']],
  [
    'a slow sort',
    'new Array(5e6).fill(0).map(Math.random).sort(); return 1',
    ['timeout', 'memory'],
  ],
  [
    'a product that grows',
    'let x = 3n; for (;;) x *= x; return 1',
    ['timeout', 'memory', 'crash', 'error'],
  ],
  [
    'arrays',
    'const a = []; for (;;) a.push(new Array(1e6).fill(0)); return 1',
    ['memory', 'timeout'],
  ],
  [
    'objects',
    'const a = []; for (;;) a.push([{ x: 1 }, { y: 2 }]); return 1',
    ['memory', 'timeout'],
  ],
  [
    'buffers',
    'const a = []; for (;;) a.push(new Uint8Array(2 ** 20).fill(1)); return 1',
    ['error', 'memory', 'timeout'],
  ],
  ['one huge array', 'new Array(2 ** 32 - 2).fill(0); return 1', ['timeout', 'memory', 'crash']],
  ['a text taken apart', '"x".repeat(2 ** 28).split(""); return 1', ['crash', 'memory', 'timeout']],
  [
    'a huge replacement',
    'return "ab".repeat(2 ** 27).replaceAll("a", "cc").length',
    ['memory', 'timeout', 'crash', 'error'],
  ],
  [
    'a map',
    'const m = new Map(); for (let i = 0; ; i += 1) m.set(i, i); return 1',
    ['memory', 'timeout', 'crash', 'error'],
  ],
  [
    'a set of texts',
    'const s = new Set(); for (let i = 0; ; i += 1) s.add("k" + i); return 1',
    ['memory', 'timeout', 'crash', 'error'],
  ],
  ['a text', 'let s = "x"; for (;;) s += s; return 1', ['error', 'memory', 'timeout']],
  [
    'huge JSON',
    'return JSON.stringify(new Array(2 ** 25).fill("x".repeat(32))).length',
    ['error', 'memory', 'timeout', 'crash'],
  ],
  [
    'a huge answer',
    'return new Array(1e7).fill("xxxxxxxx")',
    ['error', 'memory', 'timeout', 'crash'],
  ],
  [
    'an answer of huge depth',
    'let a = []; for (let i = 0; i < 1e5; i += 1) a = [a]; return a',
    ['error', 'timeout'],
  ],
  ['recursion', 'const f = () => f() + 1; return f()', ['error']],
  [
    'recursion in a trap',
    'const p = new Proxy({}, { get: (t, k) => p[k] }); return p.x',
    ['error'],
  ],
  ['a source of huge depth', `return ${'['.repeat(1e5)}${']'.repeat(1e5)}`, ['error', 'crash']],
  ['a throw that loops in a trap', 'throw new Proxy({}, { get() { for (;;); } })', ['timeout']],
  [
    'a module that throws such a thing',
    'throw new Proxy({}, { get() { for (;;); } })\nexport default () => 1',
    ['timeout'],
  ],
  [
    'a rejection with such a thing',
    'Promise.reject(new Proxy({}, { get() { for (;;); } })); return 1',
    ['timeout'],
  ],
  ['an answer that loops', 'return { toJSON() { for (;;); } }', ['timeout']],
  ['an answer that never comes', 'return { then() { for (;;); } }', ['timeout']],
]

describe('a script that does its worst', () => {
  it.each(scripts)('with %s ends by itself, and the next one runs', async (_what, source, ends) => {
    const began = performance.now()
    const outcome = await hosts.run({ source, input: null })
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(outcome.ok).toBe(false)
    expect(ends).toContain(outcome.ok ? 'value' : outcome.kind)
    const limits = { timeoutMs: 20_000 }
    expect(await hosts.run({ source: 'return 1 + 1', input: null, limits })).toEqual({
      ok: true,
      value: 2,
    })
  })

  it('leaves the answers of others alone, also where it takes the process down', async () => {
    const limits = { timeoutMs: 20_000 }
    const crash = {
      source: '"x".repeat(2 ** 28).split(""); return 1',
      input: null,
      limits,
      name: 'bad',
    }
    const busy = {
      source: 'let n = 0; for (let i = 0; i < 3e6; i += 1) n += i % 2; return n',
      input: null,
      limits,
    }
    const [bad, ...good] = await Promise.all([crash, busy, busy, busy].map((one) => hosts.run(one)))
    expect(bad).toMatchObject({ ok: false, kind: 'crash' })
    expect(bad).toHaveProperty(
      'message',
      expect.stringContaining('the process that ran bad ended: SIG'),
    )
    expect(good).toEqual([1, 2, 3].map(() => ({ ok: true, value: 1_500_000 })))
  })

  it('cannot take more memory than the machine can spare, however long it may run', async () => {
    const began = performance.now()
    const outcome = await hosts.run({
      source: 'new Array(2 ** 32 - 2).fill(0); return 1',
      input: null,
      limits: { timeoutMs: 300_000, memoryMiB: 16 },
      name: 'filler',
    })
    expect(outcome).toEqual({ ok: false, kind: 'memory', message: 'filler needs more than 16 MiB' })
    expect(performance.now() - began).toBeLessThan(25_000)
  })
})

describe('limits', () => {
  it('let a script have what it asks for', async () => {
    const source = 'return new Array(event).fill(0).map((_, i) => i).length'
    const run = (memoryMiB: number) =>
      hosts.run({ source, input: 4e6, limits: { memoryMiB, timeoutMs: 30_000 } })
    expect(await run(8)).toMatchObject({ ok: false, kind: 'memory' })
    expect(await run(512)).toEqual({ ok: true, value: 4e6 })
  })

  it('name the script and the limit', async () => {
    const outcome = await hosts.run({
      source: 'for (;;);',
      input: 0,
      name: 'spin',
      limits: { timeoutMs: 20 },
    })
    expect(outcome).toEqual({ ok: false, kind: 'timeout', message: 'spin takes longer than 20 ms' })
  })

  it.each([Number.NaN, -1, 0, 1e99, Number.POSITIVE_INFINITY])(
    'are brought into range: %s',
    async (memoryMiB) => {
      const limits = { memoryMiB, timeoutMs: 20_000 }
      expect(await hosts.run({ source: 'return 1', input: 0, limits })).toEqual({
        ok: true,
        value: 1,
      })
    },
  )
})

describe('a script that nobody waits for', () => {
  it('is ended, and its host lives on', async () => {
    const controller = new AbortController()
    const running = hosts.run({
      source: 'for (;;);',
      input: 0,
      limits: { timeoutMs: 600_000 },
      name: 'spin',
      signal: controller.signal,
    })
    expect(
      await hosts.run({ source: 'return 1', input: 0, limits: { timeoutMs: 20_000 } }),
    ).toMatchObject({ ok: true })
    controller.abort()
    expect(await running).toEqual({ ok: false, kind: 'aborted', message: 'spin was aborted' })
  })

  it('is not even started where the signal is aborted already', async () => {
    const outcome = await hosts.run({ source: 'return 1', input: 0, signal: AbortSignal.abort() })
    expect(outcome).toMatchObject({ ok: false, kind: 'aborted' })
  })
})
