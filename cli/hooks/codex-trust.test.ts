import { describe, expect, it } from 'vitest'
import { temporaryHome } from 'hookline/testing'
import { codexRecords, trustedElsewhere } from './codex-trust.ts'

const hook = (key: string, more: object = {}) => ({
  key,
  currentHash: 'sha256:1',
  trustStatus: 'untrusted',
  ...more,
})

describe('trust that Codex has recorded', () => {
  it('counts for the same hook with the same fingerprint only', async () => {
    await using home = await temporaryHome({
      '.codex/config.toml': [
        ...['a', 'b', 'c', 'd'].map((key) => `[hooks.state."${key}"]\ntrusted_hash = "sha256:1"`),
        'enabled = false',
      ].join('\n'),
    })
    const records = await codexRecords(home.path)
    const keys = trustedElsewhere(
      [
        hook('a'),
        hook('b', { currentHash: 'sha256:2' }),
        hook('c', { trustStatus: 'trusted' }),
        hook('d'),
        hook('elsewhere'),
      ],
      records,
    )
    expect(keys).toEqual(['a'])
  })

  it('is asked for where there is no Codex', async () => {
    await using home = await temporaryHome()
    await expect(codexRecords(home.path)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
  })
})
