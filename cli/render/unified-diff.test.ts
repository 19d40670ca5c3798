import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { temporaryHome } from 'hookline/testing'
import { unifiedDiff } from './unified-diff.ts'

const letters = (text: string) => text.split('').join('\n') + (text === '' ? '' : '\n')

describe('a unified diff', () => {
  it('shows changes with the lines around them', () => {
    expect(unifiedDiff(letters('abcdefghij'), letters('abcdXfghij'), 'f')).toEqual([
      '--- f',
      '+++ f',
      '@@ -2,7 +2,7 @@',
      ' b',
      ' c',
      ' d',
      '-e',
      '+X',
      ' f',
      ' g',
      ' h',
    ])
  })

  it('shows a new file as a whole', () => {
    expect(unifiedDiff(undefined, 'a\nb\n', 'f')).toEqual([
      '--- /dev/null',
      '+++ f',
      '@@ -0,0 +1,2 @@',
      '+a',
      '+b',
    ])
  })

  it('is empty where nothing changes', () => {
    expect(unifiedDiff('a\n', 'a\n', 'f')).toEqual([])
  })

  it.each([
    ['abcdefghijklmnop', 'bcdefghijklmnopq'],
    ['abcdefghijklmnopqrstuvwxyz', 'abXdefghijklmnopqrstuvYYYz'],
    ['aabbaabb', 'abababab'],
    ['', 'abc'],
    ['abc', ''],
    ['abcabcabc', 'cbacba'],
  ])('is what patch needs to make %j of %j', async (before, after) => {
    await using folder = await temporaryHome({ f: letters(before) })
    const diff = `${unifiedDiff(letters(before), letters(after), 'f').join('\n')}\n`
    const patched = spawnSync('git', ['apply', '--unidiff-zero', '-p0', '-'], {
      cwd: folder.path,
      input: diff,
    })
    expect(String(patched.stderr)).toBe('')
    expect(await readFile(join(folder.path, 'f'), 'utf8').catch(() => '')).toBe(letters(after))
  })
})
