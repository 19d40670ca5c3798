import { describe, expect, it } from 'vitest'
import { parsePatch } from './parse.ts'

const wrap = (...lines: string[]) => ['*** Begin Patch', ...lines, '*** End Patch'].join('\n')

describe('parsePatch', () => {
  it('reads added, removed, changed and moved files', () => {
    const patch = wrap(
      '*** Add File: a.txt',
      '+one',
      '+',
      '*** Delete File: b.txt',
      '*** Update File: c.txt',
      '*** Move to: d.txt',
      '@@ def f():',
      ' keep',
      '-old',
      '+new',
      '*** End of File',
    )
    expect(parsePatch(patch)).toEqual([
      { kind: 'add', path: 'a.txt', text: 'one\n\n' },
      { kind: 'delete', path: 'b.txt' },
      {
        kind: 'update',
        path: 'c.txt',
        moveTo: 'd.txt',
        chunks: [
          {
            context: 'def f():',
            lines: [
              { kind: 'keep', text: 'keep' },
              { kind: 'remove', text: 'old' },
              { kind: 'add', text: 'new' },
            ],
            atEnd: true,
          },
        ],
      },
    ])
  })

  it('takes a first chunk without a marker, and blank lines as kept blank lines', () => {
    const [hunk] = parsePatch(wrap('*** Update File: f', ' a', '', '-b'))
    expect(hunk).toMatchObject({
      chunks: [
        { context: undefined, lines: [{ text: 'a' }, { kind: 'keep', text: '' }, { text: 'b' }] },
      ],
    })
  })

  it.each([
    ['a heredoc', `<<'EOF'\n${wrap('*** Delete File: x')}\nEOF`],
    ['blanks around the markers', `\n  ${wrap('  *** Delete File: x  ')}  \n`],
    ['Windows line ends', wrap('*** Delete File: x').replaceAll('\n', '\r\n')],
    ['an environment line', wrap('*** Environment ID: local', '*** Delete File: x')],
  ])('sees through %s', (_what, patch) => {
    expect(parsePatch(patch)).toEqual([{ kind: 'delete', path: 'x' }])
  })

  it('reads a patch without hunks as an empty list', () => {
    expect(parsePatch(wrap())).toEqual([])
  })

  it.each([
    ['', "The last line of the patch must be '*** End Patch'"],
    ['*** Begin Patch', "The last line of the patch must be '*** End Patch'"],
    ['nonsense', "The first line of the patch must be '*** Begin Patch'"],
    [wrap('*** delete File: x'), 'hunk on line 2: '],
    [wrap('*** Add File: x', '+a', 'b'), "hunk on line 4: 'b' is not a valid hunk header"],
    [wrap('*** Update File: x'), "hunk on line 2: Update file hunk for path 'x' is empty"],
    [wrap('*** Update File: x', '@@'), 'hunk on line 4: Update hunk does not contain any lines'],
    [
      wrap('*** Update File: x', '@@', '@@ y', '-a'),
      "hunk on line 4: Unexpected line found in update hunk: '@@ y'",
    ],
    [
      wrap('*** Update File: x', '@@', '-a', 'y'),
      'hunk on line 5: Expected update hunk to start with a @@',
    ],
  ])('names what is wrong with %j', (patch, message) => {
    expect(() => parsePatch(patch)).toThrow(message)
  })
})
