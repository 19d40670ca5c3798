import { describe, expect, it } from 'vitest'
import { readHooksFile, readHooksTable } from './hooks-file.ts'
import { locateJson } from './json-place.ts'
import { describeProblem } from './problems.ts'

const run = { type: 'command', command: 'run' }

function read(value: unknown) {
  const text = JSON.stringify(value)
  return readHooksFile(value, { file: '/h.json', locate: (path) => locateJson(text, path) })
}

const inEvent = (handler: object, group: object = {}) =>
  read({ hooks: { PreToolUse: [{ ...group, hooks: [handler, run] }] } })

describe('a hooks file', () => {
  it('gives its handlers in order, each with its place', () => {
    const file = read({
      description: 'd',
      hooks: {
        Stop: [{ hooks: [run] }],
        PreToolUse: [{ hooks: [run, run] }, { matcher: 'Bash', hooks: [run] }],
      },
    })
    expect(file.problems).toEqual([])
    expect(
      file.handlers.map(({ event, group, index, matcher }) => [event, group, index, matcher]),
    ).toEqual([
      ['Stop', 0, 0, undefined],
      ['PreToolUse', 0, 0, undefined],
      ['PreToolUse', 0, 1, undefined],
      ['PreToolUse', 1, 0, 'Bash'],
    ])
  })

  it('may name its dialect', () => {
    expect(read({ dialect: 'claude', hooks: {} }).dialect).toBe('claude')
    const wrong = read({ dialect: 'latin', hooks: {} })
    expect(wrong.dialect).toBeUndefined()
    expect(wrong.problems).toHaveLength(1)
  })

  it.each([
    [
      'an unknown top-level key',
      { hoks: {}, hooks: { Stop: [{ hooks: [run] }] } },
      'HooksFileInvalid',
    ],
    [
      'an unknown event',
      { hooks: { Stopp: [{ hooks: [run] }], Stop: [{ hooks: [run] }] } },
      'HookEventUnknown',
    ],
    ['a group that is no object', { hooks: { Stop: ['x', { hooks: [run] }] } }, 'HooksFileInvalid'],
    ['a group without handlers', { hooks: { Stop: [{}, { hooks: [run] }] } }, 'HooksFileInvalid'],
    [
      'groups that are no list',
      { hooks: { PreToolUse: {}, Stop: [{ hooks: [run] }] } },
      'HooksFileInvalid',
    ],
    [
      'a handler that is no object',
      { hooks: { Stop: [{ hooks: ['x', run] }] } },
      'HookHandlerInvalid',
    ],
    [
      'a handler without a type',
      { hooks: { Stop: [{ hooks: [{ command: 'x' }, run] }] } },
      'HookHandlerInvalid',
    ],
    [
      'an unknown key of a group',
      { hooks: { Stop: [{ matchr: 'x', hooks: [run] }] } },
      'HookHandlerInvalid',
    ],
    [
      'an unknown key of a handler',
      { hooks: { Stop: [{ hooks: [{ ...run, comand: 'x' }] }] } },
      'HookHandlerInvalid',
    ],
  ])('survives %s, which is told', (_what, value, code) => {
    const file = read(value)
    expect(file.problems.map((problem) => problem.code)).toEqual([code])
    expect(
      file.handlers.filter((handler) => handler.event === 'Stop' && !handler.unusable),
    ).toHaveLength(1)
  })

  it.each([5, null, [], 'x', {}, { hooks: [] }])(
    'that is %j has no hooks, and says so',
    (value) => {
      const file = read(value)
      expect([file.handlers.length, file.problems.length]).toEqual([0, 1])
    },
  )

  it('suggests what a misspelt word was meant to be', () => {
    const messages = read({ hooks: { PreTooluse: [] } }).problems.map(({ message }) => message)
    expect(messages).toEqual([expect.stringContaining('did you mean PreToolUse?')])
  })

  it('knows the events of other products, and keeps quiet about those it never fires', () => {
    expect(read({ hooks: { TaskCreated: [{ hooks: [run] }] } }).problems).toMatchObject([
      { quiet: true },
    ])
    const told = read({ hooks: { Notification: [{ hooks: [run] }] } })
    expect(told.problems).toEqual([])
    expect(told.handlers).toHaveLength(1)
  })

  it('points at the word that is wrong', () => {
    const problem = inEvent({ ...run, comand: 1 }).problems[0]
    expect(problem?.pointer).toBe('/hooks/PreToolUse/0/hooks/0/comand')
    expect(problem && describeProblem(problem)).toMatch(
      /^\/h\.json:1:\d+: "comand" is not a known key .* "command"\?$/,
    )
  })
})

