import { describe, expect, it } from 'vitest'
import { definePlugin, type AnyPlugin, type Taps } from '../plugin.ts'
import type { ToolBatch, ToolDenial, ToolOutcome } from '../points/tool.ts'
import { sessionsKey } from '../service-keys.ts'
import {
  runTurn,
  scriptedModel,
  scriptedTool,
  testKernel,
  transcript,
  type ScriptedTurn,
} from '../testing.ts'

function tapping(tap: (hooks: Taps) => void): AnyPlugin {
  return definePlugin({ name: 'test-taps', power: 'decide', setup: ({ hooks }) => tap(hooks) })
}

const oneCall: readonly ScriptedTurn[] = [[{ call: 'do', callId: 'c1' }], ['done']]

describe('a refused call', () => {
  it('is told to permissionDenied with its reason, whose word reaches the model after the refusal', async () => {
    const told: ToolDenial[] = []
    const batches: ToolBatch[] = []
    const taps = tapping((hooks) => {
      hooks.preToolUse.tap('no', (gate) => gate.deny('not here', 'rule'))
      hooks.permissionDenied.tap('told', (denial) => {
        told.push(denial)
        return { ...denial, context: ['try another'] }
      })
      hooks.toolBatch.tap('batch', (batch) => void batches.push(batch))
    })
    const model = scriptedModel(oneCall)
    await using test = await testKernel([model.plugin, scriptedTool('do', 'done it'), taps])
    await runTurn(test, 'go')
    expect(told).toMatchObject([{ reason: 'not here', by: 'rule', call: { id: 'c1' } }])
    expect(transcript(test.session.items).slice(2, 4)).toEqual([
      'output: not here',
      'developer: try another',
    ])
    expect(batches).toMatchObject([
      { outcomes: [{ output: 'not here', failed: true, declinedBy: 'rule' }] },
    ])
  })

  it('by a permission hook can end the turn', async () => {
    const taps = tapping((hooks) =>
      hooks.permissionRequest.tap('no', (gate) => gate.deny('no').stopTurn('enough')),
    )
    const need = { kind: 'patch', reason: 'r', refusal: 'refused' } as const
    const tool = scriptedTool('do', 'done it', { needs: async () => need })
    const model = scriptedModel(oneCall)
    await using test = await testKernel([model.plugin, tool, taps])
    await runTurn(test, 'go')
    expect(model.requests).toHaveLength(1)
  })
})

describe('an allowed call', () => {
  const need = { kind: 'patch', reason: 'r', refusal: 'refused' } as const
  const tool = scriptedTool('do', 'done it', { needs: async () => need })

  it('is not asked about, but policy is heard', async () => {
    const heard: string[] = []
    const taps = tapping((hooks) => {
      hooks.preToolUse.tap('yes', (gate) => gate.allow('fine'))
      hooks.permissionRequest.tap(
        { name: 'policy', stage: 'policy' },
        () => void heard.push('policy'),
      )
      hooks.permissionRequest.tap('hook', () => void heard.push('hook'))
      hooks.approval.tap('ask', () => void heard.push('ask'))
    })
    await using test = await testKernel([scriptedModel(oneCall).plugin, tool, taps])
    await runTurn(test, 'go')
    expect(transcript(test.session.items)).toContain('output: done it')
    expect(heard).toEqual(['policy'])
  })
})

describe('a call that failed', () => {
  it('is told to postToolUse also without a result of its own', async () => {
    const outcomes: ToolOutcome[] = []
    const taps = tapping((hooks) => {
      hooks.postToolUse.tap('told', (outcome) => {
        outcomes.push(outcome)
        return { ...outcome, notes: ['look again'] }
      })
    })
    const tool = scriptedTool('do', () => ({ output: 'no such file', failed: true }))
    await using test = await testKernel([scriptedModel(oneCall).plugin, tool, taps])
    await runTurn(test, 'go')
    expect(outcomes).toMatchObject([{ failed: true, response: 'no such file' }])
    expect(transcript(test.session.items).slice(2, 4)).toEqual([
      'output: no such file',
      'developer: look again',
    ])
  })

  it('is not told where hooks are not asked about it', async () => {
    const told: unknown[] = []
    const taps = tapping((hooks) =>
      hooks.postToolUse.tap('told', (outcome) => void told.push(outcome)),
    )
    const tool = scriptedTool('do', () => ({ output: 'nothing to poll', failed: true }), {
      hooks: {
        name: 'do',
        toInput: (input) => input,
        fromInput: (input) => input,
        applies: () => false,
      },
    })
    await using test = await testKernel([scriptedModel(oneCall).plugin, tool, taps])
    await runTurn(test, 'go')
    expect(told).toEqual([])
  })
})

describe('a batch', () => {
  it('adds context behind the outputs, and can end the turn', async () => {
    const taps = tapping((hooks) =>
      hooks.toolBatch.tap('end', (batch) => ({ ...batch, context: ['noted'], stopped: 'enough' })),
    )
    const model = scriptedModel(oneCall)
    await using test = await testKernel([model.plugin, scriptedTool('do', 'done it'), taps])
    await runTurn(test, 'go')
    expect(transcript(test.session.items).slice(2)).toEqual(['output: done it', 'developer: noted'])
    expect(model.requests).toHaveLength(1)
  })
})

describe('a stop hook', () => {
  it('without a run of its own is heard in its own words', async () => {
    const taps = tapping((hooks) =>
      hooks.stop.tap('on', (gate) =>
        gate.continuations === 0 ? gate.continue('a < b') : undefined,
      ),
    )
    await using test = await testKernel([taps])
    await runTurn(test, 'go')
    expect(transcript(test.session.items)).toContain('user: a < b')
  })
})

describe('a child session', () => {
  it('knows which session started it', async () => {
    await using test = await testKernel([])
    const child = await test.services.get(sessionsKey, 'default').child({ kind: 'review' })
    expect(child.facts).toMatchObject({
      parentId: test.session.facts.id,
      source: 'subagent:review',
    })
    expect(test.session.facts.parentId).toBeUndefined()
    await child.close()
  })
})
