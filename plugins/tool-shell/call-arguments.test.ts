import { describe, expect, it } from 'vitest'
import { parseExecArguments, parseWriteArguments } from './call-arguments.ts'

const limits = { allowLogin: true, longestPollMs: 300_000 }

describe('parseExecArguments', () => {
  it('fills in what a call leaves out', () => {
    expect(parseExecArguments({ cmd: 'ls', workdir: null }, limits)).toEqual({
      cmd: 'ls',
      workdir: undefined,
      shell: undefined,
      login: true,
      tty: false,
      yieldMs: 10_000,
      outputTokens: 10_000,
      escalated: false,
      justification: undefined,
      prefixRule: undefined,
    })
  })

  it.each([
    [0, 250],
    [251, 251],
    [999_999, 30_000],
  ])('brings a wait of %i ms to %i', (asked, given) => {
    expect(parseExecArguments({ cmd: 'ls', yield_time_ms: asked }, limits).yieldMs).toBe(given)
  })

  it('takes everything a call may say', () => {
    const call = {
      cmd: 'ls',
      workdir: 'sub',
      shell: '/bin/sh',
      login: false,
      tty: true,
      max_output_tokens: 5,
      sandbox_permissions: 'require_escalated',
      justification: 'why',
      prefix_rule: ['ls'],
      unknown: 1,
    }
    expect(parseExecArguments(call, limits)).toMatchObject({
      workdir: 'sub',
      shell: '/bin/sh',
      login: false,
      tty: true,
      outputTokens: 5,
      escalated: true,
      justification: 'why',
      prefixRule: ['ls'],
    })
  })

  it.each([
    [{}, 'missing field `cmd`'],
    [{ cmd: null }, 'missing field `cmd`'],
    [[], 'invalid type for `arguments`: expected an object, got an array'],
    ['ls', 'invalid type for `arguments`: expected an object, got string "ls"'],
    [{ cmd: 1 }, 'invalid type for `cmd`: expected a string, got number 1'],
    [{ cmd: 'ls', tty: 'yes' }, 'invalid type for `tty`'],
    [{ cmd: 'ls', yield_time_ms: -1 }, 'invalid type for `yield_time_ms`'],
    [{ cmd: 'ls', yield_time_ms: 1.5 }, 'invalid type for `yield_time_ms`'],
    [{ cmd: 'ls', prefix_rule: ['a', 1] }, 'invalid type for `prefix_rule`'],
    [{ cmd: 'ls', sandbox_permissions: 'all' }, 'unknown variant `all`'],
  ])('names the fault of %j', (value, fault) => {
    expect(() => parseExecArguments(value, limits)).toThrow(fault)
  })

  it('refuses a login shell where the settings do', () => {
    const strict = { ...limits, allowLogin: false }
    expect(parseExecArguments({ cmd: 'ls' }, strict).login).toBe(false)
    expect(() => parseExecArguments({ cmd: 'ls', login: true }, strict)).toThrow(
      'allow_login_shell',
    )
  })
})

describe('parseWriteArguments', () => {
  it.each([
    ['a poll', { session_id: 1 }, 5_000],
    ['a short poll', { session_id: 1, yield_time_ms: 10 }, 5_000],
    ['a long poll', { session_id: 1, yield_time_ms: 900_000 }, 300_000],
    ['a write', { session_id: 1, chars: 'x' }, 250],
    ['a long write', { session_id: 1, chars: 'x', yield_time_ms: 90_000 }, 30_000],
  ])('gives %s its time', (_name, value, yieldMs) => {
    expect(parseWriteArguments(value, limits).yieldMs).toBe(yieldMs)
  })

  it('keeps polls as short as the settings want them', () => {
    const short = { ...limits, longestPollMs: 7_000 }
    const call = { session_id: 1, yield_time_ms: 100_000 }
    expect(parseWriteArguments(call, short).yieldMs).toBe(7_000)
  })

  it('wants a session', () => {
    expect(() => parseWriteArguments({ chars: 'x' }, limits)).toThrow('missing field `session_id`')
  })
})
