import { describe, expect, it } from 'vitest'
import { shellSettings } from './settings.ts'

describe('the settings of the shell', () => {
  it.each(Object.entries(shellSettings))(
    '%s has a default that its schema takes',
    async (_key, setting) => {
      expect((await setting.schema()).parse(setting.fallback)).toEqual(setting.fallback)
    },
  )

  it.each([
    ['allow_login_shell', [true, false], ['yes', 1]],
    ['background_terminal_max_timeout', [0, 1000], [-1, 1.5, '5']],
  ] as const)('%s is checked alike with and without its schema', async (key, good, bad) => {
    const { accepts, schema } = shellSettings[key]
    const parsed = await schema()
    for (const value of good) {
      expect(accepts?.(value)).toBe(true)
      expect(parsed.parse(value)).toBe(value)
    }
    for (const value of bad) {
      expect(accepts?.(value)).toBe(false)
      expect(parsed.safeParse(value).success).toBe(false)
    }
  })

  it('names what is wrong with a policy', async () => {
    const schema = await shellSettings.shell_environment_policy.schema()
    expect(schema.safeParse({ inherit: 'some' }).error?.issues[0]?.path).toEqual(['inherit'])
    expect(schema.safeParse({ set: { A: 1 } }).success).toBe(false)
    const full = {
      inherit: 'core',
      ignore_default_excludes: true,
      exclude: ['A*'],
      set: { B: '1' },
      include_only: ['B'],
    }
    expect(schema.parse(full)).toEqual(full)
  })
})
