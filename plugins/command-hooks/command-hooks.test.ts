import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ThreadItem, Tool } from 'hookline'
import {
  runTurn,
  scriptedModel,
  scriptedTool,
  temporaryHome,
  testKernel,
  transcript,
  type ScriptedTurn,
  type TestKernel,
} from 'hookline/testing'
import { commandHooks, hooksKey } from './index.ts'

type HookFile = Readonly<Record<string, readonly unknown[]>>

interface Given {
  readonly hooks?: HookFile
  /** Shell sources by name; a handler names its own as `{{name}}`. */
  readonly scripts?: Readonly<Record<string, string>>
  readonly turns?: readonly ScriptedTurn[]
  readonly settings?: Readonly<Record<string, unknown>>
  readonly source?: string
}

const bash: Partial<Tool> = {
  hooks: {
    name: 'Bash',
    toInput: (input) => input,
    fromInput(_input, rewritten) {
      if (typeof rewritten === 'object' && rewritten !== null && 'command' in rewritten)
        return rewritten
      throw new Error('hook returned updatedInput without string field `command`')
    },
  },
}

const handler = (command: string, more: object = {}) => ({
  hooks: [{ type: 'command', command, ...more }],
})
const answer = (event: string, specific: object, more: object = {}) =>
  `cat > /dev/null; echo '${JSON.stringify({ ...more, hookSpecificOutput: { hookEventName: event, ...specific } })}'`

class Trial implements AsyncDisposable {
  readonly test: TestKernel
  readonly home: string
  readonly requests: ReturnType<typeof scriptedModel>['requests']
  readonly #close: () => Promise<void>

  constructor(
    test: TestKernel,
    home: string,
    model: ReturnType<typeof scriptedModel>,
    close: () => Promise<void>,
  ) {
    this.test = test
    this.home = home
    this.requests = model.requests
    this.#close = close
  }

  run(prompt = 'do it') {
    return runTurn(this.test, prompt)
  }

  said(): readonly string[] {
    return transcript(this.test.session.items)
  }

  shown(type: ThreadItem['type']): readonly ThreadItem[] {
    const ended = this.test.events
      .filter((event) => event.type === 'item_completed')
      .map(({ item }) => item)
    return ended.filter((item) => item.type === type)
  }

