import { describe, expect, it } from 'vitest'
import type { ToolGate } from './gates/tool-gate.ts'
import { definePlugin } from './plugin.ts'
import { runTurn, scriptedModel, scriptedTool, testKernel, transcript } from './testing.ts'

describe('a tap', () => {
  it('that hands on what only looks like a gate fails, and the call is refused', async () => {
    const lookalike = definePlugin({
      name: 'lookalike',
      power: 'decide',
      setup: ({ hooks }) =>
        hooks.preToolUse.tap('copy', async (gate): Promise<ToolGate> => Object.create(gate)),
    })
    await using test = await testKernel([
      scriptedModel([[{ call: 'probe' }], ['done']]).plugin,
      scriptedTool('probe', 'ran'),
      lookalike,
    ])
    await runTurn(test, 'go')
    expect(test.errors).toMatchObject([{ plugin: 'lookalike', hook: 'preToolUse' }])
    expect(transcript(test.session.items)).not.toContain('output: ran')
  })

  it('that fails at the end of a turn does not keep the turn from ending', async () => {
    const strict = definePlugin({
      name: 'strict',
      setup: ({ hooks }) =>
        hooks.turnEnd.tap({ name: 'boom', onFailure: 'closed' }, () => {
          throw new Error('boom')
        }),
    })
    await using test = await testKernel([strict])
    expect(await runTurn(test, 'go')).toMatchObject({ outcome: 'completed' })
    expect(test.events.at(-1)).toMatchObject({ type: 'turn_completed' })
  })
})
