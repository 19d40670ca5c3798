import { describe, expect, it } from 'vitest'
import { effectsOf, findingsIn, inShort, oneHandler } from './lint-harness.ts'

const lint = (matcher: unknown, event = 'PreToolUse', dialect: 'codex' | 'claude' = 'codex') =>
  findingsIn(oneHandler(event, 'true', { matcher }), { dialect })

describe('a matcher', () => {
  it.each([
    'Bash',
    'Bash|apply_patch',
    'Edit|Write',
    '*',
    '',
    '^Bash$',
    'mcp__.*__say',
    'mcp__srv__tool',
    'my_own_tool',
    '.*',
  ])('that can match is no finding: %j', async (matcher) => {
    expect(await lint(matcher)).toEqual([])
  })

  it.each([
    ['bash', 'write "Bash"'],
    ['^bash$', 'write "Bash"'],
    ['shell|exec_command', 'write "Bash"'],
    ['edit_file', 'write "Edit"'],
    ['mcp__srv', 'write "mcp__srv__.*"'],
    ['Bash(git *)', 'write "Bash", and look at the input in the handler'],
    ['Bash, Edit', 'write "Bash|Edit"'],
    ['!Edit', 'match everything, and let the handler pass what it is not for'],
    ['Read|Glob', 'use names that hooks see'],
  ])('that nothing can match is an error: %j', async (matcher, fix) => {
    expect(await lint(matcher)).toMatchObject([
      {
        code: 'MatcherUnreachable',
        severity: 'error',
        fix,
        pointer: '/hooks/PreToolUse/0/matcher',
      },
    ])
  })

  it('may be a list with commas for Claude Code, but not for Codex', async () => {
    expect(await lint('Bash, Edit', 'PreToolUse', 'claude')).toEqual([])
    expect(effectsOf(await lint('Bash, Edit'))).toEqual(['skipped', 'skipped', 'works'])
  })

  it('for tools that only Claude Code has is a warning there', async () => {
    expect(inShort(await lint('Read', 'PreToolUse', 'claude'))).toEqual([
      'warning MatcherUnreachable',
    ])
  })

  it('with one name that nothing has is noted', async () => {
    expect(await lint('Edit|Read')).toMatchObject([
      { code: 'MatcherUnreachable', severity: 'info', message: expect.stringContaining('"Read"') },
    ])
    expect(inShort(await lint('Bash|bash'))).toEqual(['warning MatcherUnreachable'])
  })

  it.each([
    ['[', 'error MatcherInvalid'],
    [7, 'error MatcherInvalid'],
    ['Bash(?!x)', 'error MatcherSyntax'],
  ])('that cannot be read: %j', async (matcher, expected) => {
    expect(inShort(await lint(matcher))).toContain(expected)
  })

  it('with look-around is lost on Codex alone', async () => {
    expect(effectsOf(await lint('^(?!Bash)'))).toEqual(['works', 'skipped', 'works'])
  })

  it.each([
    ['SessionStart', 'begin', 'error MatcherUnreachable'],
    ['SessionStart', 'startup|begin', 'warning MatcherUnreachable'],
    ['PreCompact', 'automatic', 'error MatcherUnreachable'],
    ['UserPromptSubmit', 'Bash', 'warning MatcherIgnored'],
    ['Stop', 'x', 'warning MatcherIgnored'],
  ])('of %s: %j', async (event, matcher, expected) => {
    expect(inShort(await lint(matcher, event))).toEqual([expected])
  })

  it.each([
    ['SessionStart', 'startup|resume'],
    ['PreCompact', 'auto'],
    ['SubagentStart', 'reviewer'],
    ['Stop', '*'],
  ])('of %s that can match: %j', async (event, matcher) => {
    expect(await lint(matcher, event)).toEqual([])
  })
})
