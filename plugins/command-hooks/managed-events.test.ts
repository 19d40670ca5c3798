import { readFile } from 'node:fs/promises'
import { definePlugin, type SettingsLayer } from 'hookline'
import { describe, expect, it } from 'vitest'
import { handler, trial, type Trial } from './hooks-harness.ts'
import { hooksKey } from './listing.ts'

/** Hooks that only an administrator can have written. */
function managed(hooks: Readonly<Record<string, readonly unknown[]>>) {
  const layer: SettingsLayer = {
    name: 'system',
    file: '/etc/hookline/config.toml',
    values: { hooks },
  }
  return definePlugin({
    name: 'test-system-layer',
    phase: 'bootstrap',
    power: 'shape',
    setup({ hooks: points }) {
      points.configure.tap('system', (layers) => layers.add(layer))
    },
  })
}

const withManaged = (hooks: Readonly<Record<string, readonly unknown[]>>): Promise<Trial> =>
  trial({ plugins: [managed(hooks)], settings: { bypass_hook_trust: false } })

describe('PreModelRequest', () => {
  it('refuses the request, and the turn fails', async () => {
    await using t = await withManaged({ PreModelRequest: [handler('echo no >&2; exit 2')] })
    const record = await t.run()
    expect([record.outcome, record.error?.code]).toEqual(['failed', 'HOOK_REFUSED'])
    expect(record.error?.message).toContain('no')
    expect(t.requests).toEqual([])
  })

  it('is told what would be sent, and adds to this request alone', async () => {
    const said = JSON.stringify({
      hookSpecificOutput: { hookEventName: 'PreModelRequest', additionalContext: 'for now' },
    })
    const command = `grep -o '"text":"[a-z ]*"' > "$HOOKLINE_PROJECT_DIR/in"; echo '${said}'`
    await using t = await withManaged({ PreModelRequest: [handler(command)] })
    await t.run('the prompt')
    expect(t.requests[0]?.items.at(-1)).toMatchObject({
      role: 'developer',
      parts: [{ type: 'text', text: 'for now' }],
    })
    expect(t.said()).toEqual(['user: the prompt', 'assistant: done'])
    expect(await readFile(`${t.home}/in`, 'utf8')).toContain('"text":"the prompt"')
  })

  it('that crashes lets the request pass, unless it must not fail', async () => {
    await using open = await withManaged({ PreModelRequest: [handler('exit 9')] })
    expect((await open.run()).outcome).toBe('completed')
    const closed = handler('exit 9', { onFailure: 'block' })
    await using shut = await withManaged({ PreModelRequest: [closed] })
    expect((await shut.run()).outcome).toBe('failed')
  })
})

describe('PostModelRequest', () => {
  it('refuses the answer before it counts', async () => {
    const command = `grep -q secret && { echo "it tells a secret" >&2; exit 2; }; true`
    const hooks = { PostModelRequest: [handler(command)] }
    await using t = await trial({
      plugins: [managed(hooks)],
      turns: [['fine'], ['a secret']],
    })
    expect((await t.run()).outcome).toBe('completed')
    const record = await t.run()
    expect([record.outcome, record.error?.code]).toEqual(['failed', 'HOOK_REFUSED'])
    expect(t.said()).not.toContain('assistant: a secret')
  })
})

describe('an event of administrators', () => {
  it('has no hooks of anybody else', async () => {
    await using t = await trial({
      hooks: {
        PreModelRequest: [handler('echo no >&2; exit 2')],
        PostModelRequest: [handler('exit 2')],
      },
    })
    expect((await t.run()).outcome).toBe('completed')
    const { hooks } = await t.test.services.get(hooksKey, 'default').list()
    expect(hooks).toMatchObject([
      { eventName: 'preModelRequest', state: 'skipped', reason: { message: expect.any(String) } },
      { eventName: 'postModelRequest', state: 'skipped' },
    ])
  })
})
