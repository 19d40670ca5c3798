import { expect, it } from 'vitest'
import { approvalSettings } from './settings.ts'

it('include_permissions_instructions is checked alike with and without its schema', async () => {
  const setting = approvalSettings.include_permissions_instructions
  const schema = await setting.schema()
  expect(schema.parse(setting.fallback)).toBe(setting.fallback)
  for (const value of [true, false, 'yes', 1]) {
    expect(schema.safeParse(value).success).toBe(setting.accepts?.(value))
  }
})
