import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { renderSchemas, schemaText, staleSchemas } from '../../schemas.ts'
import { root } from './source-files.ts'

it('has published every schema as its module declares it (npm run schemas)', async () => {
  const current = await renderSchemas(root)
  const outdated = [...current].filter(([path, text]) => {
    const file = join(root, path)
    return !existsSync(file) || readFileSync(file, 'utf8') !== text
  })
  expect(outdated.map(([path]) => path)).toEqual([])
  expect(staleSchemas(root, current)).toEqual([])
})

it('asks of people only what has no default, and promises readers all of it', () => {
  const schema = z.object({ name: z.string(), timeout: z.number().default(60) })
  expect(JSON.parse(schemaText({ schema, io: 'input' }))).toMatchObject({ required: ['name'] })
  expect(JSON.parse(schemaText({ schema, io: 'output' }))).toMatchObject({
    required: ['name', 'timeout'],
  })
})
