import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { answer, handler, oneCall, trial } from './hooks-harness.ts'

const rewrite = (command: string) =>
  answer('PreToolUse', { permissionDecision: 'allow', updatedInput: { command } })

describe('PreToolUse', () => {
  it('denies with the words of the event, and nothing runs', async () => {
    await using t = await trial({
      turns: oneCall,
      hooks: {
        PreToolUse: [handler('cat > {{home}}/in; echo no >&2; exit 2')],
        PostToolUse: [handler('touch {{home}}/post')],
      },
    })
    await t.run()
    expect(t.said()).toContain('output: Command blocked by PreToolUse hook: no. Command: ls')
    await expect(readFile(join(t.home, 'post'))).rejects.toThrow('ENOENT')
    expect(await t.stdin('in')).toMatchObject({
      hook_event_name: 'PreToolUse',
      permission_mode: 'bypassPermissions',
      tool_name: 'Bash',
      tool_input: { command: 'ls' },
      tool_use_id: 'c1',
    })
    expect(t.shown('tool_call')).toMatchObject([{ status: 'declined', declinedBy: 'hook' }])
  })

  it('rewrites the input; of two the last to finish', async () => {
    await using t = await trial({
      turns: oneCall,
      hooks: {
        PreToolUse: [handler(`sleep 0.4; ${rewrite('slow')}`), handler(rewrite('fast'))],
        PostToolUse: [handler('cat > {{home}}/post')],
      },
    })
    await t.run()
    expect(t.said()).toContain('call exec_command: {"command":"ls"}')
    expect(t.said()).toContain('output: ran {"command":"slow"}')
    expect(await t.stdin('post')).toMatchObject({ tool_input: { command: 'slow' } })
  })

  it('cannot rewrite into something the tool does not understand', async () => {
    const command = answer('PreToolUse', {
      permissionDecision: 'allow',
      updatedInput: { cmd: 'x' },
    })
    await using t = await trial({ turns: oneCall, hooks: { PreToolUse: [handler(command)] } })
    await t.run()
    expect(t.said()).toContain('output: hook returned updatedInput without string field `command`')
  })

  it('hands the rewritten input on within a sequential group', async () => {
    const first = answer('PreToolUse', {
      permissionDecision: 'allow',
      updatedInput: { command: 'second' },
    })
    const group = {
      sequential: true,
      hooks: [...handler(first).hooks, ...handler('cat > {{home}}/in').hooks],
    }
    await using t = await trial({ turns: oneCall, hooks: { PreToolUse: [group] } })
    await t.run()
    expect(await t.stdin('in')).toMatchObject({ tool_input: { command: 'second' } })
    expect(t.said()).toContain('output: ran {"command":"second"}')
  })

  it('is not asked where no matcher fits', async () => {
    await using t = await trial({
      turns: oneCall,
      hooks: { PreToolUse: [{ ...handler('exit 2'), matcher: 'Edit' }] },
    })
    await t.run()
    expect(t.shown('hook_run')).toEqual([])
  })

  it('that crashes lets the call pass, unless it must not fail', async () => {
    await using open = await trial({ turns: oneCall, hooks: { PreToolUse: [handler('exit 9')] } })
    await open.run()
    expect(open.said()).toContain('output: ran {"command":"ls"}')
    await using closed = await trial({
      turns: oneCall,
      hooks: { PreToolUse: [handler('exit 9', { onFailure: 'block' })] },
    })
    await closed.run()
    expect(
      closed.said().some((line) => line.startsWith('output: Command blocked by PreToolUse hook: ')),
    ).toBe(true)
  })

  it('tells the model between the call and its output', async () => {
    const hooks = {
      PreToolUse: [handler(answer('PreToolUse', { additionalContext: 'mind this' }))],
    }
    await using t = await trial({ turns: oneCall, hooks })
    await t.run()
    const said = t.said()
    expect(said.indexOf('developer: mind this')).toBe(
      said.findIndex((line) => line.startsWith('output: ')) - 1,
    )
  })
})

describe('PostToolUse', () => {
  it('replaces the output, with all reasons together', async () => {
    await using t = await trial({
      turns: oneCall,
      hooks: {
        PostToolUse: [
          handler('cat > {{home}}/in; echo one >&2; exit 2'),
          handler('echo two >&2; exit 2'),
        ],
      },
    })
    await t.run()
    expect(t.said()).toContain('output: one\n\ntwo')
    expect(await t.stdin('in')).toMatchObject({
      tool_response: 'ran {"command":"ls"}',
      tool_use_id: 'c1',
      duration_ms: expect.any(Number),
    })
  })

  it('with continue: false replaces the output, and the turn goes on', async () => {
    await using t = await trial({
      turns: oneCall,
      hooks: { PostToolUse: [handler(`echo '{"continue":false}'`)] },
    })
    const record = await t.run()
    expect(t.said()).toContain('output: PostToolUse hook stopped execution')
    expect(record.lastMessage).toBe('done')
  })
})
