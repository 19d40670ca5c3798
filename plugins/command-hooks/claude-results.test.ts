import { definePlugin } from 'hookline'
import { scriptedTool, type ScriptedTurn } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import {
  answer,
  claudeTrial,
  handler,
  keepAndSay,
  oneCall,
  say,
  trial,
  type Trial,
} from './hooks-harness.ts'

const rewrite = (stdout: string) => answer('PostToolUse', { updatedToolOutput: { stdout } })
const imageless = () => ({ output: 'no such image', failed: true })
const failing = () => ({ output: 'Exit code: 3\nbroken', response: 'broken', failed: true })
const afterOutput = (t: Trial) =>
  t.said().slice(t.said().findIndex((line) => line.startsWith('output: ')))
const keep = (name: string) => handler(`cat > {{home}}/${name}`)

describe('a PostToolUse hook of the claude dialect', () => {
  it('reads the result of a shell in parts', async () => {
    await using t = await claudeTrial({ turns: oneCall, hooks: { PostToolUse: [keep('in')] } })
    await t.run()
    expect(await t.stdin('in')).toMatchObject({
      tool_response: {
        stdout: 'ran {"command":"ls"}',
        stderr: '',
        interrupted: false,
        isImage: false,
        noOutputExpected: false,
      },
      tool_use_id: 'c1',
      duration_ms: expect.any(Number),
      prompt_id: expect.any(String),
      turn_id: expect.any(String),
    })
  })

  it('that blocks leaves the output, and adds a note behind it', async () => {
    const command = 'echo why >&2; exit 2'
    await using t = await claudeTrial({
      turns: oneCall,
      hooks: { PostToolUse: [handler(command)] },
    })
    await t.run()
    expect(afterOutput(t)).toEqual([
      'output: ran {"command":"ls"}',
      `developer: PostToolUse:Bash hook feedback: [${command}]: why`,
      'assistant: done',
    ])
  })

  it('with continue: false ends the turn', async () => {
    await using t = await claudeTrial({
      turns: oneCall,
      hooks: { PostToolUse: [handler(say({ continue: false, stopReason: 'enough' }))] },
    })
    await t.run()
    expect([afterOutput(t), t.requests.length]).toEqual([['output: ran {"command":"ls"}'], 1])
  })

  it('replaces the output in the form of the tool', async () => {
    const updatedToolOutput = { stdout: 'clean', stderr: '', interrupted: false, isImage: false }
    const command = answer('PostToolUse', { updatedToolOutput })
    await using t = await claudeTrial({
      turns: oneCall,
      hooks: { PostToolUse: [handler(command)] },
    })
    await t.run()
    expect(afterOutput(t)[0]).toBe('output: clean')
  })

  it.each([['text'], [{ content: [] }], [{ stdout: 5 }]])(
    'does not replace it by %j, and that is told',
    async (updatedToolOutput) => {
      const command = answer('PostToolUse', { updatedToolOutput })
      await using t = await claudeTrial({
        turns: oneCall,
        hooks: { PostToolUse: [handler(command)] },
      })
      await t.run()
      expect(afterOutput(t)[0]).toBe('output: ran {"command":"ls"}')
      expect(t.shown('error')).toMatchObject([{ message: expect.stringContaining('Bash') }])
    },
  )

  it('replaces the output of a server by either of its words', async () => {
    const content = [{ type: 'text', text: 'said hi' }]
    const server = scriptedTool('mcp__srv__say', () => ({ output: 'raw', response: { content } }))
    const turns: readonly ScriptedTurn[] = [[{ call: 'mcp__srv__say' }], ['done']]
    for (const fields of [
      { updatedMCPToolOutput: 'other' },
      { updatedToolOutput: { content: [{ type: 'text', text: 'other' }] } },
    ]) {
      const hooks = { PostToolUse: [handler(answer('PostToolUse', fields))] }
      await using t = await claudeTrial({ turns, hooks, plugins: [server] })
      await t.run()
      expect(afterOutput(t)[0]).toBe('output: other')
    }
  })

  it('takes the rewrite that finishes last', async () => {
    const hooks = {
      PostToolUse: [handler(`sleep 0.3; ${rewrite('slow')}`), handler(rewrite('fast'))],
    }
    await using t = await claudeTrial({ turns: oneCall, hooks })
    await t.run()
    expect(afterOutput(t)[0]).toBe('output: slow')
  })
})

