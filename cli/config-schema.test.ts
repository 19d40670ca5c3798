import { definePlugin, lazySetting } from 'hookline'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { configSchema } from './config-schema.ts'

const plugin = definePlugin({
  name: 'sample',
  settings: {
    lazy: lazySetting({ fallback: 3, schema: async () => z.int().describe('How many.') }),
    plain: z.object({ deep: z.string().default('x').describe('Deep.') }).describe('A table.'),
    made: z.string().transform((text) => text.length),
    required: z.string(),
  },
  setup: () => {},
})

describe('configSchema', () => {
  it('describes the keys of core and of the plugins as files may write them', async () => {
    const schema = await configSchema([plugin])
    expect(schema).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: {
        lazy: { type: 'integer', description: 'How many.' },
        plain: {
          type: 'object',
          description: 'A table.',
          properties: { deep: { type: 'string', default: 'x', description: 'Deep.' } },
        },
        made: { type: 'string' },
        sandbox_mode: {
          enum: ['read-only', 'workspace-write', 'danger-full-access'],
          description: expect.any(String),
        },
        model_providers: { additionalProperties: { properties: { base_url: { format: 'uri' } } } },
      },
    })
  })

  it('demands no key, allows others, and is the same each time', async () => {
    const schema = await configSchema([plugin])
    expect(schema).not.toHaveProperty('required')
    expect(schema).not.toHaveProperty('additionalProperties')
    expect(JSON.stringify(await configSchema([plugin]))).toBe(JSON.stringify(schema))
  })

  it('has a description for every key of core', async () => {
    const { properties } = (await configSchema([])) as {
      properties: Record<string, { description?: string }>
    }
    const bare = Object.entries(properties).filter(([, { description }]) => !description)
    expect(bare.map(([key]) => key)).toEqual([])
  })
})
