import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryHome } from 'hookline/testing'
import { answer, handler, oneCall, trial } from './hooks-harness.ts'

describe('SessionStart', () => {
  it('tells the model before the prompt, and is told why the session starts', async () => {
    await using t = await trial({
      hooks: { SessionStart: [handler('cat > {{home}}/in; echo " told "')] },
    })
    await t.run()
    expect(t.said().slice(0, 2)).toEqual(['developer: told', 'user: do it'])
    expect(await t.stdin('in')).toEqual({
      session_id: t.test.session.facts.id,
      transcript_path: null,
      cwd: t.home,
      hook_event_name: 'SessionStart',
      model: 'scripted-model',
      permission_mode: 'bypassPermissions',
      source: 'startup',
    })
  })

  it('can end the turn before a request', async () => {
    await using t = await trial({
      hooks: { SessionStart: [handler(`echo '{"continue":false,"stopReason":"no"}'`)] },
    })
    expect((await t.run()).outcome).toBe('completed')
    expect(t.requests).toHaveLength(0)
  })

  it('matches by source', async () => {
    const hooks = {
      SessionStart: [
        { ...handler('echo yes'), matcher: 'startup' },
        { ...handler('echo no'), matcher: 'resume' },
      ],
    }
    await using t = await trial({ hooks })
    await t.run()
    expect(t.said()).toContain('developer: yes')
    expect(t.said()).not.toContain('developer: no')
  })
})

describe('UserPromptSubmit', () => {
  it('adds context after the prompt, in the order of configuration', async () => {
    const commands = [
      'sleep 0.3; echo one',
      'echo two',
      answer('UserPromptSubmit', { additionalContext: 'three' }),
    ]
    await using t = await trial({
      hooks: { UserPromptSubmit: commands.map((command) => handler(command)) },
    })
    await t.run()
    expect(t.said().slice(0, 4)).toEqual([
      'user: do it',
      'developer: one',
      'developer: two',
      'developer: three',
    ])
  })

  it('blocks the prompt, and keeps context for the next', async () => {
    await using t = await trial({
      hooks: {
        UserPromptSubmit: [
          handler('grep -q secret && { echo no >&2; exit 2; }; true'),
          handler('echo noted'),
        ],
      },
    })
    await t.run('a secret')
    expect([t.requests.length, t.said()]).toEqual([0, ['developer: noted']])
    await t.run('another')
    expect(t.said()).toContain('user: another')
  })

  it('is given the prompt and the turn', async () => {
    await using t = await trial({ hooks: { UserPromptSubmit: [handler('cat > {{home}}/in')] } })
    const { facts } = await t.run('my prompt')
    expect(await t.stdin('in')).toMatchObject({
      prompt: 'my prompt',
      turn_id: facts.id,
      prompt_id: facts.id,
    })
  })
})

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

describe('Stop', () => {
  it('makes the turn go on, and then knows that it did', async () => {
    const command =
      'in=$(cat); echo "$in" >> {{home}}/all; case "$in" in *\'"stop_hook_active":true\'*) ;; *) echo "go < on" >&2; exit 2;; esac'
    await using t = await trial({
      turns: [['first'], ['second']],
      hooks: { Stop: [handler(command)] },
    })
    const record = await t.run()
    expect(record.lastMessage).toBe('second')
    const id = `stop:0:${t.home}/hooks.json`
    expect(t.said()).toContain(`user: <hook_prompt hook_run_id="${id}">go &lt; on</hook_prompt>`)
    const inputs = (await readFile(join(t.home, 'all'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(inputs.map((input) => [input.stop_hook_active, input.last_assistant_message])).toEqual([
      [false, 'first'],
      [true, 'second'],
    ])
  })

  it('cannot keep a turn going for ever', async () => {
    await using t = await trial({ hooks: { Stop: [handler('echo again >&2; exit 2')] } })
    await t.run()
    expect(t.requests).toHaveLength(9)
    expect(t.shown('error')).toMatchObject([{ message: expect.stringContaining('8 times') }])
  })

  it('ends the turn against a reason to go on', async () => {
    const hooks = { Stop: [handler('echo on >&2; exit 2'), handler(`echo '{"continue":false}'`)] }
    await using t = await trial({ hooks })
    await t.run()
    expect(t.requests).toHaveLength(1)
  })
})

describe('SessionEnd', () => {
  it('runs when the session closes, within its second', async () => {
    await using home = await temporaryHome()
    const hooks = {
      SessionEnd: [handler(`cat > ${home.path}/in`), handler(`sleep 20; touch ${home.path}/late`)],
    }
    const t = await trial({ hooks })
    await t.run()
    const began = performance.now()
    await t[Symbol.asyncDispose]()
    expect(performance.now() - began).toBeLessThan(6000)
    expect(JSON.parse(await readFile(join(home.path, 'in'), 'utf8'))).toMatchObject({
      hook_event_name: 'SessionEnd',
      reason: 'other',
    })
    await expect(readFile(join(home.path, 'late'))).rejects.toThrow('ENOENT')
  })
})