describe('a call that failed', () => {
  it('is an event of its own in the claude dialect', async () => {
    const fields = {
      hookSpecificOutput: { hookEventName: 'PostToolUseFailure', additionalContext: 'c' },
    }
    const hooks = {
      PostToolUse: [handler('touch {{home}}/never')],
      PostToolUseFailure: [handler(keepAndSay('in', fields))],
    }
    await using t = await claudeTrial({ turns: oneCall, shell: failing, hooks })
    await t.run()
    expect(await t.stdin('in')).toMatchObject({
      hook_event_name: 'PostToolUseFailure',
      tool_name: 'Bash',
      tool_input: { command: 'ls' },
      tool_use_id: 'c1',
      error: 'Exit code: 3\nbroken',
      is_interrupt: false,
      duration_ms: expect.any(Number),
    })
    await expect(t.stdin('never')).rejects.toThrow('ENOENT')
    expect(afterOutput(t)[1]).toBe('developer: PostToolUseFailure:Bash hook additional context: c')
  })

  it('is no such event where it went well', async () => {
    await using t = await claudeTrial({
      turns: oneCall,
      hooks: { PostToolUseFailure: [keep('in')] },
    })
    await t.run()
    expect(t.shown('hook_run')).toEqual([])
  })

  it('before it had a result is told by PostToolUseFailure alone, in the codex dialect too', async () => {
    const hooks = { PostToolUse: [keep('in')], PostToolUseFailure: [keep('in')] }
    await using t = await trial({ turns: oneCall, shell: imageless, hooks })
    await t.run()
    expect(t.shown('hook_run')).toMatchObject([{ event: 'PostToolUseFailure' }])
  })
})

describe('a call that was refused', () => {
  it('is told in the claude dialect, whoever refused it', async () => {
    const fields = { hookSpecificOutput: { hookEventName: 'PermissionDenied', retry: true } }
    const hooks = { PermissionDenied: [handler(keepAndSay('in', fields))] }
    const policy = definePlugin({
      name: 'test-policy',
      power: 'decide',
      setup({ hooks: points }) {
        points.preToolUse.tap('no', (gate) => gate.deny('not here', 'rule'))
      },
    })
    await using t = await claudeTrial({ turns: oneCall, hooks, plugins: [policy] })
    await t.run()
    expect(await t.stdin('in')).toMatchObject({
      hook_event_name: 'PermissionDenied',
      tool_name: 'Bash',
      tool_input: { command: 'ls' },
      tool_use_id: 'c1',
      reason: 'not here',
      denied_by: 'rule',
    })
    expect(afterOutput(t).slice(0, 2)).toEqual([
      'output: not here',
      'developer: PermissionDenied:Bash hook: the call may be tried again',
    ])
  })

  it('is told as well where an approval was refused', async () => {
    const need = { kind: 'escalation', reason: 'r', refusal: 'not granted' } as const
    await using t = await claudeTrial({
      turns: oneCall,
      shellTool: { needs: async () => need },
      hooks: { PermissionDenied: [keep('in')] },
    })
    await t.run()
    expect(await t.stdin('in')).toMatchObject({ reason: 'not granted', denied_by: 'policy' })
  })
})

describe('a batch of calls', () => {
  const twoCalls: readonly ScriptedTurn[] = [
    [
      { call: 'exec_command', args: { command: 'one' }, callId: 'c1' },
      { call: 'exec_command', args: { command: 'two' }, callId: 'c2' },
    ],
    ['done'],
  ]

  it('is told once, refused calls among them', async () => {
    const deny = handler('grep -q one && { echo no >&2; exit 2; }; true')
    const fields = {
      hookSpecificOutput: { hookEventName: 'PostToolBatch', additionalContext: 'c' },
    }
    const hooks = { PreToolUse: [deny], PostToolBatch: [handler(keepAndSay('in', fields))] }
    await using t = await claudeTrial({ turns: twoCalls, hooks })
    await t.run()
    const told = await t.stdin('in')
    expect(told['tool_calls']).toMatchObject([
      { tool_name: 'Bash', tool_use_id: 'c1', tool_response: expect.stringContaining('no') },
      { tool_input: { command: 'two' }, tool_response: 'ran {"command":"two"}' },
    ])
    expect(t.said().slice(-2)).toEqual([
      'developer: PostToolBatch hook additional context: c',
      'assistant: done',
    ])
  })

  it('can end the turn', async () => {
    const hooks = { PostToolBatch: [handler('echo enough >&2; exit 2')] }
    await using t = await claudeTrial({ turns: twoCalls, hooks })
    await t.run()
    expect(t.requests).toHaveLength(1)
  })
})
