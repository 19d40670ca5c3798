import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { definePlugin, isolateKey } from 'hookline'
import { temporaryHome } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { contentOf, handler, oneCall, trial, type Given, type Trial } from './hooks-harness.ts'

/** A dead process that nobody has taken note of yet does not count. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Goes on turn by turn until the model is told something. */
async function untilTold(t: Trial, text: string): Promise<string> {
  for (;;) {
    const line = t.said().find((said) => said.includes(text))
    if (line !== undefined) return line
    await t.run()
  }
}

const forCalls = (...handlers: readonly object[]) => ({ PreToolUse: [{ hooks: handlers }] })

interface ToolEvent {
  readonly tool_input?: { readonly command?: string }
}

/** What the scripts of these tests do, by their source. */
const scripts: Readonly<Record<string, (event: ToolEvent) => unknown>> = {
  five: () => 5,
  later: () => ({
    hookSpecificOutput: { hookEventName: 'PreToolUse', additionalContext: 'later' },
  }),
  extend: ({ tool_input: input }) => JSON.parse(rewriting(`${input?.command} script`)),
}

/** Runs them in this very process: what is tried here is what comes of their answers. */
const isolate = definePlugin({
  name: 'isolate',
  power: 'shape',
  setup({ services }) {
    services.provide(isolateKey, 'default', () => ({
      available: async () => ({ ok: true }),
      // What it is given is the event of a call.
      run: async ({ source, input }) => ({
        ok: true,
        value: scripts[source]?.(input as ToolEvent),
      }),
    }))
  },
})

const rewriting = (command: string) =>
  JSON.stringify({
    hookSpecificOutput: {
      hookEventName: 'PreToolUse',
      permissionDecision: 'allow',
      updatedInput: { command },
    },
  })

const failing: readonly (readonly [string, object])[] = [
  ['command', { type: 'command', command: 'exit 1' }],
  ['command that cannot start', { type: 'command', command: '/no/program', args: [] }],
  ['persistent command', { type: 'command', command: 'exit 1', persistent: true }],
  ['http', { type: 'http', url: 'http://127.0.0.1:1/x' }],
  ['http that is not allowed', { type: 'http', url: 'http://127.0.0.1:2/x' }],
  ['prompt', { type: 'prompt', prompt: 'x' }],
  ['agent', { type: 'agent', prompt: 'x' }],
  ['mcp_tool', { type: 'mcp_tool', server: 'none', tool: 'x' }],
  ['script', { type: 'script', source: 'five' }],
  ['script that is not there', { type: 'script', file: 'none.js' }],
]

describe('a handler that fails', () => {
  const [call = [], end = []] = oneCall
  const judged = [call, ['no JSON'], end]
  const given = (fields: object, more: object = {}): Given => ({
    dialect: 'claude',
    hooks: forCalls({ ...fields, ...more }),
    turns: 'prompt' in fields ? judged : oneCall,
    plugins: [isolate],
    settings: { allowed_http_hook_urls: ['http://127.0.0.1:1/*'] },
  })

  it.each(failing)('lets the call run: %s', async (_name, fields) => {
    await using t = await trial(given(fields))
    await t.run()
    expect(t.said()).toContain('output: ran {"command":"ls"}')
  })

  it.each(failing)('refuses the call where it is required: %s', async (_name, fields) => {
    await using t = await trial(given(fields, { onFailure: 'block' }))
    await t.run()
    const said = t.said().join('\n')
    expect(said).toContain('a required PreToolUse hook gave no usable answer')
    expect(said).not.toContain('output: ran')
    expect(t.shown('hook_run')).toMatchObject([{ status: 'blocked' }])
  })
})

const guard = (rule: string, why: string) => ({
  type: 'command',
  command: `echo ${why} >&2; exit 2`,
  if: rule,
})

describe('a time limit', () => {
  it.each([{}, { persistent: true }])('may be longer than a timer can count: %j', async (more) => {
    const command = `read -r line; sleep 0.2; echo '{"systemMessage":"late"}'`
    const slow = { type: 'command', command, timeout: 3_600_000, ...more }
    for (const dialect of ['codex', 'claude'] as const) {
      await using t = await trial({ dialect, hooks: { UserPromptSubmit: [{ hooks: [slow] }] } })
      await t.run()
      expect(t.shown('hook_run')).toMatchObject([{ status: 'completed' }])
    }
  })
})

describe('a sequential group', () => {
  it('of handlers of any kind hands the rewritten input on', async () => {
    const persistent = `read -r line; echo "$line" > {{home}}/seen; echo '${rewriting('echo persistent')}'`
    const hooks = {
      PreToolUse: [
        {
          sequential: true,
          hooks: [
            { type: 'command', command: `cat > /dev/null; echo '${rewriting('echo first')}'` },
            { type: 'command', command: persistent, persistent: true },
            { type: 'script', source: 'extend' },
          ],
        },
      ],
    }
    await using t = await trial({ dialect: 'claude', hooks, turns: oneCall, plugins: [isolate] })
    await t.run()
    expect(t.said()).toContain('output: ran {"command":"echo persistent script"}')
    expect(await t.stdin('seen')).toMatchObject({ tool_input: { command: 'echo first' } })
  })

  it('compares an "if" with the input as it is by then', async () => {
    const first = { type: 'command', command: `cat > /dev/null; echo '${rewriting('git push')}'` }
    const hooks = {
      PreToolUse: [
        {
          sequential: true,
          hooks: [first, guard('Bash(ls)', 'before'), guard('Bash(git push*)', 'after')],
        },
      ],
    }
    await using t = await trial({ dialect: 'claude', hooks, turns: oneCall })
    await t.run()
    const output = t.said().find((line) => line.startsWith('output: '))
    expect(output).toContain('after')
    expect(output).not.toContain('before')
  })
})

