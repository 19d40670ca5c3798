import { describe, expect, it } from 'vitest'
import { readHandlerFields } from './handler-fields.ts'
import type { HookEvent } from './events.ts'
import { ProblemList } from './problems.ts'

function read(fields: Readonly<Record<string, unknown>>, event: HookEvent = 'PreToolUse') {
  const problems = new ProblemList({ file: '/h.json', locate: () => undefined })
  const handler = readHandlerFields(String(fields['type']), fields, { event, path: [], problems })
  const told = problems.all.filter(({ quiet }) => !quiet).map(({ message }) => message)
  return { handler, told, noted: problems.all.length - told.length }
}

const command = { type: 'command', command: 'run' }

describe('what a handler does', () => {
  it.each([
    [{ ...command, args: ['a'], shell: 'bash', persistent: true }],
    [{ type: 'http', url: 'https://h.example/x', headers: { a: 'b' }, allowedEnvVars: ['A'] }],
    [{ type: 'prompt', prompt: 'is it good?', model: 'm' }],
    [{ type: 'agent', prompt: 'look at it' }],
    [{ type: 'mcp_tool', server: 's', tool: 't', input: { path: '${tool_input.file_path}' } }],
    [{ type: 'script', file: './x.js', timeoutMs: 50, memoryMiB: 16 }],
    [{ type: 'script', source: 'return {}' }],
  ])('is read from %j', (fields) => {
    const { handler, told, noted } = read(fields)
    expect(handler.work).toEqual(fields)
    expect([told, noted, handler.unusable]).toEqual([[], 0, undefined])
  })

  it.each([
    [{ type: 'command' }, 'has no command'],
    [{ ...command, args: 'x' }, 'has args that are no list of texts'],
    [{ ...command, shell: 5 }, 'has a shell that is no text'],
    [{ type: 'http' }, 'has no url'],
    [{ type: 'http', url: 'ftp://h/x' }, 'has a url that is no plain http or https address'],
    [
      { type: 'http', url: 'https://me:pw@h/x' },
      'has a url that is no plain http or https address',
    ],
    [
      { type: 'http', url: 'http://h', headers: { a: 5 } },
      'has headers that are no table of texts',
    ],
    [
      { type: 'http', url: 'http://h', allowedEnvVars: 'A' },
      'has allowedEnvVars that are no list of names',
    ],
    [{ type: 'prompt', prompt: ' ' }, 'has no prompt'],
    [{ type: 'agent', prompt: 'x', model: 5 }, 'has a model that is no text'],
    [{ type: 'mcp_tool', tool: 't' }, 'has no server'],
    [{ type: 'mcp_tool', server: 's' }, 'has no tool'],
    [{ type: 'mcp_tool', server: 's', tool: 't', input: [] }, 'has an input that is no table'],
    [{ type: 'script' }, 'has neither file nor source'],
    [{ type: 'script', file: 'a', source: 'b' }, 'has both file and source'],
    [{ type: 'script', source: 'b', memoryMiB: '1' }, 'has a memoryMiB that is no number above 0'],
  ])('is left out as a whole where a word of it is wrong: %j', (fields, fault) => {
    const { handler, told } = read(fields)
    expect(handler.work).toBeUndefined()
    expect(handler.unusable).toBe(`it ${fault}`)
    expect(told).toEqual([`a ${fields.type} hook of PreToolUse ${fault}; it is left out`])
  })

  it('has words of its type alone; those of other types are passed over', () => {
    const { told, noted } = read({ ...command, url: 'x', promt: 'y' })
    expect([told.length, noted]).toEqual([1, 1])
  })
})

describe('the time limit', () => {
  it.each([
    [command, 600, undefined],
    [{ type: 'prompt', prompt: 'x' }, 30, undefined],
    [{ type: 'agent', prompt: 'x' }, 60, undefined],
    [{ type: 'agent', prompt: 'x', timeout: 90 }, 90, undefined],
    [{ type: 'script', source: 'x' }, 1, undefined],
    [{ type: 'script', source: 'x', timeout: 2 }, 2, 2000],
    [{ type: 'script', source: 'x', timeout: 9, timeoutMs: 2500 }, 3, 2500],
  ])('of %j is %d s', (fields, seconds, ms) => {
    const { handler } = read(fields)
    expect(handler.timeoutSec).toBe(seconds)
    expect(handler.work?.type === 'script' ? handler.work.timeoutMs : undefined).toBe(ms)
  })

  it('is that of the event where the event has less', () => {
    expect(read({ type: 'prompt', prompt: 'x' }, 'SessionEnd').handler.timeoutSec).toBe(1)
  })
})

describe('an option', () => {
  it('is read whatever the type', () => {
    const { handler, told } = read({
      type: 'http',
      url: 'http://h',
      if: 'Bash(git *)',
      once: true,
      asyncRewake: true,
      rewakeMessage: 'look:',
    })
    expect(handler).toMatchObject({
      condition: 'Bash(git *)',
      once: true,
      rewake: { message: 'look:' },
    })
    expect(told).toEqual([])
  })

  it('that is no permission rule, or is about no call, is told and ignored', () => {
    expect(read({ ...command, if: 'env.X' })).toMatchObject({ told: [expect.anything()] })
    const { handler, told } = read({ ...command, if: 'Bash' }, 'Stop')
    expect([handler.condition, told.length]).toEqual([undefined, 1])
  })

  it('that asks for a guard nobody waits for is told', () => {
    const { told } = read({ ...command, async: true, onFailure: 'block' })
    expect(told).toEqual([expect.stringContaining('nobody waits')])
  })
})
