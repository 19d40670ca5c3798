import { describe, expect, it } from 'vitest'
import { sessionsKey } from './service-keys.ts'
import { scriptedModel, testKernel } from './testing.ts'

describe('a child session', () => {
  it('reaches no more than its parent, whatever settings it is given', async () => {
    const settings = { sandbox_mode: 'read-only' }
    await using test = await testKernel([scriptedModel([]).plugin], { settings })
    const sessions = test.services.get(sessionsKey, 'default')
    await using child = await sessions.child({
      kind: 'review',
      settings: { sandbox_mode: 'danger-full-access' },
    })
    expect(child.parts.turnFacts.sandbox).toEqual(test.session.parts.turnFacts.sandbox)
  })

  it('may reach less', async () => {
    const settings = { sandbox_mode: 'danger-full-access' }
    await using test = await testKernel([scriptedModel([]).plugin], { settings })
    const sessions = test.services.get(sessionsKey, 'default')
    await using child = await sessions.child({
      kind: 'review',
      settings: { sandbox_mode: 'workspace-write' },
    })
    expect(child.parts.turnFacts.sandbox.mode).toBe('workspace-write')
  })
})