  /** What a hook that ran `cat > {{home}}/NAME` was given. */
  async stdin(name: string): Promise<Record<string, unknown>> {
    return JSON.parse(await readFile(join(this.home, name), 'utf8'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.test[Symbol.asyncDispose]()
    await this.#close()
  }
}

async function trial({
  hooks = {},
  turns = [],
  settings = {},
  source = 'test',
}: Given = {}): Promise<Trial> {
  const home = await temporaryHome()
  const text = JSON.stringify({ hooks }).replaceAll('{{home}}', home.path)
  await writeFile(join(home.path, 'hooks.json'), text)
  const model = scriptedModel(turns)
  const tools = [
    scriptedTool('exec_command', (input) => `ran ${JSON.stringify(input)}`, bash),
    scriptedTool('get_goal', 'none'),
  ]
  const test = await testKernel([model.plugin, ...tools, commandHooks], {
    home: home.path,
    source,
    settings: { approval_policy: 'never', bypass_hook_trust: true, ...settings },
  })
  return new Trial(test, home.path, model, async () => home[Symbol.asyncDispose]())
}

/** Waits until a hook has written something into a file. */
async function contentOf(file: string): Promise<string> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '')
    if (text !== '') return text
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const oneCall: readonly ScriptedTurn[] = [
  [{ call: 'exec_command', args: { command: 'ls' }, callId: 'c1' }],
  ['done'],
]

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
    const rewrite = (command: string) =>
      answer('PreToolUse', { permissionDecision: 'allow', updatedInput: { command } })
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

describe('an asynchronous handler', () => {
  it('is not waited for, cannot decide, and is not shown', async () => {
    const hooks = {
      PreToolUse: [handler('cat > {{home}}/in; echo no >&2; exit 2', { async: true })],
    }
    await using t = await trial({ turns: oneCall, hooks })
    await t.run()
    expect(t.said()).toContain('output: ran {"command":"ls"}')
    expect(t.shown('hook_run')).toEqual([])
  })

  it('is ended with the session', async () => {
    await using home = await temporaryHome()
    const hooks = {
      UserPromptSubmit: [handler(`echo $$ > ${home.path}/pid; exec sleep 60`, { async: true })],
    }
    const t = await trial({ hooks })
    await t.run()
    const pid = await contentOf(join(home.path, 'pid'))
    await t[Symbol.asyncDispose]()
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH')
  })
})

describe('every run', () => {
  it('is shown once, with what came of it', async () => {
    const hooks = {
      UserPromptSubmit: [
        handler('echo ctx', { statusMessage: 'checking' }),
        handler('exit 3'),
        handler(`echo '{"systemMessage":"hey"}'`),
      ],
    }
    await using t = await trial({ hooks })
    await t.run()
    const shown = t
      .shown('hook_run')
      .toSorted((a, b) => JSON.stringify(a).length - JSON.stringify(b).length)
    expect(shown).toHaveLength(3)
    const common = { event: 'UserPromptSubmit', source: 'user', durationMs: expect.any(Number) }
    expect(shown).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...common,
          status: 'completed',
          statusMessage: 'checking',
          entries: [{ kind: 'context', text: 'ctx' }],
        }),
        expect.objectContaining({
          ...common,
          status: 'failed',
          entries: [{ kind: 'error', text: 'hook exited with code 3' }],
        }),
        expect.objectContaining({
          ...common,
          status: 'completed',
          entries: [{ kind: 'warning', text: 'hey' }],
        }),
      ]),
    )
  })

  it('starts at once with the others', async () => {
    const meet = (mine: string, other: string) =>
      handler(`touch {{home}}/${mine}; until [ -e {{home}}/${other} ]; do :; done; echo ${mine}`, {
        timeout: 20,
      })
    await using t = await trial({ hooks: { UserPromptSubmit: [meet('a', 'b'), meet('b', 'a')] } })
    await t.run()
    expect(t.said().slice(1, 3)).toEqual(['developer: a', 'developer: b'])
  })

  it('knows the folder of the project', async () => {
    const hooks = {
      UserPromptSubmit: [handler('echo "$CLAUDE_PROJECT_DIR $HOOKLINE_PROJECT_DIR $PWD"')],
    }
    await using t = await trial({ hooks })
    await t.run()
    expect(t.said()).toContain(`developer: ${t.home} ${t.home} ${t.home}`)
  })

  it('ends with the turn', async () => {
    await using t = await trial({
      hooks: { UserPromptSubmit: [handler('echo yes > {{home}}/began; sleep 60')] },
    })
    const turn = t.test.session.run('do it')
    await contentOf(join(t.home, 'began'))
    await t.test.session.interrupt()
    expect((await turn.done).outcome).toBe('interrupted')
  })
})

