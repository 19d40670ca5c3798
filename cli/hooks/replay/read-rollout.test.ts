import { describe, expect, it } from 'vitest'
import { readRollout } from './read-rollout.ts'
import type { RecordedSession } from './recorded-session.ts'

const file = (...lines: readonly unknown[]) =>
  lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
const item = (payload: object, turn = 't1') => ({
  type: 'response_item',
  payload,
  metadata: { turn_id: turn },
})
const event = (payload: object) => ({ type: 'event_msg', payload })
const meta = { type: 'session_meta', payload: { id: 's1', cwd: '/w', model: 'm' } }
const call = (name: string, args: unknown, id = 'c1') => ({
  type: 'function_call',
  name,
  arguments: JSON.stringify(args),
  call_id: id,
})
const calls = ({ steps }: RecordedSession) =>
  steps.flatMap(({ what }) => (what.type === 'call' ? [what] : []))

const message = (text: string) => ({
  type: 'message',
  role: 'user',
  content: [{ type: 'input_text', text }],
})

describe('a rollout', () => {
  it('tells the session and its calls as hooks know them', () => {
    const session = readRollout(
      file(
        meta,
        { type: 'turn_context', payload: { turn_id: 't1', cwd: '/w/sub', model: 'n' } },
        item(call('exec_command', { cmd: 'ls -la' })),
        item({
          type: 'function_call_output',
          call_id: 'c1',
          output:
            'Chunk ID: 0a1b2c\nWall time: 0.0100 seconds\nProcess exited with code 1\nOriginal token count: 2\nOutput:\na\nb\n',
        }),
      ),
    )
    expect(session).toEqual({
      format: 'rollout',
      sessionId: 's1',
      cwd: '/w',
      torn: [],
      steps: [
        {
          line: 3,
          turnId: 't1',
          cwd: '/w/sub',
          model: 'n',
          what: {
            type: 'call',
            id: 'c1',
            toolName: 'Bash',
            aliases: [],
            input: { command: 'ls -la' },
            result: { response: 'a\nb\n', failed: true },
          },
        },
      ],
    })
  })

  it.each([
    [call('shell', { command: ['bash', '-lc', 'ls'] }), 'Bash', { command: 'ls' }],
    [call('shell', { command: ['git', 'log', 'a b'] }), 'Bash', { command: "git log 'a b'" }],
    [call('shell_command', { command: 'ls' }), 'Bash', { command: 'ls' }],
    [
      { type: 'local_shell_call', call_id: 'c', action: { type: 'exec', command: ['ls'] } },
      'Bash',
      { command: 'ls' },
    ],
    [
      { type: 'custom_tool_call', name: 'apply_patch', input: '*** Begin Patch', call_id: 'c' },
      'apply_patch',
      { command: '*** Begin Patch' },
    ],
    [call('apply_patch', { input: 'p' }), 'apply_patch', { command: 'p' }],
    [
      { ...call('echo', { text: 'x' }), namespace: 'mcp__probe' },
      'mcp__probe__echo',
      { text: 'x' },
    ],
    [{ ...call('spawn_agent', {}), namespace: 'collaboration' }, 'collaborationspawn_agent', {}],
    [call('view_image', { path: 'a.png' }), 'view_image', { path: 'a.png' }],
    [
      call('write_stdin', { session_id: 1, chars: 'y' }),
      'write_stdin',
      { session_id: 1, chars: 'y' },
    ],
  ])('%j is a call of %s', (payload, toolName, input) => {
    expect(calls(readRollout(file(meta, item(payload))))).toMatchObject([{ toolName, input }])
  })

  it('has no call for hooks where a command is only waited for', () => {
    expect(calls(readRollout(file(meta, item(call('write_stdin', { session_id: 1 })))))).toEqual([])
  })

  it('tells prompts once, and not what the session said in the name of the user', () => {
    const { steps } = readRollout(
      file(
        meta,
        event({ type: 'task_started', turn_id: 't1' }),
        item(message('<environment_context>\n</environment_context>')),
        item(message('# AGENTS.md instructions for /w')),
        item(message('do it')),
        event({ type: 'user_message', message: 'do it' }),
        item({
          type: 'message',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'ok' }],
        }),
        event({ type: 'task_complete', turn_id: 't1', last_agent_message: null }),
      ),
    )
    expect(steps.map(({ what }) => what)).toEqual([
      { type: 'prompt', text: 'do it' },
      { type: 'end', lastMessage: 'ok' },
    ])
  })

  it('takes calls from events where there are no items, and no call twice', () => {
    const session = readRollout(
      file(
        meta,
        item(call('exec_command', { cmd: 'ls' }, 'c1')),
        event({ type: 'exec_command_begin', call_id: 'c1', command: ['bash', '-lc', 'ls'] }),
        event({
          type: 'item_completed',
          item: { type: 'CommandExecution', id: 'x9', command: 'ls', aggregated_output: 'a' },
        }),
        event({ type: 'exec_command_begin', call_id: 'c2', command: ['bash', '-lc', 'pwd'] }),
        event({ type: 'exec_command_end', call_id: 'c2', aggregated_output: '/w', exit_code: 0 }),
        event({
          type: 'mcp_tool_call_begin',
          call_id: 'c3',
          invocation: { server: 'probe', tool: 'echo', arguments: { a: 1 } },
        }),
        event({ type: 'mcp_tool_call_end', call_id: 'c3', result: { Err: 'no' } }),
        event({
          type: 'item_completed',
          item: {
            type: 'commandExecution',
            id: 'exec-1',
            command: 'id',
            aggregatedOutput: 'root',
            exitCode: 1,
          },
        }),
      ),
    )
    expect(calls(session)).toMatchObject([
      { id: 'c1', input: { command: 'ls' } },
      { id: 'c2', input: { command: 'pwd' }, result: { response: '/w', failed: false } },
      { id: 'c3', toolName: 'mcp__probe__echo', input: { a: 1 }, result: { failed: true } },
      { id: 'exec-1', input: { command: 'id' }, result: { response: 'root', failed: true } },
    ])
  })

  it('is read around torn lines', () => {
    const whole = item(call('exec_command', { cmd: 'ls' }))
    const session = readRollout(
      file(
        meta,
        '{"type":"response_item","payl',
        'null',
        whole,
        '',
        JSON.stringify(whole).slice(0, 40),
      ),
    )
    expect(session.torn).toEqual([2, 3, 6])
    expect(calls(session)).toHaveLength(1)
  })

  it('keeps arguments that are no JSON as text', () => {
    const broken = { type: 'function_call', name: 'x', arguments: '{"a', call_id: 'c' }
    expect(calls(readRollout(file(meta, item(broken))))).toMatchObject([{ input: '{"a' }])
  })
})
