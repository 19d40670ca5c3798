import { describe, expect, it } from 'vitest'
import type { Dialect } from './dialect.ts'
import { compileMatcher } from './match.ts'

function matches(
  matcher: string | undefined,
  names: readonly string[],
  dialect: Dialect = 'codex',
): boolean | string {
  const compiled = compileMatcher(matcher, dialect)
  return 'fault' in compiled ? 'fault' : compiled.matches(names)
}

describe('matchers', () => {
  it.each([
    [undefined, true],
    ['', true],
    ['*', true],
    ['Bash', true],
    ['^Bash$', true],
    ['Bash|Edit', true],
    ['Ba.*', true],
    ['^(Bash|Read)$', true],
    ['(?i)bash', true],
    ['\\ABash\\z', true],
    ['bash', false],
    ['Ba', false],
    ['Edit|Write', false],
    ['Bash|', true],
    ['Bash Edit', false],
    ['Bash,Edit', false],
    ['!Edit', false],
    ['shell', false],
    ['[', 'fault'],
    ['(', 'fault'],
    ['*Bash', 'fault'],
  ])('%j selects a shell call: %s', (matcher, expected) => {
    expect(matches(matcher, ['Bash'])).toBe(expected)
  })

  it.each([
    ['mcp__srv', false],
    ['mcp__srv__say', true],
    ['mcp__.*__say', true],
    ['mcp__srv.*', true],
    ['mcp__srv\\-x', false],
    ['^mcp__[^_]+__', true],
  ])('%j selects a call of an MCP server: %s', (matcher, expected) => {
    expect(matches(matcher, ['mcp__srv__say'])).toBe(expected)
  })

  it('know a tool by any of its names', () => {
    expect(matches('Edit|Write', ['apply_patch', 'Edit', 'Write'])).toBe(true)
    expect(matches('^apply', ['apply_patch', 'Edit'])).toBe(true)
    expect(matches('Read', ['apply_patch', 'Edit'])).toBe(false)
  })

  it('may be lists with commas in the claude dialect', () => {
    expect(matches('Bash, Edit', ['Bash'], 'claude')).toBe(true)
    expect(matches('Bash,Edit', ['Edit'], 'claude')).toBe(true)
    expect(matches('Ba, Ed', ['Bash'], 'claude')).toBe(false)
  })

  it('take an escaped sign for the sign itself', () => {
    expect(matches('a\\-b\\_\\#', ['a-b_#'])).toBe(true)
  })
})
