import { describe, expect, it } from 'vitest'
import { literalGlob, parseGlobs } from './glob.ts'

const fits = (glob: string, path: string) =>
  parseGlobs(glob).some(({ pattern }) => pattern.test(path))

describe('a glob', () => {
  it.each([
    ['/a/*.env', ['/a/x.env', '/a/.env'], ['/a/b/x.env', '/a/x.envy', '/x.env']],
    ['/a/**/*.env', ['/a/.env', '/a/b/c/x.env'], ['/ab/.env', '/a/.env/x']],
    ['/a/**', ['/a/b', '/a/b/c'], ['/a', '/ab']],
    ['/a/b?c', ['/a/bxc'], ['/a/bc', '/a/b/c']],
    ['/a/[bc]d', ['/a/bd', '/a/cd'], ['/a/dd', '/a/[bc]d']],
    ['/a/[!b-d]', ['/a/a'], ['/a/c', '/a//']],
    ['/a/{x,y*}.pem', ['/a/x.pem', '/a/yz.pem'], ['/a/z.pem', '/a/x,y.pem']],
    ['/a/{b/c,{d,e}/f}', ['/a/b/c', '/a/d/f', '/a/e/f'], ['/a/b/f', '/a/{d,e}/f']],
    ['/a/\\[b\\]/\\{c,d\\}*', ['/a/[b]/{c,d}e'], ['/a/b/c', '/a/[b]/c']],
    ['/a/b.c+(d)', ['/a/b.c+(d)'], ['/a/bxc+(d)', '/a/b.cc(d)']],
  ])('%s fits %j and not %j', (glob, paths, others) => {
    expect(paths.filter((path) => !fits(glob, path))).toEqual([])
    expect(others.filter((path) => fits(glob, path))).toEqual([])
  })

  it.each([
    ['/a/b/*.env', '/a/b', 1],
    ['/a/*/c/x', '/a', 3],
    ['/a/\\*/**/c', '/a/*', Infinity],
    ['/a/b', '/a', 1],
    ['/**', '/', Infinity],
  ])('%s is looked for below %s, %d levels deep', (glob, base, depth) => {
    expect(parseGlobs(glob)).toMatchObject([{ base, depth }])
  })

  it.each([['/a/[z-a]'], ['/a/' + '{a,b}'.repeat(12)]])('is refused as %s', (glob) => {
    expect(() => parseGlobs(glob)).toThrow(expect.objectContaining({ code: 'SANDBOX_REFUSED' }))
  })

  it('can be written so that it fits one path alone', () => {
    const path = '/a/[b]{c,d}*?\\'
    expect(fits(literalGlob(path), path)).toBe(true)
    expect(fits(literalGlob(path), '/a/bc')).toBe(false)
  })
})
