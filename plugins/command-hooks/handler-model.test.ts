import { definePlugin, HooklineError, modelKey, type ModelProvider } from 'hookline'
import { scriptedModel, scriptedTool, type ScriptedTurn } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { readModelAnswer } from './handler-model.ts'
import { handler as command, oneCall, trial } from './hooks-harness.ts'
import { kindTrial } from './kind-harness.ts'

const ask = { type: 'prompt', prompt: 'Is it good?' }

async function asked(turns: readonly ScriptedTurn[], fields: object = ask) {
  const model = scriptedModel(turns)
  await using t = await kindTrial({ plugins: [model.plugin], input: { tool_name: 'Bash' } })
  const result = await t.run({ ...ask, ...fields })
  return { result, requests: model.requests }
}

const textsOf = (request: { readonly items: readonly unknown[] } | undefined) =>
  JSON.stringify(request?.items)

describe('the answer of a model', () => {
  it.each([
    ['{"ok": true}', { kind: 'exited', code: 0, stdout: '', stderr: '' }],
    ['{"ok": true, "reason": "fine"}', { kind: 'exited', code: 0, stdout: '', stderr: '' }],
    ['{"ok": false, "reason": "bad"}', { kind: 'exited', code: 2, stdout: '', stderr: 'bad' }],
    ['```json\n{"ok": false, "reason": "bad"}\n```', { code: 2, stderr: 'bad' }],
    [
      'I think: {"ok": false, "reason": "has {braces}"} is right',
      { code: 2, stderr: 'has {braces}' },
    ],
    ['{"ok": false}', { code: 2, stderr: 'it gave no reason' }],
    ['{"decision":"block","reason":"r"}', { code: 0, stdout: '{"decision":"block","reason":"r"}' }],
    ['{"ok": "yes"}', { kind: 'broken' }],
    ['yes', { kind: 'broken' }],
    ['{ok: true}', { kind: 'broken' }],
    ['[true]', { kind: 'broken' }],
    ['', { kind: 'broken' }],
  ])('%j', (text, result) => {
    expect(readModelAnswer(text)).toMatchObject(result)
  })
})

describe('a prompt', () => {
  it('is asked with the event, in a session of its own, without tools', async () => {
    const { result, requests } = await asked([['{"ok": false, "reason": "no tests"}']])
    expect(result).toMatchObject({ code: 2, stderr: 'no tests' })
    expect(requests).toHaveLength(1)
    expect(requests[0]?.tools).toEqual([])
    const said = textsOf(requests[0])
    expect(said).toContain('Is it good?')
    expect(said).toContain(String.raw`{\"tool_name\":\"Bash\"}`)
    expect(said).toContain(String.raw`{\"ok\": true}`)
  })

  it('has the event where it wants it', async () => {
    const { requests } = await asked([['{"ok":true}']], {
      prompt: 'Look: $ARGUMENTS. Good? $ARGUMENTS',
    })
    const last = requests[0]?.items.at(-1)
    expect(last).toMatchObject({
      role: 'user',
      parts: [{ text: 'Look: {"tool_name":"Bash"}. Good? {"tool_name":"Bash"}' }],
    })
  })

  it('that the model does not answer well is a failed run', async () => {
    expect((await asked([['Sure, looks good!']])).result.kind).toBe('broken')
    const fail = new HooklineError('MODEL_REQUEST_FAILED', 'no such model')
    expect((await asked([[{ fail }]])).result).toEqual({
      kind: 'broken',
      message: 'the model could not be asked: no such model',
    })
  })

  it('that the model answers without end is cut off', async () => {
    const endless = definePlugin({
      name: 'endless-model',
      power: 'decide',
      setup({ services }) {
        const provider: ModelProvider = {
          name: 'endless',
          requestMaxRetries: 0,
          streamMaxRetries: 0,
          async *stream(_request, signal) {
            while (!signal.aborted) {
              yield { type: 'text_delta', itemId: 'm', delta: 'word '.repeat(100) }
              await new Promise((resolve) => setImmediate(resolve))
            }
          },
        }
        services.provide(modelKey, 'scripted', () => provider)
      },
    })
    await using t = await kindTrial({ plugins: [endless] })
    expect(await t.run(ask)).toMatchObject({ message: expect.stringContaining('too great length') })
  })

  it('that takes too long, or whose turn is interrupted, is given up', async () => {
    const silent = definePlugin({
      name: 'silent-model',
      power: 'decide',
      setup({ services }) {
        const provider: ModelProvider = {
          name: 'silent',
          requestMaxRetries: 0,
          streamMaxRetries: 0,
          // oxlint-disable-next-line require-yield -- it never says anything
          async *stream(_request, signal) {
            await new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(new Error('aborted')))
            })
          },
        }
        services.provide(modelKey, 'scripted', () => provider)
      },
    })
    await using t = await kindTrial({ plugins: [silent] })
    expect(await t.run({ ...ask, timeout: 1 })).toEqual({ kind: 'timed_out', seconds: 1 })
    const controller = new AbortController()
    const run = t.run(ask, { signal: controller.signal })
    controller.abort()
    expect(await run).toEqual({ kind: 'interrupted' })
  })
})

