import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { definePlugin, HooklineError, inboxKey, sessionEnvKey } from 'hookline'
import { scriptedTool, type ScriptedTurn } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { answer, claudeTrial, handler, say, trial } from './hooks-harness.ts'

const keep = (name: string) => handler(`cat > {{home}}/${name}`)

const write = (line: string) => handler(`echo '${line}' >> "$CLAUDE_ENV_FILE"`)
const unlessActive = (command: string) =>
  handler(`case "$(cat)" in *'"stop_hook_active":true'*) ;; *) ${command};; esac`)

describe('SessionStart in the claude dialect', () => {
  it('tells text and context, each with its note', async () => {
    const hooks = {
      SessionStart: [
        handler('echo hello'),
        handler(answer('SessionStart', { additionalContext: 'mind' })),
      ],
    }
    await using t = await claudeTrial({ hooks })
    await t.run()
    expect(t.said().slice(0, 3)).toEqual([
      'developer: SessionStart:startup hook success: hello',
      'developer: SessionStart hook additional context: mind',
      'user: do it',
    ])
  })

  it('goes on after exit code 2, which the user is shown', async () => {
    await using t = await claudeTrial({ hooks: { SessionStart: [handler('echo no >&2; exit 2')] } })
    await t.run()
    expect(t.requests).toHaveLength(1)
    expect(t.shown('hook_run')).toMatchObject([
      { status: 'failed', entries: [{ kind: 'error', text: '[echo no >&2; exit 2]: no' }] },
    ])
  })

  it('knows the session by its environment', async () => {
    const command = 'echo "$CLAUDECODE $CLAUDE_CODE_SESSION_ID $CLAUDE_EFFORT $CLAUDE_PROJECT_DIR"'
    await using t = await claudeTrial({
      hooks: { SessionStart: [handler(command)] },
      settings: { model_reasoning_effort: 'high' },
    })
    await t.run()
    const { id } = t.test.session.facts
    expect(t.said()[0]).toMatch(`hook success: 1 ${id} high /`)
  })
})

describe('CLAUDE_ENV_FILE', () => {
  it.each(['codex', 'claude'] as const)(
    'gives the commands of a %s session variables',
    async (dialect) => {
      const hooks = { SessionStart: [write('export A=1'), write('B="$A and $PLACE"')] }
      await using t = await trial({ hooks, dialect })
      await t.run()
      const env = t.test.services.get(sessionEnvKey, 'default')
      expect(env.apply({ PLACE: 'here', A: '0' })).toEqual({
        PLACE: 'here',
        A: '1',
        B: '1 and here',
      })
    },
  )

  it('is gone with the session, and only SessionStart knows it', async () => {
    const hooks = {
      SessionStart: [handler('printf "%s" "$CLAUDE_ENV_FILE" > {{home}}/where')],
      UserPromptSubmit: [handler('printf "%s" "${CLAUDE_ENV_FILE-none}" > {{home}}/other')],
    }
    const t = await trial({ hooks })
    await t.run()
    const where = await readFile(join(t.home, 'where'), 'utf8')
    expect(await readFile(where, 'utf8')).toBe('')
    expect(await readFile(join(t.home, 'other'), 'utf8')).toBe('none')
    await t.test.session.close()
    await expect(readFile(where)).rejects.toThrow('ENOENT')
    await t[Symbol.asyncDispose]()
  })
})

describe('UserPromptSubmit in the claude dialect', () => {
  it('blocks without a reason', async () => {
    await using t = await claudeTrial({
      hooks: { UserPromptSubmit: [handler(say({ decision: 'block' }))] },
    })
    await t.run()
    expect(t.requests).toHaveLength(0)
  })
})

