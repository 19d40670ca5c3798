import { describe, expect, it } from 'vitest'
import { parseSandboxWords } from './sandbox-words.ts'

const nothing = { overrides: [] }

describe('the words of hookline sandbox', () => {
  it.each([
    ['ls -la', { ...nothing, command: ['ls', '-la'] }],
    ['-- -x', { ...nothing, command: ['-x'] }],
    [
      '-s read-only -C /a -- ls -s x',
      { ...nothing, mode: 'read-only', folder: '/a', command: ['ls', '-s', 'x'] },
    ],
    ['--sandbox=workspace-write ls', { ...nothing, mode: 'workspace-write', command: ['ls'] }],
    ['-sread-only -C/a ls', { ...nothing, mode: 'read-only', folder: '/a', command: ['ls'] }],
    [
      '-P hk -c a=1 -c b="x=y" ls',
      { profile: 'hk', overrides: ['a=1', 'b="x=y"'], command: ['ls'] },
    ],
    ['-p work ls', { ...nothing, configProfile: 'work', command: ['ls'] }],
    [
      'linux --full-auto --log-denials ls',
      { ...nothing, mode: 'workspace-write', command: ['ls'] },
    ],
    ['landlock -- ls', { ...nothing, command: ['ls'] }],
    ['macos linux', { ...nothing, command: ['linux'] }],
  ])('%s', (line, parsed) => {
    expect(parseSandboxWords(line.split(' '))).toEqual(parsed)
  })

  it.each([['-h'], ['--help'], ['linux --help'], ['-s read-only --help ls']])(
    'ask for help: %s',
    (line) => {
      expect(parseSandboxWords(line.split(' '))).toBe('help')
    },
  )

  it.each([
    [''],
    ['--'],
    ['-s'],
    ['-s nope ls'],
    ['--nope ls'],
    ['-s read-only -P hk ls'],
    ['linux'],
  ])('are wrong: "%s"', (line) => {
    const words = line.split(' ').filter((word) => word !== '')
    expect(() => parseSandboxWords(words)).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })
})
