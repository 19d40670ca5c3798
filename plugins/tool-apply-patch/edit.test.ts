import { describe, expect, it } from 'vitest'
import { editText } from './edit.ts'
import { parsePatch } from './parse.ts'

/** Applies the lines of an update to a text. */
function edit(text: string, ...lines: string[]): string {
  const patch = ['*** Begin Patch', '*** Update File: f', ...lines, '*** End Patch'].join('\n')
  const [hunk] = parsePatch(patch)
  if (hunk?.kind !== 'update') throw new Error('not an update')
  return editText(text, hunk.chunks, '/f')
}

describe('editText', () => {
  it.each([
    ['the first place that fits', 'x\nb\ny\nb\n', ['@@', '-b', '+B'], 'x\nB\ny\nb\n'],
    ['the place after the context', 'b\ndef f\nb\n', ['@@ def f', '-b', '+B'], 'b\ndef f\nB\n'],
    [
      'the end of the file where asked',
      'b\nx\nb\n',
      ['@@', '-b', '+B', '*** End of File'],
      'b\nx\nB\n',
    ],
    ['later chunks after earlier ones', 'a\nb\na\n', ['@@', ' b', '@@', '-a', '+A'], 'a\nb\nA\n'],
  ])('changes %s', (...[, text, lines, expected]) => {
    expect(edit(text, ...lines)).toBe(expected)
  })

  it.each([
    ['trailing blanks', 'a  \nb\n', ['@@', ' a', '-b', '+B'], 'a  \nB\n'],
    ['indentation', '    a\n\tb\n', ['@@', ' a', '-b', '+\tB'], '    a\n\tB\n'],
    ['typographic signs', '“a” – b\nc\n', ['@@', ' "a" - b', '-c', '+C'], '“a” – b\nC\n'],
  ])(
    'overlooks %s, and keeps the file’s own text of kept lines',
    (...[, text, lines, expected]) => {
      expect(edit(text, ...lines)).toBe(expected)
    },
  )

  it('prefers an exact place further down over a loose one before it', () => {
    expect(edit(' a\na\n', '@@', '-a', '+A')).toBe(' a\nA\n')
  })

  it.each([
    ['adds lines without an old one at the end', 'a\n', ['@@', '+b'], 'a\nb\n'],
    ['even after a context', 'a\nb\n', ['@@ a', '+c'], 'a\nb\nc\n'],
    ['keeps blank lines at the end', 'a\n\n\n', ['@@', '-a', '+A'], 'A\n\n\n'],
    ['ends the last line', 'a\nb', ['@@', '-a', '+A'], 'A\nb\n'],
    ['may leave nothing', 'a\n', ['@@', '-a'], ''],
    ['fills an empty file', '', ['@@', '+a'], 'a\n'],
    ['keeps a byte order mark', '\uFEFFa\nb\n', ['@@', '-a', '+A'], '\uFEFFA\nb\n'],
    ['overlooks a blank line before the next marker', 'a\nb\n', ['@@', '-a', '+A', ''], 'A\nb\n'],
  ])('%s', (...[, text, lines, expected]) => {
    expect(edit(text, ...lines)).toBe(expected)
  })

  it.each([
    ['a\r\nb\r\n', 'A\r\nb\r\n'],
    ['a\nb\r\nc\r\n', 'A\r\nb\r\nc\r\n'],
    ['a\nb\nc\r\n', 'A\nb\nc\r\n'],
    ['a', 'A\n'],
  ])('ends new lines as most lines of %j end', (text, expected) => {
    expect(edit(text, '@@', '-a', '+A')).toBe(expected)
  })

  it('names the lines it did not find', () => {
    expect(() => edit('a\n', '@@', ' x', '-y')).toThrow(
      'Failed to find expected lines in /f:\nx\ny',
    )
    expect(() => edit('a\n', '@@ ctx', '-a')).toThrow("Failed to find context 'ctx' in /f")
  })

  it('does not let chunks overlap', () => {
    const overlapping = ['@@', '-a', '-b', '+x', '@@', '-b', '+y']
    expect(() => edit('a\nb\nc\n', ...overlapping)).toThrow('expected lines')
    const atEnd = ['@@', '-a', '-b', '+x', '@@', '-b', '+y', '*** End of File']
    expect(() => edit('a\nb\n', ...atEnd)).toThrow('expected lines')
  })

  it('takes a large file with many chunks in one go', () => {
    const lines = Array.from({ length: 200_000 }, (_, at) => `line ${at}`)
    const text = `${lines.join('\n')}\n`
    const result = edit(
      text,
      '@@',
      '-line 3',
      '+three',
      '@@',
      ' line 199998',
      '-line 199999',
      '+last',
    )
    expect(result).toBe(text.replace('line 3\n', 'three\n').replace('line 199999', 'last'))
  })
})