describe('an agent', () => {
  const tools = ['exec_command', 'apply_patch', 'view_image'].map((name) =>
    scriptedTool(name, 'seen'),
  )

  it('has the tools that only read, and is asked until it has an answer', async () => {
    const model = scriptedModel([
      [{ call: 'exec_command', args: {} }],
      [{ call: 'apply_patch', args: {} }],
      ['{"ok":true}'],
    ])
    await using t = await kindTrial({ plugins: [model.plugin, ...tools] })
    expect(await t.run({ ...ask, type: 'agent' })).toMatchObject({ code: 0 })
    expect(model.requests[0]?.tools.map(({ name }) => name)).toEqual(['exec_command', 'view_image'])
    const said = textsOf(model.requests[2])
    expect(said.match(/seen/g)).toHaveLength(1)
  })

  it('may neither write nor ask for more, whatever the session may', async () => {
    const modes: unknown[] = []
    const watch = scriptedTool('exec_command', 'x', {
      run: async (_input, { turn }) => {
        modes.push(
          turn.sandbox.mode,
          turn.sandbox.network,
          turn.sandbox.writableRoots,
          turn.approvalPolicy,
        )
        return { output: 'x' }
      },
    })
    const model = scriptedModel([[{ call: 'exec_command' }], ['{"ok":true}']])
    await using t = await kindTrial({
      plugins: [model.plugin, watch],
      settings: { sandbox_mode: 'danger-full-access', approval_policy: 'on-request' },
    })
    await t.run({ ...ask, type: 'agent' })
    expect(modes).toEqual(['read-only', false, [], 'never'])
  })

  it('that does not come to an end is stopped', async () => {
    const model = scriptedModel(Array.from({ length: 60 }, () => [{ call: 'exec_command' }]))
    await using t = await kindTrial({ plugins: [model.plugin, ...tools] })
    expect(await t.run({ ...ask, type: 'agent' })).toMatchObject({
      message: expect.stringContaining('more than 40 times'),
    })
  })
})

const judged = (more: object = {}) => ({
  dialect: 'claude' as const,
  hooks: { PreToolUse: [{ hooks: [{ ...ask, ...more }] }] },
})

describe('in a turn', () => {
  it('an objection refuses the call, and the hooks of the session do not run for the judge', async () => {
    const [call = [], end = []] = oneCall
    const started = command('echo x >> {{home}}/starts; echo from the hook')
    const given = judged()
    await using t = await trial({
      ...given,
      hooks: { ...given.hooks, SessionStart: [started], UserPromptSubmit: [started] },
      turns: [call, ['{"ok": false, "reason": "not now"}'], end],
    })
    await t.run()
    expect(t.said().join('\n')).toContain('not now')
    expect(t.said().join('\n')).not.toContain('ran ')
    expect(textsOf(t.requests[1])).not.toContain('from the hook')
  })

  it('a failure lets the call run, unless it is required', async () => {
    const [call = [], end = []] = oneCall
    const turns = [call, ['what?'], end]
    await using open = await trial({ ...judged(), turns })
    await open.run()
    expect(open.said()).toContain('output: ran {"command":"ls"}')
    await using closed = await trial({ ...judged({ onFailure: 'block' }), turns })
    await closed.run()
    expect(closed.said().join('\n')).toContain('gave no usable answer')
  })

  it('nobody is asked in the codex dialect, and that is told', async () => {
    await using t = await trial({ ...judged(), dialect: 'codex', turns: oneCall })
    await t.run()
    expect(t.requests).toHaveLength(2)
    expect(JSON.stringify(t.shown('error'))).toContain('asks a model')
  })
})
