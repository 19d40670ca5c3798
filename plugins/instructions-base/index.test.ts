import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { definePlugin, textOf } from 'hookline'
import { runTurn, scriptedModel, temporaryHome, testKernel } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { baseInstructions } from './base-text.ts'
import { instructionsBase } from './index.ts'
import { instructionsSettings } from './settings.ts'
import { instructionsSchemas } from './settings-schema.ts'

const earlier = definePlugin({
  name: 'earlier',
  power: 'shape',
  setup({ hooks }) {
    hooks.instructions.tap('part', (parts) => [
      ...parts,
      { kind: 'permissions', role: 'developer', text: 'permissions' },
    ])
  },
})

/** The developer texts of the first request. */
async function told(settings: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  await using home = await temporaryHome({ 'own.md': 'from the file', 'blank.md': ' \n' })
  const absolute = join(home.path, 'absolute.md')
  await writeFile(absolute, 'from elsewhere')
  const file =
    settings['model_instructions_file'] === 'ABSOLUTE' ? { model_instructions_file: absolute } : {}
  const model = scriptedModel([])
  await using test = await testKernel([model.plugin, earlier, instructionsBase], {
    home: home.path,
    settings: { ...settings, ...file },
  })
  await runTurn(test, 'hi')
  return (model.requests[0]?.items ?? []).flatMap((item) =>
    item.type === 'message' && item.role === 'developer' ? [textOf(item.parts)] : [],
  )
}

describe('instructions-base', () => {
  it('comes first, whatever is set up before it', async () => {
    expect(await told({})).toEqual([baseInstructions, 'permissions'])
  })

  it.each([
    [{ instructions: 'other words' }, ['other words', 'permissions']],
    [{ model_instructions_file: 'own.md' }, ['from the file', 'permissions']],
    [{ model_instructions_file: 'ABSOLUTE' }, ['from elsewhere', 'permissions']],
    [{ model_instructions_file: 'own.md', instructions: 'x' }, ['from the file', 'permissions']],
    [{ developer_instructions: 'more' }, [baseInstructions, 'more', 'permissions']],
  ])('is changed by %j', async (settings, expected) => {
    expect(await told(settings)).toEqual(expected)
  })

  it.each(['missing.md', 'blank.md'])('does not start with %s in its place', async (file) => {
    await expect(told({ model_instructions_file: file })).rejects.toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(`model_instructions_file ".*/${file}"`),
      }),
    )
  })

  it('is short enough to be sent with every request', () => {
    expect(Buffer.byteLength(baseInstructions)).toBeLessThan(8 * 1024)
  })

  it.each(Object.keys(instructionsSettings))(
    'judges %s alike with and without the schema',
    (name) => {
      // A name that was just taken from the table.
      const key = name as keyof typeof instructionsSettings
      for (const [value, expected] of [
        ['x', true],
        ['', false],
        [1, false],
      ] as const) {
        expect(instructionsSettings[key].accepts?.(value)).toBe(expected)
        expect(instructionsSchemas[key].safeParse(value).success).toBe(expected)
      }
    },
  )
})
