import { describe, expect, it } from 'vitest'
import { events } from '../../plugins/command-hooks/events.ts'
import { inputWith, sampleInput } from './sample-input.ts'

/** Fields that the session gives. */
const ofSession = new Set(['turn_id', 'model', 'permission_mode'])

describe('the sample of an event', () => {
  it.each(Object.entries(events))('has every field of %s', (event, { input }) => {
    const fields = input.filter((field) => !ofSession.has(field))
    expect(Object.keys(sampleInput(event))).toEqual(expect.arrayContaining(fields))
  })

  it('is for the tool that is asked for', () => {
    expect(sampleInput('PreToolUse')).toMatchObject({ tool_name: 'Bash' })
    expect(sampleInput('PreToolUse', 'apply_patch')).toMatchObject({
      tool_name: 'apply_patch',
      tool_input: { command: expect.stringContaining('*** Begin Patch') },
    })
    expect(sampleInput('PreToolUse', 'mcp__a__b')).toMatchObject({ tool_input: {} })
  })

  it('gives way to what is given, field by field', () => {
    expect(inputWith('PreToolUse', { tool_input: { a: 1 } })).toMatchObject({
      tool_name: 'Bash',
      tool_input: { a: 1 },
    })
    expect(inputWith('PreToolUse', { tool_name: 'view_image' })).toMatchObject({
      tool_input: { path: 'picture.png' },
    })
  })
})
