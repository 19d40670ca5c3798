import type { TurnRecord } from 'hookline'
import { noUsage } from 'hookline'
import { describe, expect, it } from 'vitest'
import { notifyArgument } from './argument.ts'

const session = {
  id: 'thread-1',
  cwd: '/projects',
  home: '/home/me',
  source: 'exec',
  product: 'none',
  ephemeral: false,
}

function record(prompts: readonly string[], lastMessage?: string): TurnRecord {
  return {
    facts: {
      id: 'turn-1',
      model: 'm',
      provider: 'p',
      approvalPolicy: 'never',
      reviewer: 'user',
      cwd: '/projects/sub',
      sandbox: {
        mode: 'read-only',
        writableRoots: [],
        network: false,
        deniedReads: [],
        deniedReadGlobs: [],
        backend: 'bwrap',
      },
    },
    outcome: 'completed',
    usage: noUsage,
    prompts,
    ...(lastMessage === undefined ? {} : { lastMessage }),
  }
}

const same = (text: string) => text
const hide = (text: string) => text.replaceAll('sesame', '<redacted>')

describe('notifyArgument', () => {
  it('tells what was asked and what came of it', () => {
    expect(JSON.parse(notifyArgument(record(['hi', 'and?'], 'done'), session, same))).toEqual({
      type: 'agent-turn-complete',
      'thread-id': 'thread-1',
      'turn-id': 'turn-1',
      cwd: '/projects/sub',
      client: 'exec',
      'input-messages': ['hi', 'and?'],
      'last-assistant-message': 'done',
    })
  })

  it('says null where the model said nothing', () => {
    const told = JSON.parse(notifyArgument(record(['hi']), session, same))
    expect(told['last-assistant-message']).toBeNull()
  })

  it('keeps secrets to itself', () => {
    const argument = notifyArgument(record(['open sesame'], 'sesame it is'), session, hide)
    expect(argument).not.toContain('sesame')
    expect(argument).toContain('open <redacted>')
  })

  it.each([
    ['long texts', ['x'.repeat(300_000)], 'y'.repeat(300_000)],
    ['characters that take six in JSON', ['\u0001'.repeat(90_000)], undefined],
    ['more prompts than fit', Array.from({ length: 50_000 }, (_, at) => `prompt ${at}`), 'end'],
  ])('stays short enough for an argument with %s', (_name, prompts, last) => {
    const argument = notifyArgument(record(prompts, last), session, same)
    expect(Buffer.byteLength(argument)).toBeLessThan(128 * 1024)
    expect(JSON.parse(argument)['type']).toBe('agent-turn-complete')
  })
})
