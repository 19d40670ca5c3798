import { describe, expect, it } from 'vitest'
import { commandLine, parseOverride } from './overrides.ts'

describe('parseOverride', () => {
  it.each<[string, unknown]>([
    ['model="gpt"', { model: 'gpt' }],
    ['model=gpt-5.5', { model: 'gpt-5.5' }],
    ['model=', { model: '' }],
    ['model = it has blanks', { model: 'it has blanks' }],
    ['n=5', { n: 5 }],
    ['on=true', { on: true }],
    ['on=truely', { on: 'truely' }],
    ['list=["a", 1]', { list: ['a', 1] }],
    ['list=[\n1,\n2]', { list: [1, 2] }],
    ['table={a = 1}', { table: { a: 1 } }],
    ['broken=[1', { broken: '[1' }],
    ['a.b.c=1', { a: { b: { c: 1 } } }],
    ['a . b = 1', { a: { b: 1 } }],
    ['plugins.alpha@mkt.enabled=true', { plugins: { 'alpha@mkt': { enabled: true } } }],
    [
      'projects."/a.b=c".trust_level="trusted"',
      { projects: { '/a.b=c': { trust_level: 'trusted' } } },
    ],
    [String.raw`a."q\"x"=1`, { a: { 'q"x': 1 } }],
    [`a . 'b.c' . d=1`, { a: { 'b.c': { d: 1 } } }],
    ['url=http://x/?a=b', { url: 'http://x/?a=b' }],
  ])('reads %s', (text, values) => {
    expect(parseOverride(text)).toEqual(values)
  })

  it('does not let a value bring keys of its own', () => {
    expect(parseOverride('a=1\nb = 2')).toEqual({ a: '1\nb = 2' })
  })

  it('sets a key named like a prototype as a plain key', () => {
    const values = parseOverride('__proto__.polluted=1')
    expect(Object.keys(values)).toEqual(['__proto__'])
    expect({}).not.toHaveProperty('polluted')
  })

  it.each(['x', 'a.b', '"a=b"', ''])('refuses %j, which has no equals sign', (text) => {
    expect(() => parseOverride(text)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: `Invalid override (missing '='): ${text}`,
      }),
    )
  })

  it.each(['=1', 'a.=1', '.a=1', 'a..b=1', ' =1', '""=1'])(
    'refuses %j, which lacks a key',
    (text) => {
      expect(() => parseOverride(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
    },
  )
})

describe('commandLine', () => {
  it('lets later overrides win, and flags over all of them', () => {
    const layer = commandLine(['a.x=1', 'a.y=1', 'a.x=2', 'model=m'], { model: 'n', a: { y: 3 } })
    expect(layer).toMatchObject({ name: 'command line', values: { a: { x: 2, y: 3 }, model: 'n' } })
  })

  it('is no layer where nothing is said', () => {
    expect(commandLine([], {})).toBeUndefined()
  })
})
