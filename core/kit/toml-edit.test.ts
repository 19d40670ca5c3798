import { describe, expect, it } from 'vitest'
import { parseToml } from './toml.ts'
import { removeTomlValue, setTomlValue } from './toml-edit.ts'

const example = `# my settings

model = "gpt" # the big one
# about limits
limit = 3

[tui]
theme = "dark"

  # indented
  notifications = [
    "a", # first
    "b",
  ]

# where I work
[projects."/a/b"]
trust_level = "trusted"
`

describe('setTomlValue', () => {
  it('replaces only the value', () => {
    expect(setTomlValue(example, ['model'], 'small')).toBe(example.replace('"gpt"', '"small"'))
    expect(setTomlValue(example, ['tui', 'notifications'], false)).toBe(
      example.replace(/\[\n[^\]]*\]/, 'false'),
    )
    expect(setTomlValue(example, ['projects', '/a/b', 'trust_level'], 'untrusted')).toBe(
      example.replace('"trusted"', '"untrusted"'),
    )
  })

  it('adds a key at the end of its table', () => {
    expect(setTomlValue(example, ['effort'], 'high')).toBe(
      example.replace('limit = 3\n', 'limit = 3\neffort = "high"\n'),
    )
    expect(setTomlValue(example, ['tui', 'width'], 80)).toBe(
      example.replace('  ]\n', '  ]\n  width = 80\n'),
    )
    expect(setTomlValue(example, ['projects', '/a/b', 'x y'], 1)).toBe(`${example}"x y" = 1\n`)
  })

  it('adds the tables that are missing', () => {
    expect(setTomlValue(example, ['projects', '/c.d', 'trust_level'], 'trusted')).toBe(
      `${example}\n[projects."/c.d"]\ntrust_level = "trusted"\n`,
    )
    const hook = ['hooks', 'state', '/x/hooks.json:pre_tool_use:0:0']
    expect(setTomlValue('', [...hook, 'trusted_hash'], 'sha256:1')).toBe(
      '[hooks.state."/x/hooks.json:pre_tool_use:0:0"]\ntrusted_hash = "sha256:1"\n',
    )
    expect(setTomlValue('a = 1', ['b', 'c'], 2)).toBe('a = 1\n\n[b]\nc = 2\n')
    expect(setTomlValue('[a.b]\nc = 1\n', ['a', 'd'], 2)).toBe('[a.b]\nc = 1\n\n[a]\nd = 2\n')
  })

  it('puts a first key above the tables and their comments', () => {
    expect(setTomlValue('', ['a'], 1)).toBe('a = 1\n')
    expect(setTomlValue('# only this', ['a'], 1)).toBe('# only this\na = 1\n')
    expect(setTomlValue('[t]\nx = 1\n', ['a'], 1)).toBe('a = 1\n\n[t]\nx = 1\n')
    expect(setTomlValue('# file\n\n# about t\n[t]\nx = 1\n', ['a'], 1)).toBe(
      '# file\n\na = 1\n\n# about t\n[t]\nx = 1\n',
    )
  })

  it('extends tables in the way they are written', () => {
    expect(setTomlValue('a = { b = 1 } # c\n', ['a', 'd'], 2)).toBe('a = { b = 1, d = 2 } # c\n')
    expect(setTomlValue('a = {}\n', ['a', 'd', 'e'], 2)).toBe('a = { d.e = 2 }\n')
    expect(setTomlValue('a = [{ b = 1 }]\n', ['a', '0', 'b'], 2)).toBe('a = [{ b = 2 }]\n')
    expect(setTomlValue('a.b.c = 1\nz = 1\n[t]\n', ['a', 'b', 'd'], 2)).toBe(
      'a.b.c = 1\na.b.d = 2\nz = 1\n[t]\n',
    )
    expect(setTomlValue('[t]\na.b = 1\n[u]\n', ['t', 'a', 'c', 'd'], 2)).toBe(
      '[t]\na.b = 1\na.c.d = 2\n[u]\n',
    )
    expect(setTomlValue('[[s]]\nn = 1\n[[s]]\nn = 2\n', ['s', '0', 'm'], { x: 1 })).toBe(
      '[[s]]\nn = 1\nm = { x = 1 }\n[[s]]\nn = 2\n',
    )
  })

  it('writes a table as a value below a header, and fills one that is there', () => {
    expect(setTomlValue('', ['a', 'b'], { c: 1, d: { e: [true, 'x'] }, f: undefined })).toBe(
      '[a.b]\nc = 1\nd = { e = [true, "x"] }\n',
    )
    const text = '[a] # kept\nold = 1\n# about c\nc = 1 # too\n'
    expect(setTomlValue(text, ['a'], { c: 2, d: 3 })).toBe(
      '[a] # kept\n# about c\nc = 2 # too\nd = 3\n',
    )
  })

  it('keeps apart what dotted keys and headers define', () => {
    const text = 'p.c = 1\n["p".x]\n'
    expect(setTomlValue(text, ['p', 'x'], { n: 1 })).toBe(`${text}n = 1\n`)
    expect(setTomlValue(text, ['p', 'x', 'y'], { n: 1 })).toBe(`${text}\n[p.x.y]\nn = 1\n`)
    expect(setTomlValue(text, ['p', 'y'], { n: 1 })).toBe(
      text.replace('\n[', '\np.y = { n = 1 }\n['),
    )
    expect(setTomlValue('p.c = 1\n', ['p'], {})).toBe('[p]\n')
  })

  it('replaces a table by a value and a value by a table', () => {
    expect(parseToml(setTomlValue(example, ['tui'], 'none'), 'f').values).toMatchObject({
      tui: 'none',
      limit: 3,
    })
    expect(setTomlValue('a = 1\n', ['a'], { b: 2 })).toBe('a = { b = 2 }\n')
  })

  it.each([
    ['a = 1', ['a', 'b']],
    ['a = [1]', ['a', '3']],
    ['[[a]]\nb = 1', ['a', '5', 'b']],
    ['[[a]]\nb = 1', ['a', '0']],
    ['', []],
  ])('refuses %j %j', (text, path) => {
    expect(() => setTomlValue(text, path, 1)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  })

  it('refuses values that TOML cannot hold and texts that are none', () => {
    expect(() => setTomlValue('', ['a'], null)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
    expect(() => setTomlValue('= 1', ['a'], 1)).toThrow(
      expect.objectContaining({ code: 'CONFIG_UNREADABLE' }),
    )
  })

  it('keeps the line ends of the file', () => {
    expect(setTomlValue('a = 1\r\n[t]\r\nx = 1\r\n', ['t', 'y'], 2)).toBe(
      'a = 1\r\n[t]\r\nx = 1\r\ny = 2\r\n',
    )
  })

  it.each([
    'a "quoted" \\ text\nwith lines\t\u0001\u007F\uD800x 😀',
    0,
    -1.5,
    1e300,
    Number.MAX_SAFE_INTEGER,
    Number.POSITIVE_INFINITY,
    true,
    [1, [2, 'x']],
    [],
    { a: { 'b.c': [{ d: 1 }] } },
    {},
  ])('writes values that are read back: %j', (value) => {
    const written = parseToml(setTomlValue('', ['k', 'key'], value), 'f').values
    expect(written).toEqual({
      k: { key: typeof value === 'string' ? value.toWellFormed() : value },
    })
  })
})

describe('removeTomlValue', () => {
  it('removes a key with the comment on its line', () => {
    expect(removeTomlValue(example, ['model'])).toBe(
      example.replace('model = "gpt" # the big one\n', ''),
    )
    expect(removeTomlValue(example, ['tui', 'notifications'])).toBe(
      example.replace(/ {2}notifications = \[\n[^\]]*\]\n/, ''),
    )
  })

  it('removes a table with all below it', () => {
    expect(removeTomlValue('a = 1\n\n[b]\nx = 1\n[b.c]\ny = 1\n\n# d\n[d]\n', ['b'])).toBe(
      'a = 1\n\n# d\n[d]\n',
    )
    expect(removeTomlValue('[b]\nx = 1\n\n[c]\ny = 1\n', ['b'])).toBe('[c]\ny = 1\n')
    expect(removeTomlValue('[b]\nx = 1\n\n[c]\ny = 1\n', ['c'])).toBe('[b]\nx = 1\n')
    expect(removeTomlValue('a.b = 1\nc = 2\na.d = 3\n', ['a'])).toBe('c = 2\n')
    expect(removeTomlValue('[[s]]\nn = 1\n[[s]]\nn = 2\n[t]\n', ['s', '0'])).toBe(
      '[[s]]\nn = 2\n[t]\n',
    )
    expect(removeTomlValue('[[s]]\nn = 1\n[[s]]\nn = 2\n[t]\n', ['s'])).toBe('[t]\n')
  })

  it.each([
    ['a = { b = 1, c = 2, d = 3 }', ['a', 'b'], 'a = { c = 2, d = 3 }'],
    ['a = { b = 1, c = 2, d = 3 }', ['a', 'd'], 'a = { b = 1, c = 2 }'],
    ['a = { b = 1 }', ['a', 'b'], 'a = {  }'],
    ['a = { x = 1, b.c = 1, b.d = 2 }', ['a', 'b'], 'a = { x = 1 }'],
    ['a = { b.c = 1, b.d = 2, x = 1 }', ['a', 'b'], 'a = { x = 1 }'],
    ['a = [1, 2, 3]', ['a', '1'], 'a = [1, 3]'],
    ['a = [[1, 2], [3]]', ['a', '0', '1'], 'a = [[1], [3]]'],
  ])('removes from %s the value %j', (text, path, expected) => {
    expect(removeTomlValue(text, path)).toBe(expected)
  })

  it('leaves a text without the value as it is', () => {
    for (const path of [['nothing'], ['model', 'x'], ['projects', '/a'], []]) {
      expect(removeTomlValue(example, path)).toBe(example)
    }
  })

  it('undoes what was set', () => {
    for (const path of [['new'], ['tui', 'new'], ['x', 'y', 'z']]) {
      const without = removeTomlValue(setTomlValue(example, path, 1), path)
      expect(without.replace(/\n+\[x\.y\]\n$/, '\n')).toBe(example)
    }
  })
})
