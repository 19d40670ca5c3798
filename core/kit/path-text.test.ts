import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { shellQuote } from './path-text.ts'

describe('shellQuote', () => {
  it.each([
    ['plain/path-1.2_x', 'plain/path-1.2_x'],
    ['seq 1 3', "'seq 1 3'"],
    ['', "''"],
    ["it's", `"it's"`],
    [`it's $HOME`, String.raw`'it'\''s $HOME'`],
    ['$(x)', "'$(x)'"],
    ['~', "'~'"],
  ])('writes %j as %s', (word, expected) => {
    expect(shellQuote(word)).toBe(expected)
  })

  it('is what a shell reads back', () => {
    for (const word of ['a b', `'"\`$x\\!`, "'", '*', 'a\nb', '-n', '#x', '{a,b}', "it's !x"]) {
      expect(
        execFileSync('sh', ['-c', `printf %s ${shellQuote(word)}`], { encoding: 'utf8' }),
      ).toBe(word)
    }
  })
})