describe('a handler', () => {
  it('of an unknown type is named and left out, and its neighbours stay', () => {
    const file = inEvent({ type: 'nonsense' })
    expect(file.problems).toMatchObject([
      { code: 'HookTypeUnsupported', message: expect.stringContaining('"nonsense"') },
    ])
    expect(file.handlers.map(({ unusable }) => unusable === undefined)).toEqual([false, true])
  })

  it.each([[''], ['  '], [5], [undefined]])('with the command %j is left out', (command) => {
    const file = inEvent({ type: 'command', command })
    expect(file.problems).toMatchObject([{ code: 'HookHandlerInvalid' }])
    expect(file.handlers.map(({ index, unusable }) => [index, unusable === undefined])).toEqual([
      [0, false],
      [1, true],
    ])
  })

  it.each([
    [undefined, 600, 0],
    [null, 600, 0],
    [5, 5, 0],
    [0, 1, 0],
    ['7', 7, 1],
    [1.2, 2, 1],
    [0.2, 1, 1],
    ['2.5', 3, 1],
    ['soon', 600, 1],
    [-1, 600, 1],
    [true, 600, 1],
    [{}, 600, 1],
    [5000, 5000, 1],
  ])('takes the timeout %j for %s seconds', (timeout, seconds, problems) => {
    const file = inEvent({ ...run, timeout })
    expect([file.handlers[0]?.timeoutSec, file.problems.length]).toEqual([seconds, problems])
  })

  it('has one second at the end of a session', () => {
    expect(read({ hooks: { SessionEnd: [{ hooks: [run] }] } }).handlers[0]?.timeoutSec).toBe(1)
  })

  it('is left out where its matcher is no text, unless its event ignores matchers', () => {
    expect(inEvent(run, { matcher: 5 }).handlers.map(({ unusable }) => unusable)).not.toContain(
      undefined,
    )
    expect(read({ hooks: { Stop: [{ matcher: 5, hooks: [run] }] } })).toMatchObject({
      problems: [],
      handlers: [expect.not.objectContaining({ unusable: expect.anything() })],
    })
  })

  it('may refuse the operation when it fails', () => {
    expect(inEvent({ ...run, onFailure: 'block' }).handlers[0]?.onFailure).toBe('block')
    expect(inEvent({ ...run, onFailure: 'continue' })).toMatchObject({ problems: [] })
    expect(inEvent({ ...run, onFailure: 'blok' }).problems).toHaveLength(1)
  })

  it('may have words of other products, about which nothing is said at the start', () => {
    const { problems } = inEvent({ ...run, description: 'd', once: true, timeoutSec: 1 })
    expect(problems.every(({ quiet }) => quiet)).toBe(true)
  })
})

describe('a table of a configuration file', () => {
  const view = { file: '/config.toml', locate: () => ({ line: 3, column: 1 }) }

  it('is read like a file, without what is recorded about trust', () => {
    const file = readHooksTable({ state: { k: {} }, Stop: [{ hooks: [run] }] }, view)
    expect([file.handlers.length, file.problems.length]).toEqual([1, 0])
  })

  it('names line and column of what is wrong', () => {
    const problem = readHooksTable({ Stopp: [] }, view).problems[0]
    expect(problem && describeProblem(problem)).toMatch(/^\/config\.toml:3:1: /)
  })
})
