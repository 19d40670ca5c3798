import { afterAll, describe, expect, it } from 'vitest'
import { bundledHost } from './bundled-host.ts'
import { findHostCommand } from './host-command.ts'
import { IsolateHosts } from './isolate-hosts.ts'
import { likelyForm } from './source-form.ts'

const host = await bundledHost()
const hosts = new IsolateHosts(() => findHostCommand(host.file))
// For answers alone: what a busy machine does to them is no matter here.
const limits = { timeoutMs: 20_000 }

afterAll(async () => {
  await hosts[Symbol.asyncDispose]()
  await host[Symbol.asyncDispose]()
})

const run = (source: string, input: unknown = { x: 1 }) =>
  hosts.run({ source, input, limits, name: 'hook.js' })

describe('the forms of a source', () => {
  it.each([
    ['a body', 'return event.x + 1', 2],
    ['an empty answer', 'return', undefined],
    ['a body that waits', 'return (await Promise.resolve(event)).x', 1],
    ['a body that ends in a comment', 'return 1 // one', 1],
    ['a body with helpers', 'function one() { return 1 }\nreturn one()', 1],
    ['a body that begins with a bracket', '(() => {})()\nreturn 5', 5],
    ['a body that quotes a module', 'return `\nexport default 1`', '\nexport default 1'],
    ['an arrow function', '(event) => event.x', 1],
    ['an arrow function without brackets', 'event => event.x;', 1],
    ['an asynchronous arrow function', 'async ({ x }) => [await x];\n', [1]],
    ['a function after comments', '// a\n/* b */ function f(e) { return e.x }', 1],
    ['a module', 'const one = 1\nexport default (event) => event.x + one', 2],
    [
      'a module with an asynchronous function',
      'export default async function (e) { return e }',
      { x: 1 },
    ],
    ['a module that names its export', 'const f = (e) => e.x\nexport { f as default }', 1],
  ])('include %s', async (_what, source, value) => {
    expect(await run(source)).toEqual({ ok: true, value })
  })

  it('are strict, without a this', async () => {
    expect(await run('return [typeof this, (function () { return typeof this })()]')).toEqual({
      ok: true,
      value: ['undefined', 'undefined'],
    })
    expect(await run('nowhere = 1; return 1')).toMatchObject({ ok: false, kind: 'error' })
  })

  it('are told apart in linear time', () => {
    for (const unit of [' ', '\n', '/**/', '//\n', '/*', 'a']) {
      const source = unit.repeat(200_000)
      const began = performance.now()
      likelyForm(source)
      expect(performance.now() - began).toBeLessThan(1_000)
    }
  })
})

describe('what goes wrong in a script', () => {
  it.each([
    ['return (\n', "SyntaxError: Unexpected token '}' [hook.js:3:1]"],
    ['let x = 1\nlet y = ;', "SyntaxError: Unexpected token ';' [hook.js:2:9]"],
    ['export default (', 'SyntaxError: Unexpected end of input [hook.js:1:17]'],
    ['throw new Error("boom")', 'Error: boom (hook.js:1:7)'],
    ['\n  throw new TypeError("boom")', 'TypeError: boom (hook.js:2:9)'],
    [
      '(event) => event.a.b',
      "TypeError: Cannot read properties of undefined (reading 'b') (hook.js:1:20)",
    ],
    ['export default () => { throw new Error("boom") }', 'Error: boom (hook.js:1:30)'],
    ['export default () => 1\nthrow new Error("top")', 'Error: top (hook.js:2:7)'],
    ['throw 5', 'hook.js threw 5'],
    ['throw null', 'hook.js threw null'],
    ['throw Symbol("s")', 'hook.js threw Symbol(s)'],
    ['throw { a: 1 }', 'hook.js threw {"a":1}'],
    ['event.x', 'hook.js is a function body without "return"'],
    ['(event.x)', 'ReferenceError: event is not defined (hook.js:1:8)'],
    ['("x")', 'hook.js is an expression, but its value is not a function'],
    ['export const a = 1', 'hook.js has no function as its default export'],
    ['export default 1', 'hook.js has no function as its default export'],
    [
      'import fs from "fs"\nexport default () => fs',
      'hook.js cannot import "fs": a script has nothing but itself',
    ],
    [
      'await new Promise(() => {})\nreturn 1',
      'hook.js waits for a promise that nothing will settle',
    ],
    ['return () => 1', 'hook.js returned a function, which JSON cannot hold'],
    ['return Symbol()', 'hook.js returned a symbol, which JSON cannot hold'],
    ['return 1n', 'hook.js: TypeError: Do not know how to serialize a BigInt'],
  ])('is said with its place: %s', async (source, message) => {
    expect(await run(source)).toEqual({ ok: false, kind: 'error', message })
  })

  it('is found in what cannot be written as JSON', async () => {
    const outcome = await run('const a = {}\na.a = a\nreturn a')
    expect(outcome).toMatchObject({ ok: false, kind: 'error' })
    expect(outcome).toHaveProperty('message', expect.stringContaining('circular'))
  })

  it('does not reach the answer where a promise is left behind', async () => {
    expect(await run('Promise.reject(new Error("left")); return 1')).toEqual({ ok: true, value: 1 })
  })
})