describe('without consent', () => {
  it('nothing runs that is not trusted', async () => {
    await using t = await trial({
      hooks: { UserPromptSubmit: [handler('echo ran')] },
      settings: { bypass_hook_trust: false },
    })
    await t.run()
    expect(t.said()).not.toContain('developer: ran')
    const { hooks } = await t.test.services.get(hooksKey, 'default').list()
    expect(hooks).toMatchObject([{ state: 'untrusted', trustStatus: 'untrusted', enabled: true }])
  })

  it('what is trusted runs as long as it stays the same', async () => {
    await using t = await trial({ hooks: { UserPromptSubmit: [handler('echo ran')] } })
    const { hooks } = await t.test.services.get(hooksKey, 'default').list()
    const [key, hash] = [hooks[0]?.key ?? '', hooks[0]?.currentHash]
    for (const [trusted, lines] of [
      [hash, 1],
      ['sha256:other', 0],
    ] as const) {
      const settings = {
        bypass_hook_trust: false,
        hooks: { state: { [key]: { trusted_hash: trusted } } },
      }
      await using again = await testKernel([commandHooks], { home: t.home, settings })
      await runTurn(again, 'do it')
      expect(
        transcript(again.session.items).filter((line) => line === 'developer: ran'),
      ).toHaveLength(lines)
    }
  })

  it('what is turned off does not run, also with the bypass', async () => {
    await using t = await trial({ hooks: { UserPromptSubmit: [handler('echo ran')] } })
    const key = `${t.home}/hooks.json:user_prompt_submit:0:0`
    for (const settings of [
      { hooks: { state: { [key]: { enabled: false } } } },
      { features: { hooks: false } },
    ]) {
      await using again = await testKernel([commandHooks], {
        home: t.home,
        settings: { bypass_hook_trust: true, ...settings },
      })
      await runTurn(again, 'do it')
      expect(transcript(again.session.items)).not.toContain('developer: ran')
      const { hooks } = await again.services.get(hooksKey, 'default').list()
      expect(hooks).toMatchObject([{ state: 'disabled' }])
    }
  })
})

describe('a session', () => {
  it('is not touched where there is no hook', async () => {
    await using t = await trial()
    await t.run()
    const tapped = t.test.kernel.row.timings().filter(({ plugin }) => plugin === 'command-hooks')
    expect(tapped).toEqual([])
  })

  it('is tapped only where there is a hook', async () => {
    await using t = await trial({ hooks: { Stop: [handler('true')], PreToolUse: [handler(' ')] } })
    const tapped = t.test.kernel.row.timings().filter(({ plugin }) => plugin === 'command-hooks')
    expect(tapped.map(({ hook }) => hook)).toEqual(['stop'])
  })

  it('tells what is wrong with a file, and runs the rest of it', async () => {
    const hooks = {
      Stopp: [],
      UserPromptSubmit: [{ ...handler('echo no'), matcher: '[' }],
      SessionStart: [{ ...handler('echo no'), matcher: '[' }, handler('echo yes')],
    }
    await using t = await trial({ hooks })
    await t.run()
    expect(t.shown('error').map((item) => ('message' in item ? item.message : ''))).toEqual([
      expect.stringMatching(/hooks\.json:1:\d+: there is no event Stopp.*did you mean Stop\?/),
      expect.stringContaining('matcher "["'),
    ])
    expect(t.said().slice(0, 3)).toEqual(['developer: yes', 'user: do it', 'developer: no'])
  })

  it('of a subagent has only the events of its calls, which say whose they are', async () => {
    const hooks = {
      SessionStart: [handler('echo start')],
      UserPromptSubmit: [handler('echo prompt')],
      Stop: [handler('echo stop >&2; exit 2')],
      PreToolUse: [handler('cat > {{home}}/in')],
    }
    await using t = await trial({ hooks, turns: oneCall, source: 'subagent:helper' })
    await t.run()
    expect(t.said()[0]).toBe('user: do it')
    expect(await t.stdin('in')).toMatchObject({
      agent_id: t.test.session.facts.id,
      agent_type: 'helper',
    })
  })
})

describe('the home of another product', () => {
  it('has no hook that runs before it is trusted here, also with the bypass', async () => {
    await using user = await temporaryHome()
    await mkdir(join(user.path, '.codex'))
    await chmod(user.path, 0o700)
    const file = join(user.path, '.codex/hooks.json')
    await writeFile(file, JSON.stringify({ hooks: { UserPromptSubmit: [handler('echo ran')] } }))
    const before = process.env['HOME']
    process.env['HOME'] = user.path
    try {
      await using t = await trial()
      await t.run()
      expect(t.said()).not.toContain('developer: ran')
      const { hooks } = await t.test.services.get(hooksKey, 'default').list()
      expect(hooks).toMatchObject([{ sourcePath: file, state: 'untrusted' }])
    } finally {
      process.env['HOME'] = before
    }
  })
})