describe('a persistent command', () => {
  const counting = {
    type: 'command',
    command:
      'echo $$ >> {{home}}/pids; n=0; while read -r line; do n=$((n+1)); echo "{\\"systemMessage\\":\\"call $n\\"}"; done',
    persistent: true,
  }

  it('is one process for the events of its file, and ends with the session', async () => {
    await using home = await temporaryHome()
    const text = JSON.stringify(counting).replaceAll('{{home}}', home.path)
    const group = [{ hooks: [JSON.parse(text)] }]
    const hooks = { UserPromptSubmit: group, PreToolUse: group, PostToolUse: group, Stop: group }
    const t = await trial({ hooks, turns: oneCall })
    await t.run()
    await t.run()
    const messages = t.shown('hook_run').map((item) => JSON.stringify(item))
    expect(messages.map((message) => /call (\d)/.exec(message)?.[1])).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
    ])
    const pids = (await readFile(join(home.path, 'pids'), 'utf8')).trim().split('\n').map(Number)
    expect(pids).toHaveLength(1)
    await t[Symbol.asyncDispose]()
    expect(pids.filter(isAlive)).toEqual([])
  })

  it('that is never needed is never started', async () => {
    await using t = await trial({ hooks: { PreToolUse: [{ hooks: [counting] }] } })
    await t.run()
    await expect(readFile(join(t.home, 'pids'))).rejects.toThrow('ENOENT')
  })
})

describe('a handler that nobody waits for', () => {
  it('wakes the model with what it found', async () => {
    const background = {
      type: 'command',
      command: 'until [ -e {{home}}/go ]; do sleep 0.01; done; echo found >&2; exit 2',
      asyncRewake: true,
      rewakeMessage: 'Review of the call:',
    }
    const hooks = {
      PostToolUse: [{ hooks: [background] }],
      Stop: [handler('touch {{home}}/go')],
    }
    await using t = await trial({ dialect: 'claude', hooks, turns: oneCall })
    await t.run()
    expect(t.said()).toContain('output: ran {"command":"ls"}')
    expect(await untilTold(t, 'found')).toBe('developer: Review of the call:\nfound')
  })

  it('says what it has to say whatever its kind', async () => {
    const hooks = forCalls({ type: 'script', source: 'later', async: true })
    await using t = await trial({ hooks, turns: oneCall, plugins: [isolate] })
    expect(await untilTold(t, 'later')).toBe('developer: later')
    expect(t.shown('hook_run')).toEqual([])
  })

  it('may say so itself, in the claude dialect', async () => {
    const command = `echo '{"async":true}'; echo $$ > {{home}}/pid; until [ -e {{home}}/go ]; do sleep 0.01; done; echo '{"hookSpecificOutput":{"hookEventName":"PreToolUse","additionalContext":"late"}}'`
    const hooks = {
      ...forCalls(handler(command).hooks[0] ?? {}),
      Stop: [handler('touch {{home}}/go')],
    }
    await using t = await trial({ dialect: 'claude', hooks, turns: oneCall })
    await t.run()
    expect(t.said()).toContain('output: ran {"command":"ls"}')
    expect(await untilTold(t, 'late')).toContain('late')
  })

  it('and says so itself is ended with the session', async () => {
    await using home = await temporaryHome()
    const command = `echo '{"async":true}'; echo $$ > ${home.path}/pid; exec sleep 60`
    const t = await trial({
      dialect: 'claude',
      hooks: forCalls({ type: 'command', command }),
      turns: oneCall,
    })
    await t.run()
    const pid = Number(await contentOf(join(home.path, 'pid')))
    expect(isAlive(pid)).toBe(true)
    await t[Symbol.asyncDispose]()
    expect(isAlive(pid)).toBe(false)
  })
})

describe('a call that no handler is for', () => {
  it('costs no JSON', async () => {
    let written = 0
    const watched = { toJSON: () => (written += 1) }
    const shellTool = {
      hooks: { name: 'Bash', toInput: () => watched, fromInput: (input: unknown) => input },
    }
    const quiet = { matcher: 'Other', hooks: [{ type: 'command', command: 'true' }] }
    await using t = await trial({ hooks: { PreToolUse: [quiet] }, turns: oneCall, shellTool })
    await t.run()
    expect(written).toBe(0)
    await using heard = await trial({
      hooks: { PreToolUse: [{ ...quiet, matcher: 'Bash' }] },
      turns: oneCall,
      shellTool,
    })
    await heard.run()
    expect(written).toBeGreaterThan(0)
  })
})
