import { describe, expect, it } from 'vitest'
import { isUrlPattern, urlTest } from './url-allow-list.ts'

describe('the list of addresses', () => {
  it.each([
    ['https://h.example', 'https://h.example/any?x=1', true],
    ['https://h.example/', 'https://h.example/', true],
    ['https://h.example/', 'https://h.example/x', false],
    ['https://h.example/a/*', 'https://h.example/a/b', true],
    ['https://h.example/a/*', 'https://h.example/b', false],
    ['https://h.example/a/*', 'https://h.example/a/../b', false],
    ['https://H.Example/*', 'https://h.example/x', true],
    ['https://h.example/*', 'http://h.example/x', false],
    ['https://h.example/*', 'https://h.example:444/x', false],
    ['https://h.example:*/*', 'https://h.example:444/x', true],
    ['http://127.0.0.1:80/*', 'http://127.0.0.1/x', true],
    ['http://[::1]:9/*', 'http://[::1]:9/x', true],
    ['https://*.example/*', 'https://a.b.example/x', true],
    // A star never reaches beyond the host, and nobody else's host is like it.
    ['https://*.example/*', 'https://evil.com/x.example/', false],
    ['https://*.example/*', 'https://evil.com#.example/', false],
    ['https://h.example*/x', 'https://h.example.evil.com/x', true],
    ['https://h.example/*', 'https://h.example.evil.com/x', false],
    ['https://h.example/*', 'https://me:pw@h.example/x', false],
    ['https://h.example/*', 'https://h.example@evil.com/x', false],
    ['https://h.example/*', 'nonsense', false],
  ])('%s and %s: %s', (pattern, url, allowed) => {
    expect(urlTest([pattern])(url)).toBe(allowed)
  })

  it('allows nothing where it is empty or holds no pattern', () => {
    expect(urlTest([])('https://h.example/')).toBe(false)
    expect(urlTest([5, '*', 'h.example', 'ftp://h.example/*'])('https://h.example/')).toBe(false)
  })

  it.each(['*', 'https://', 'https://h x/', 'https://me@h/', 'https://h/#x', 7])(
    'does not take %j for a pattern',
    (value) => {
      expect(isUrlPattern(value)).toBe(false)
    },
  )
})
