import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryHome } from 'hookline/testing'
import { originOf } from './file-origin.ts'

describe('the origin of a hooks file', () => {
  it.each([
    ['.hookline/hooks.json', 'hookline', 'codex', 'hooks'],
    ['.codex/hooks.json', 'codex', 'codex', 'hooks'],
    ['.codex/config.toml', 'codex', 'codex', 'toml'],
    ['.claude/settings.json', 'claude', 'claude', 'settings'],
    ['.claude/settings.local.json', 'claude', 'claude', 'settings'],
  ])('%s', (name, ...expected) => {
    const { product, dialect, form, ...rest } = originOf(join('/p', name))
    expect([[product, dialect, form], rest]).toEqual([expected, { projectDir: '/p' }])
  })

  it('is the bundle whose manifest lies above it', async () => {
    await using folder = await temporaryHome({
      'claude/.claude-plugin/plugin.json': '{}',
      'codex/.codex-plugin/plugin.json': '{}',
      'both/.claude-plugin/plugin.json': '{}',
      'both/.codex-plugin/plugin.json': '{"hooks": "./hooks/codex.json"}',
    })
    const at = (name: string) => originOf(join(folder.path, name))
    expect(at('claude/hooks/hooks.json')).toMatchObject({
      product: 'claude',
      dialect: 'claude',
      bundleRoot: join(folder.path, 'claude'),
    })
    expect(at('codex/hooks.json')).toMatchObject({ product: 'codex', dialect: 'codex' })
    expect(at('both/hooks/hooks.json')).toMatchObject({ product: 'claude' })
    expect(at('both/hooks/codex.json')).toMatchObject({ product: 'codex' })
  })

  it('without any sign is a bundle of ours: its folder, or the one around "hooks"', () => {
    const ours = { product: 'hookline', dialect: 'codex', form: 'hooks' }
    expect(originOf('/x/guard/hooks.json')).toEqual({ ...ours, bundleRoot: '/x/guard' })
    expect(originOf('/x/guard/hooks/hooks.json')).toEqual({ ...ours, bundleRoot: '/x/guard' })
  })
})