describe('what goes in and comes out', () => {
  const texts = [
    '',
    'é漢😀',
    '\u2028\u2029\n\r\0',
    '\ud800 alone',
    '"quoted" \\ and \\u0041',
    '$0 ${1}',
  ]
  it.each([
    ['null', null],
    ['a number', -1.5e300],
    ['a truth value', false],
    ['texts', texts],
    [
      'names with a meaning',
      JSON.parse('{"__proto__":1,"constructor":{"prototype":2},"then":3,"toJSON":4}'),
    ],
    ['depth', Array.from({ length: 1_000 }).reduce((inner) => [inner], 'end')],
  ])('is the same: %s', async (_what, value) => {
    expect(await run('return event', value)).toEqual({ ok: true, value })
  })

  it('may be nothing', async () => {
    const outcome = await hosts.run({
      source: 'return [event === undefined]',
      input: undefined,
      limits,
    })
    expect(outcome).toEqual({ ok: true, value: [true] })
  })

  it('changes as JSON changes it', async () => {
    const input = { at: new Date(0), gone: undefined, not: Number.NaN, call: () => 1 }
    expect(await run('return event', input)).toEqual({
      ok: true,
      value: { at: '1970-01-01T00:00:00.000Z', not: null },
    })
    expect(await run('return { d: new Date(0), m: new Map([[1, 2]]), u: undefined }')).toEqual({
      ok: true,
      value: { d: '1970-01-01T00:00:00.000Z', m: {} },
    })
  })

  it('may be long, up to a limit', async () => {
    const long = 'y'.repeat(3_000_000)
    expect(await run('return event', long)).toEqual({ ok: true, value: long })
    expect(await run('return event + event', long)).toEqual({
      ok: false,
      kind: 'error',
      message:
        'hook.js returned 6000002 characters of JSON, more than the 4194304 that are allowed',
    })
    expect(await run('return 1', 'y'.repeat(17_000_000))).toMatchObject({
      ok: false,
      kind: 'error',
    })
  })

  it('is refused before it is sent where it cannot be written as JSON', async () => {
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    for (const input of [
      cyclic,
      1n,
      {
        toJSON: () => {
          throw new Error('no')
        },
      },
    ]) {
      expect(await run('return 1', input)).toMatchObject({ ok: false, kind: 'error' })
    }
  })

  it('keeps runs apart that overlap', async () => {
    const inputs = Array.from({ length: 40 }, (_, at) => at)
    const outcomes = await Promise.all(inputs.map((at) => run('await 0\nreturn event * 2', at)))
    expect(outcomes).toEqual(inputs.map((at) => ({ ok: true, value: at * 2 })))
  })
})
