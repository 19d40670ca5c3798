import { afterAll, describe, expect, it } from 'vitest'
import { bundledHost } from './bundled-host.ts'
import { findHostCommand } from './host-command.ts'
import { IsolateHosts } from './isolate-hosts.ts'

const host = await bundledHost()
const hosts = new IsolateHosts(() => findHostCommand(host.file))
const limits = { timeoutMs: 20_000 }

afterAll(async () => {
  await hosts[Symbol.asyncDispose]()
  await host[Symbol.asyncDispose]()
})

const run = (source: string, input: unknown = null) =>
  hosts.run({ source, input, limits, name: 'hook.js' })

const valueOf = async (source: string) => {
  const outcome = await run(source)
  if (!outcome.ok) throw new Error(outcome.message)
  return outcome.value
}

describe('what a script finds', () => {
  it('is the language and nothing else', async () => {
    const names = await valueOf('return Object.getOwnPropertyNames(globalThis).toSorted()')
    expect(names).toEqual(
      expect.arrayContaining(['Array', 'Intl', 'JSON', 'Map', 'Promise', 'Proxy', 'globalThis']),
    )
    const foreign = [
      'process require module global Buffer console fetch WebSocket ivm setTimeout',
      'setInterval setImmediate queueMicrotask structuredClone performance URL',
      'TextEncoder crypto navigator Worker MessageChannel EventTarget Event WebAssembly',
      'SharedArrayBuffer Atomics d8 print load quit gc version $0 $1 exports event',
      'hookline',
    ].flatMap((line) => line.split(' '))
    const found: unknown = names
    expect(foreign.filter((name) => Array.isArray(found) && found.includes(name))).toEqual([])
    const visible = `return ${JSON.stringify(foreign)}.filter((n) => Function('return typeof ' + n)() !== 'undefined')`
    expect(await valueOf(visible)).toEqual([])
  })

  it('has no function but those of the language', async () => {
    const source = `return Object.getOwnPropertyNames(globalThis).filter((name) => {
      const value = globalThis[name]
      return typeof value === 'function' && !Function.prototype.toString.call(value).includes('[native code]')
    })`
    expect(await valueOf(source)).toEqual([])
  })

  it.each([
    [
      'by the constructor of functions',
      "return [].constructor.constructor('return typeof process')()",
    ],
    [
      'by that of asynchronous functions',
      "return (async () => {}).constructor('return typeof process')()",
    ],
    [
      'by that of generators',
      "return (function* () {}).constructor('return typeof process')().next().value",
    ],
    ['by indirect eval', "return (0, eval)('typeof process')"],
    ['by the global object', "return typeof Function('return this')().process"],
    ['by the event', "return event.constructor.constructor('return typeof process')()"],
    [
      'by the error of an overflow',
      "const f = () => f(); try { f() } catch (e) { return e.constructor.constructor('return typeof process')() }",
    ],
    [
      'by the error of a buffer',
      "try { new Uint8Array(2 ** 33) } catch (e) { return e.constructor.constructor('return typeof process')() }",
    ],
    [
      'by the error of the parser',
      "try { Function('}') } catch (e) { return e.constructor.constructor('return typeof process')() }",
    ],
    [
      'by the error of an import',
      "return import('fs').then(() => 'loaded', (e) => Object(e).constructor.constructor('return typeof process')())",
    ],
    [
      'by its own function',
      "return (0, arguments[0]).constructor.constructor('return typeof process')()",
    ],
  ])('has no process %s', async (_way, source) => {
    expect(await hosts.run({ source, input: {}, limits })).toEqual({ ok: true, value: 'undefined' })
  })

  it.each([
    'fs',
    'node:fs',
    'child_process',
    './host.js',
    'file:///etc/passwd',
    'data:text/javascript,1',
    'isolated-vm',
  ])('has no module %s', async (name) => {
    expect(await valueOf(`return import(${JSON.stringify(name)}).then(() => 1, () => 0)`)).toBe(0)
    expect(await run(`import ${JSON.stringify(name)}\nexport default () => 1`)).toMatchObject({
      ok: false,
    })
  })

  it('shows no function of the host on its stack', async () => {
    const source = `Error.prepareStackTrace = (_, sites) =>
      sites.map((site) => [typeof site.getFunction(), typeof site.getThis()])
    const sites = new Error().stack
    delete Error.prepareStackTrace
    const caller = { toJSON: Function('return String(arguments.callee.caller)') }
    return [sites, caller, new Error('x').stack.includes('/')]`
    const [sites, caller, hasPath] = Object.values(Object(await valueOf(source)))
    expect(Object.values(Object(sites)).map(String)).toContain('undefined,undefined')
    expect(new Set(Object.values(Object(sites)).map(String)).size).toBe(1)
    expect([caller, hasPath]).toEqual(['null', false])
  })

  it('is no more where the source closes the function it stands in', async () => {
    const broken =
      "}); $0(() => () => [typeof $0, typeof $1, $0.constructor('return typeof process')()], ''); (function () {"
    expect(await valueOf(broken)).toEqual(['function', 'string', 'undefined'])
    const lying = "}); $0(() => () => 'x'.repeat(2e7), ''); (function () {"
    expect(await run(lying)).toMatchObject({ ok: false, kind: 'error' })
    expect(await valueOf('return 1')).toBe(1)
  })
})

