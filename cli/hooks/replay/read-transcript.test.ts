import { describe, expect, it } from 'vitest'
import { isTranscript, readTranscript } from './read-transcript.ts'

const common = { sessionId: 's1', cwd: '/w', uuid: 'u' }
const assistant = (...content: readonly object[]) => ({
  ...common,
  type: 'assistant',
  message: { role: 'assistant', model: 'm', content },
})
const user = (content: unknown, more: object = {}) => ({
  ...common,
  type: 'user',
  message: { role: 'user', content },
  ...more,
})
const use = (name: string, input: object, id = 'c1') => ({ type: 'tool_use', id, name, input })
const file = (...lines: readonly object[]) => lines.map((line) => JSON.stringify(line)).join('\n')

describe('a transcript of Claude Code', () => {
  it('is told from a rollout', () => {
    expect(isTranscript(file({ type: 'summary', summary: 's' }, user('hi')))).toBe(true)
    expect(isTranscript(file({ type: 'session_meta', payload: { id: 's' } }))).toBe(false)
  })

  it('tells prompts, calls with their results, and ends', () => {
    const session = readTranscript(
      file(
        { type: 'summary', summary: 's' },
        user('do it'),
        user('<command-name>/clear</command-name>'),
        user('Caveat: generated', { isMeta: true }),
        assistant(
          { type: 'text', text: 'I will' },
          use('Bash', { command: 'ls', description: 'd' }),
        ),
        user([{ type: 'tool_result', tool_use_id: 'c1', content: 'a', is_error: true }], {
          toolUseResult: { stdout: 'a', stderr: '' },
        }),
        {
          ...common,
          type: 'assistant',
          message: { stop_reason: 'end_turn', content: [{ type: 'text', text: 'done' }] },
        },
      ),
    )
    expect(session).toMatchObject({ format: 'transcript', sessionId: 's1', cwd: '/w', torn: [] })
    expect(session.steps.map(({ line, what }) => [line, what])).toEqual([
      [2, { type: 'prompt', text: 'do it' }],
      [
        5,
        {
          type: 'call',
          id: 'c1',
          toolName: 'Bash',
          aliases: [],
          input: { command: 'ls', description: 'd' },
          result: { response: { stdout: 'a', stderr: '' }, failed: true },
        },
      ],
      [7, { type: 'end', lastMessage: 'done' }],
    ])
  })

  it.each([
    [
      'Edit',
      { file_path: '/w/a.ts', old_string: 'a\nb', new_string: 'c' },
      '*** Begin Patch\n*** Update File: /w/a.ts\n@@\n-a\n-b\n+c\n*** End Patch',
    ],
    [
      'Write',
      { file_path: '/w/a.ts', content: 'x' },
      '*** Begin Patch\n*** Add File: /w/a.ts\n+x\n*** End Patch',
    ],
    [
      'MultiEdit',
      { file_path: '/w/a', edits: [{ old_string: 'a', new_string: '' }, { new_string: 'b' }] },
      '*** Begin Patch\n*** Update File: /w/a\n@@\n-a\n@@\n+b\n*** End Patch',
    ],
  ])('gives %s the patch it stands for', (name, input, command) => {
    const [step] = readTranscript(file(assistant(use(name, input)))).steps
    expect(step?.what).toMatchObject({
      toolName: name,
      aliases: ['apply_patch'],
      input: { ...input, command },
    })
  })

  it('tells a call once, however often its message is written', () => {
    const line = assistant(use('Read', { file_path: 'a' }))
    expect(readTranscript(file(line, line)).steps).toHaveLength(1)
  })
})
