import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { renderSchemas, schemaText, staleSchemas } from '../../schemas.ts'
import { sampleInput } from '../../cli/hooks/sample-input.ts'
import { spell } from '../../plugins/command-hooks/event-names.ts'
import { hookSchemas } from '../../docs/generator/hook-schemas.ts'
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

/** Checks by a published schema, read as whoever downloads it would. */
function reader(name: string): z.ZodType {
  // Our own files, which are JSON Schemas.
  const text = readFileSync(join(root, 'docs/schema', `${name}.schema.json`), 'utf8')
  return z.fromJSONSchema(JSON.parse(text) as Parameters<typeof z.fromJSONSchema>[0])
}

describe('the schemas of hooks', () => {
  const stdin = [...hookSchemas().values()].flatMap(({ title }) => {
    const event = /^(\w+): what a handler reads/.exec(String(title))?.[1]
    return event === undefined ? [] : [event]
  })
  const ofSession = { session_id: 'a', transcript_path: null, cwd: '/', model: 'm', turn_id: 't' }

  it.each(stdin)('take the sample of %s, and nothing that lacks a field of it', (event) => {
    const schema = reader(`hooks/${spell(event, '-')}.stdin`)
    const own = { ...sampleInput(event), hook_event_name: event }
    const whole = { ...ofSession, permission_mode: 'default', ...own }
    expect(schema.safeParse(whole).error).toBeUndefined()
    expect(schema.safeParse({ ...whole, hook_event_name: 'Other' }).success).toBe(false)
    expect(schema.safeParse(own).success).toBe(false)
  })

  it('are closed for answers of the dialect codex, and open for those of claude', () => {
    const answer = { reason: 'a', nonsense: 1 }
    expect(reader('hooks/stop.stdout.codex').safeParse(answer).success).toBe(false)
    expect(reader('hooks/stop.stdout.claude').safeParse(answer).success).toBe(true)
    const known = { decision: 'block', reason: 'a', systemMessage: null }
    expect(reader('hooks/stop.stdout.codex').safeParse(known).success).toBe(true)
  })

  it('take the hooks files of all examples, and no slip of the pen', () => {
    const schema = reader('hooks')
    const files = globSync('hooks-examples/*/hooks.json', { cwd: root })
    expect(files).not.toEqual([])
    const wrong = files.filter(
      (file) => !schema.safeParse(JSON.parse(readFileSync(join(root, file), 'utf8'))).success,
    )
    expect(wrong).toEqual([])
    const group = { hooks: [{ type: 'command', command: 'true' }] }
    expect(schema.safeParse({ hooks: { Stop: [group] } }).success).toBe(true)
    expect(schema.safeParse({ hooks: { Stopp: [group] } }).success).toBe(false)
    expect(schema.safeParse({ hooks: { Stop: [{ hooks: [{ type: 'command' }] }] } }).success).toBe(
      false,
    )
  })
})