/** Leaves nothing of the language as it was, but for promises, without which no answer is waited for. */
const tampering = `
  const { defineProperty, getOwnPropertyNames } = Object
  const { ownKeys } = Reflect
  const names = getOwnPropertyNames(globalThis)
  const targets = []
  for (let i = 0; i < names.length; i += 1) {
    const owner = Object(globalThis[names[i]])
    if (names[i] === 'Promise' || names[i] === 'globalThis') continue
    targets.push({ of: owner, keys: ownKeys(owner) })
    if (owner.prototype) targets.push({ of: owner.prototype, keys: ownKeys(owner.prototype) })
  }
  targets.push({ of: Object.prototype, keys: ['0', 'get', 'set', 'value', 'kind', 'json', 'length', 'stack', 'message'] })
  const poison = { __proto__: null, get() { throw 'tampered' }, set() {} }
  for (let i = 0; i < targets.length; i += 1) {
    for (let k = 0; k < targets[i].keys.length; k += 1) {
      try { defineProperty(targets[i].of, targets[i].keys[k], poison) } catch {}
    }
  }
  for (let i = 0; i < names.length; i += 1) try { delete globalThis[names[i]] } catch {}
`

describe('a script that tampers with the language', () => {
  it('still gets its answer out', async () => {
    const proof = `${tampering}; try { return [].map } catch (thrown) { return thrown }`
    expect(await valueOf(proof)).toBe('tampered')
    expect(await run(`${tampering}; return { a: [1, 'two'] }`)).toEqual({
      ok: true,
      value: { a: [1, 'two'] },
    })
    expect(await run(`${tampering}; await 0; return 'late'`)).toEqual({ ok: true, value: 'late' })
  })

  it('still is told what went wrong', async () => {
    expect(await run(`${tampering}; throw 'why'`)).toEqual({
      ok: false,
      kind: 'error',
      message: 'hook.js threw why',
    })
    expect(await run(`${tampering}; null.x`)).toMatchObject({ ok: false, kind: 'error' })
  })

  it('does so for itself alone', async () => {
    await run(`${tampering}; return 1`)
    await run('globalThis.left = 1; Symbol.for("left"); Array.prototype.left = 1; return 1')
    expect(
      await valueOf('return [typeof left, [].left === undefined, [1].map((n) => n + 1)]'),
    ).toEqual(['undefined', true, [2]])
  })

  it('cannot answer with more than JSON', async () => {
    const raw = `return typeof JSON.rawJSON === 'function' ? JSON.rawJSON('"a"') : 'a'`
    expect(await valueOf(raw)).toBe('a')
    const own = `Object.prototype.toJSON = () => 'mine'; return {}`
    expect(await valueOf(own)).toBe('mine')
    const polluted = `return JSON.parse('{"__proto__":{"polluted":1},"ok":false}')`
    const value = Object(await valueOf(polluted))
    expect(Object.hasOwn(value, '__proto__')).toBe(true)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })
})

describe('a script that throws what should not be thrown', () => {
  it.each([
    [
      'a proxy whose traps throw',
      'throw new Proxy({}, new Proxy({}, { get() { throw 1 } }))',
      'cannot be shown',
    ],
    [
      'a revoked proxy',
      'const r = Proxy.revocable({}, {}); r.revoke(); throw r.proxy',
      'cannot be shown',
    ],
    [
      'an error whose stack throws',
      "throw Object.defineProperty(new Error('a'), 'stack', { get() { throw 1 } })",
      'cannot be shown',
    ],
    [
      'an error whose stack is no text',
      "const e = new Error('why'); e.stack = { a: 1 }; throw e",
      'why',
    ],
    [
      'an error with a false place',
      "const e = new Error('a'); e.stack = 'lie\\n    at x (hook.js:9:9)'; throw e",
      'lie (hook.js:9:9)',
    ],
    ['a huge message', "throw new Error('y'.repeat(1e6))", 'yyy'],
    ['a text that is huge', "throw 'y'.repeat(1e6)", 'threw yyy'],
    ['a function', 'throw () => 1', 'threw a function'],
    ['an object without a prototype', 'throw Object.create(null)', 'threw {}'],
    ['a cycle', 'const a = {}; a.a = a; throw a', 'cannot be shown'],
    ['a BigInt', 'throw 5n', 'threw 5'],
    ['a thenable', 'throw { then(f) { f(1) } }', 'threw {}'],
    ['a rejection', "return Promise.reject(new Error('later'))", 'Error: later (hook.js:1:23)'],
    ['lines', "throw new Error('one\\ntwo')", 'Error: one\ntwo (hook.js:1:7)'],
  ])('is answered with a text: %s', async (_what, source, text) => {
    const outcome = await run(source)
    expect(outcome).toMatchObject({
      ok: false,
      kind: 'error',
      message: expect.stringContaining(text),
    })
    expect(outcome).toHaveProperty(
      'message.length',
      expect.toSatisfy((length) => length < 4_200),
    )
  })
})
