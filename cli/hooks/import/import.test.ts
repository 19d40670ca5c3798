import { describe, expect, it } from 'vitest'
import { temporaryHome } from 'hookline/testing'
import { mergeHooks } from './merge-hooks.ts'
import { readForeignHooks } from './read-foreign-hooks.ts'

const group = (command: string) => ({ hooks: [{ type: 'command', command }] })
const found = (events: Record<string, unknown[]>) => [{ file: 'f', events }]
const codex = { file: 'hooks.json', dialect: 'codex' } as const
const claude = { file: 'hooks.json', dialect: 'claude' } as const

describe('hooks of another product', () => {
  it('are found in every file that it reads them from', async () => {
    await using folder = await temporaryHome({
      '.codex/hooks.json': JSON.stringify({ hooks: { Stop: [group('a')] } }),
      '.codex/config.toml':
        '[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = "command"\ncommand = "b"\n[hooks.state.k]\nx = 1\n',
      '.claude/settings.json': '{"permissions": {}}',
      '.claude/settings.local.json': JSON.stringify({ hooks: { Notification: [group('c')] } }),
    })
    const events = async (product: 'codex' | 'claude') =>
      (await readForeignHooks(product, folder.path)).map((file) => file.events)
    expect(await events('codex')).toEqual([{ Stop: [group('a')] }, { Stop: [group('b')] }])
    expect(await events('claude')).toEqual([{ Notification: [group('c')] }])
  })

  it('are not taken from a file that cannot be read', async () => {
    await using folder = await temporaryHome({ '.claude/settings.json': '{' })
    await expect(readForeignHooks('claude', folder.path)).rejects.toMatchObject({
      code: 'HOOKS_INVALID',
    })
  })
})

describe('a hooks file that takes hooks over', () => {
  it('is made with their dialect', () => {
    const merged = mergeHooks(undefined, found({ Stop: [group('a')] }), claude)
    expect(merged).toMatchObject({ added: 1, known: 0 })
    expect(JSON.parse(merged.text)).toEqual({ dialect: 'claude', hooks: { Stop: [group('a')] } })
    expect(JSON.parse(mergeHooks(undefined, found({ Stop: [group('a')] }), codex).text)).toEqual({
      hooks: { Stop: [group('a')] },
    })
  })

  it('keeps what it has, in its own layout, and takes nothing twice', () => {
    const text = `{\n\t"description": "d",\n\t"hooks": ${JSON.stringify({ Stop: [group('a')] })}\n}`
    const merged = mergeHooks(
      text,
      found({ Stop: [group('a'), group('b')], PreToolUse: [group('c')] }),
      codex,
    )
    expect(merged).toMatchObject({ added: 2, known: 1 })
    expect(merged.text).toContain('\n\t"description"')
    expect(JSON.parse(merged.text)).toEqual({
      description: 'd',
      hooks: { Stop: [group('a'), group('b')], PreToolUse: [group('c')] },
    })
    const again = mergeHooks(merged.text, found({ Stop: [group('b')] }), codex)
    expect(again).toEqual({ text: merged.text, added: 0, known: 1 })
  })

  it('takes no hooks of another dialect beside its own', () => {
    const text = JSON.stringify({ hooks: { Stop: [group('a')] } })
    expect(() => mergeHooks(text, found({ Stop: [group('b')] }), claude)).toThrow(
      expect.objectContaining({ code: 'CONFIG_CONFLICT' }),
    )
    const empty = mergeHooks('{"hooks": {}}', found({ Stop: [group('b')] }), claude)
    expect(JSON.parse(empty.text)).toMatchObject({ dialect: 'claude' })
  })

  it('must be readable itself', () => {
    expect(() => mergeHooks('{', found({ Stop: [group('b')] }), codex)).toThrow(
      expect.objectContaining({ code: 'HOOKS_INVALID' }),
    )
  })
})
