import { describe, expect, it } from 'vitest'
import { parseToml } from './toml.ts'

const example = `# settings
model = "gpt" # which
numbers = [
  1, # one
  { a = 'x', "b.c" = 2 },
]
text = """
[not.a.table]
quote \\""" and four""""

[tui]
 notifications = true
'lit#eral' = '''
a = 1'''
inline = { deep = { er = [true, 1979-05-27 07:32:00] }, dotted.key = 1 }

[projects."/a/b.c"]
trust_level = "trusted"

[[servers]]
name = "one"
[servers.env]
A = "1"
[[servers]]
name = "two"
env.B = "2"

[a.b.c] # [d]
x=0x1F
"qu\\u00f6ted \\"key\\"" = 1
`

/** The text that begins at the place. */
function at(text: string, path: readonly string[]): string | undefined {
  const place = parseToml(text, 'f').locate(path)
  if (place === undefined) return undefined
  return (text.split('\n')[place.line - 1] ?? '').slice(place.column - 1)
}

describe('parseToml', () => {
  it('gives the values', () => {
    expect(parseToml('a = 1\n[b]\nc = "d"', 'f').values).toEqual({ a: 1, b: { c: 'd' } })
  })

  it('says where a text is wrong', () => {
    expect(() => parseToml('a = 1\nb = = 2\n', '/x/config.toml')).toThrow(
      expect.objectContaining({
        code: 'CONFIG_UNREADABLE',
        message: expect.stringMatching(/^\/x\/config\.toml:2:5 cannot be parsed: \S/),
        details: { file: '/x/config.toml', line: 2, column: 5 },
      }),
    )
  })

  it('makes no prototype of a key', () => {
    const { values } = parseToml('[__proto__]\na = 1', 'f')
    expect([Object.keys(values), values['a']]).toEqual([['__proto__'], undefined])
  })
})

describe('locate', () => {
  it.each([
    [['model'], 'model = "gpt"'],
    [['numbers'], 'numbers = ['],
    [['numbers', '0'], '1, # one'],
    [['numbers', '1'], '{ a = '],
    [['numbers', '1', 'b.c'], '"b.c" = 2'],
    [['text'], 'text = """'],
    [['tui'], '[tui]'],
    [['tui', 'notifications'], 'notifications = true'],
    [['tui', 'lit#eral'], "'lit#eral' = "],
    [['tui', 'inline', 'deep', 'er', '1'], '1979-05-27 07:32:00]'],
    [['tui', 'inline', 'dotted', 'key'], 'dotted.key = 1'],
    [['tui', 'inline', 'dotted'], 'dotted.key = 1'],
    [['projects'], '[projects.'],
    [['projects', '/a/b.c', 'trust_level'], 'trust_level'],
    [['servers'], '[[servers]]'],
    [['servers', '0', 'name'], 'name = "one"'],
    [['servers', '0', 'env', 'A'], 'A = "1"'],
    [['servers', '1', 'name'], 'name = "two"'],
    [['servers', '1', 'env', 'B'], 'env.B = "2"'],
    [['a', 'b'], '[a.b.c]'],
    [['a', 'b', 'c', 'x'], 'x=0x1F'],
    [['a', 'b', 'c', 'quöted "key"'], '"qu\\u00f6ted'],
  ])('finds %j', (path, expected) => {
    expect(at(example, path)?.startsWith(expected)).toBe(true)
  })

  it('knows the same text with other line ends and a byte order mark', () => {
    expect(at(example.replaceAll('\n', '\r\n'), ['a', 'b', 'c', 'x'])).toMatch(/^x=0x1F/)
    expect(at(`\uFEFFa = 1\nb = 2`, ['b'])).toBe('b = 2')
  })

  it.each([[['nothing']], [['not']], [['model', 'x']], [['servers', '2']], [[]]])(
    'knows no place for %j',
    (path) => {
      expect(at(example, path)).toBeUndefined()
    },
  )
})