describe('Stop in the claude dialect', () => {
  it('goes on with its reason as it stands', async () => {
    const hooks = { Stop: [unlessActive(`echo '{"decision":"block","reason":"a < b"}'`)] }
    await using t = await claudeTrial({ hooks })
    await t.run()
    expect(t.said()).toContain('user: Stop hook feedback:\na < b')
    expect(t.requests).toHaveLength(2)
  })

  it('goes on with what it adds', async () => {
    const fields = { hookEventName: 'Stop', additionalContext: 'look again' }
    const hooks = {
      Stop: [unlessActive(`echo '${JSON.stringify({ hookSpecificOutput: fields })}'`)],
    }
    await using t = await claudeTrial({ hooks })
    await t.run()
    expect(t.said()).toContain('user: Stop hook additional context: look again')
  })

  it('passes over text', async () => {
    await using t = await claudeTrial({ hooks: { Stop: [handler('echo chat')] } })
    await t.run()
    expect(t.shown('hook_run')).toMatchObject([{ status: 'completed' }])
  })

  it('goes on eight times in a row, and no more', async () => {
    const hooks = { Stop: [handler(answer('Stop', { additionalContext: 'again' }))] }
    await using t = await claudeTrial({ hooks })
    await t.run()
    expect(t.requests).toHaveLength(9)
  })

  it('is told which commands run on', async () => {
    const running = { type: 'command_execution', command: 'serve', aggregatedOutput: '' } as const
    const serve = scriptedTool('serve', 'started', {
      run: async (_input, context) => {
        context.show({ ...running, status: 'in_progress' })
        context
          .show({ ...running, command: 'quick', status: 'in_progress' })
          .end({ status: 'completed' })
        return { output: 'started' }
      },
    })
    const turns: readonly ScriptedTurn[] = [[{ call: 'serve' }], ['done']]
    await using t = await claudeTrial({ turns, plugins: [serve], hooks: { Stop: [keep('in')] } })
    await t.run()
    expect(await t.stdin('in')).toMatchObject({
      background_tasks: [{ type: 'shell', status: 'running', command: 'serve' }],
      session_crons: [],
      last_assistant_message: 'done',
    })
  })
})

describe('StopFailure', () => {
  const failed: readonly ScriptedTurn[] = [
    [{ fail: new HooklineError('MODEL_RATE_LIMITED', 'slow down') }],
  ]

  it('says why the turn failed, and matches by it', async () => {
    const hooks = {
      Stop: [handler('touch {{home}}/never')],
      StopFailure: [
        { ...keep('in'), matcher: 'rate_limit' },
        { ...keep('never'), matcher: 'server_error' },
      ],
    }
    await using t = await claudeTrial({ hooks, turns: failed })
    await t.run()
    expect(await t.stdin('in')).toMatchObject({
      hook_event_name: 'StopFailure',
      error: 'rate_limit',
      error_details: 'slow down',
      last_assistant_message: null,
    })
    await expect(t.stdin('never')).rejects.toThrow('ENOENT')
  })

  it('is not fired where the turn ends well', async () => {
    await using t = await claudeTrial({ hooks: { StopFailure: [keep('in')] } })
    await t.run()
    expect(t.shown('hook_run')).toEqual([])
  })
})

describe('InstructionsLoaded', () => {
  it('is fired once for each file, with the reason', async () => {
    const files: string[] = ['/a/AGENTS.md']
    const documents = definePlugin({
      name: 'test-documents',
      power: 'shape',
      setup({ hooks }) {
        hooks.instructions.tap('parts', (parts) => [
          ...parts,
          { kind: 'documents', role: 'user', text: files.join(), files: [...files] },
        ])
      },
    })
    const hooks = {
      InstructionsLoaded: [
        handler('cat >> {{home}}/in; echo >> {{home}}/in'),
        { ...handler('touch {{home}}/never'), matcher: 'compact' },
      ],
    }
    await using t = await claudeTrial({ hooks, plugins: [documents] })
    await t.run()
    files.push(join(t.home, 'AGENTS.md'))
    await t.run()
    const lines = (await readFile(join(t.home, 'in'), 'utf8')).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { file_path: '/a/AGENTS.md', memory_type: 'Project', load_reason: 'session_start' },
      { memory_type: 'User', load_reason: 'nested_traversal' },
    ])
    await expect(t.stdin('never')).rejects.toThrow('ENOENT')
  })
})

describe('Notification', () => {
  it('tells what a person is told, and what it adds reaches the model', async () => {
    const added = answer('Notification', { additionalContext: 'noted' })
    const hooks = {
      Notification: [
        {
          ...handler(`tee {{home}}/in > /dev/null; ${added.slice(added.indexOf('echo'))}`),
          matcher: 'permission_prompt',
        },
      ],
    }
    await using t = await claudeTrial({ hooks })
    const { session } = t.test
    const note = { kind: 'permission_prompt', title: 'T', message: 'may it?' }
    await t.test.kernel.row.follow('notification', note, session.outsideTurn())
    expect(await t.stdin('in')).toMatchObject({
      notification_type: 'permission_prompt',
      title: 'T',
      message: 'may it?',
    })
    expect(t.test.services.get(inboxKey, 'default')).toBe(session.inbox)
    await t.run()
    expect(t.said()).toContain('developer: Notification hook additional context: noted')
  })
})
