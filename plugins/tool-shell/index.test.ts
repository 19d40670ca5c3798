import {
  definePlugin,
  sandboxKey,
  sessionEnvKey,
  textOf,
  toolKey,
  type ExecPlan,
  type Item,
} from 'hookline'
import { spawnTree } from 'hookline/kit'
import { runTurn, scriptedModel, testKernel } from 'hookline/testing'
import { describe, expect, it, vi } from 'vitest'
import { toolShell } from './index.ts'

/** Confines nothing, whatever the plan says. */
const openSandbox = definePlugin({
  name: 'open-sandbox',
  power: 'decide',
  setup({ services }) {
    services.provide(sandboxKey, 'open', () => ({
      available: async () => ({ ok: true }),
      spawn: ({ command: [file, ...args], cwd, env }: ExecPlan) =>
        spawnTree({ file, args, cwd, env }),
    }))
  },
})

const settings = { sandbox_backend: 'open', sandbox_mode: 'read-only' }

function outputs(items: readonly Item[]): readonly string[] {
  return items.flatMap((item) => (item.type === 'tool_output' ? [textOf(item.output)] : []))
}

describe('a session with a shell', () => {
  it('gives both tools', async () => {
    await using test = await testKernel([toolShell], { settings })
    expect(test.services.ids(toolKey)).toEqual(['exec_command', 'write_stdin'])
    expect(test.errors).toEqual([])
  })

  it('runs commands and answers faulty calls by their fault', async () => {
    const model = scriptedModel([
      [
        { call: 'exec_command', args: { cmd: 'echo hi' } },
        { call: 'exec_command', args: {} },
      ],
    ])
    await using test = await testKernel([model.plugin, openSandbox, toolShell], { settings })
    await runTurn(test, 'go')
    expect(outputs(test.session.items)).toEqual([
      expect.stringMatching(/^Chunk ID: [\s\S]*\nOutput:\nhi\n$/),
      'failed to parse function arguments: missing field `cmd`',
    ])
    const shown = test.events.filter(({ type }) => type.startsWith('item_'))
    expect(shown).toMatchObject([
      { type: 'item_started', item: { status: 'in_progress', aggregatedOutput: '' } },
      {
        type: 'item_completed',
        item: { status: 'completed', aggregatedOutput: 'hi\n', exitCode: 0 },
      },
      { type: 'item_completed', item: { type: 'agent_message' } },
    ])
  })

  it('tells hooks of a command and its plain output', async () => {
    const seen: unknown[] = []
    const watcher = definePlugin({
      name: 'watcher',
      power: 'decide',
      setup({ hooks }) {
        hooks.preToolUse.tap('seen', ({ call }) => void seen.push([call.toolName, call.input]))
        hooks.postToolUse.tap(
          'seen',
          ({ call, response }) => void seen.push([call.toolName, response]),
        )
        hooks.toolOutput.tap('seen', ({ text }) => void seen.push(text))
      },
    })
    const model = scriptedModel([[{ call: 'exec_command', args: { cmd: 'echo hi; exit 3' } }]])
    const plugins = [model.plugin, openSandbox, watcher, toolShell]
    await using test = await testKernel(plugins, { settings })
    await runTurn(test, 'go')
    expect(seen).toEqual([['Bash', { command: 'echo hi; exit 3' }], 'hi\n', ['Bash', 'hi\n']])
  })

  it('applies the policy for environment variables', async () => {
    const model = scriptedModel([[{ call: 'exec_command', args: { cmd: 'echo $A-$HOME-$PAGER' } }]])
    const shell_environment_policy = { inherit: 'none', set: { A: 'set', PATH: '/usr/bin:/bin' } }
    const plugins = [model.plugin, openSandbox, toolShell]
    await using test = await testKernel(plugins, {
      settings: { ...settings, shell_environment_policy },
    })
    await runTurn(test, 'go')
    // bash itself finds out about HOME.
    expect(outputs(test.session.items)[0]).toMatch(/\nset-.*-cat\n$/)
  })

  it('gives commands the variables that the session has gained meanwhile', async () => {
    let value = 'early'
    const gained = definePlugin({
      name: 'gained',
      setup: ({ services }) =>
        void services.provide(sessionEnvKey, 'default', () => ({
          apply: (base) => ({ ...base, GAINED: value, PATH: `${base['PATH']}:/more` }),
        })),
    })
    // A login shell may set its path anew.
    const args = { cmd: 'echo "$GAINED ${PATH##*:}"', login: false }
    const call = { call: 'exec_command', args }
    const model = scriptedModel([[call], ['one'], [call]])
    const plugins = [model.plugin, openSandbox, gained, toolShell]
    await using test = await testKernel(plugins, { settings })
    await runTurn(test, 'go')
    value = 'late'
    await runTurn(test, 'go')
    expect(outputs(test.session.items).map((text) => text.split('\n').at(-2))).toEqual([
      'early /more',
      'late /more',
    ])
  })

  it('keeps the credentials of model providers from commands, whatever their names', async () => {
    vi.stubEnv('MODEL_PASS', 'pass-1234')
    vi.stubEnv('GATEWAY_ID', 'gate-1234')
    vi.stubEnv('OTHER_PASS', 'other')
    const cmd = 'echo "[$MODEL_PASS$GATEWAY_ID$OTHER_PASS]"'
    const model = scriptedModel([[{ call: 'exec_command', args: { cmd } }]])
    const provider = { base_url: 'http://127.0.0.1:1', env_key: 'MODEL_PASS' }
    await using test = await testKernel([model.plugin, openSandbox, toolShell], {
      settings: {
        ...settings,
        model_providers: { mine: { ...provider, env_http_headers: { id: 'GATEWAY_ID' } } },
      },
    })
    await runTurn(test, 'go')
    vi.unstubAllEnvs()
    expect(outputs(test.session.items)[0]).toContain('\n[other]\n')
  })

  it('ends what runs when it closes', async () => {
    const cmd = 'echo up; while :; do sleep 0.05; done'
    const model = scriptedModel([[{ call: 'exec_command', args: { cmd, yield_time_ms: 250 } }]])
    await using test = await testKernel([model.plugin, openSandbox, toolShell], { settings })
    await runTurn(test, 'go')
    expect(outputs(test.session.items)[0]).toMatch(/running with session ID \d+/)
    await test.session.close()
    const ends = test.events.filter((event) => event.type === 'item_completed')
    expect(ends.at(-1)).toMatchObject({ item: { type: 'command_execution', status: 'failed' } })
  })

  it('ends a running command at an interrupt', async () => {
    const model = scriptedModel([[{ call: 'exec_command', args: { cmd: 'echo up; sleep 300' } }]])
    await using test = await testKernel([model.plugin, openSandbox, toolShell], { settings })
    const turn = test.session.run('go')
    for await (const event of turn) {
      if (event.type === 'item_started') await test.session.interrupt()
    }
    expect(outputs(test.session.items)[0]).toMatch(/^Wall time: \d\.\d seconds\naborted by user$/)
  })
})
