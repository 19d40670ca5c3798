import { definePlugin, textOf, type ApprovalPolicy, type PermissionNeed } from 'hookline'
import { runTurn, scriptedModel, scriptedTool, testKernel, transcript } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { approvalPolicy } from './index.ts'

const need: PermissionNeed = { kind: 'escalation', reason: 'why', refusal: 'refused by the policy' }
const guarded = scriptedTool('guarded', 'it ran', { needs: async () => need })

/** Allows whatever reaches it. */
const asker = definePlugin({
  name: 'asker',
  power: 'decide',
  setup({ hooks }) {
    hooks.approval.tap({ name: 'yes', stage: 'ask' }, () => ({ decision: 'allow', by: 'user' }))
  },
})

interface Setup {
  readonly approval_policy: ApprovalPolicy
  readonly sandbox_mode?: string
  readonly include_permissions_instructions?: boolean
  readonly asked?: boolean
}

async function outcome({ asked = false, ...settings }: Setup) {
  const model = scriptedModel([[{ call: 'guarded' }]])
  const plugins = [model.plugin, guarded, approvalPolicy, ...(asked ? [asker] : [])]
  const given = { sandbox_mode: 'read-only', ...settings }
  await using test = await testKernel(plugins, { settings: given })
  await runTurn(test, 'go')
  expect(test.errors).toEqual([])
  const told = model.requests[0]?.items.map((item) =>
    item.type === 'message' ? textOf(item.parts) : '',
  )
  return {
    output: transcript(test.session.items).find((line) => line.startsWith('output: ')),
    told: told?.find((text) => text.includes('<permissions instructions>')),
    declined: test.events.find((event) => event.type === 'item_completed'),
  }
}

describe('the approval policy', () => {
  it('refuses under never, even with somebody there to ask', async () => {
    const { output, declined } = await outcome({ approval_policy: 'never', asked: true })
    expect(output).toBe('output: refused by the policy')
    expect(declined).toMatchObject({ item: { status: 'declined', declinedBy: 'policy' } })
  })

  it('lets somebody be asked under on-request', async () => {
    const { output } = await outcome({ approval_policy: 'on-request', asked: true })
    expect(output).toBe('output: it ran')
  })

  it('refuses where nobody answers', async () => {
    const { output, declined } = await outcome({ approval_policy: 'on-request' })
    expect(output).toBe('output: refused by the policy')
    expect(declined).toMatchObject({ item: { status: 'declined', declinedBy: 'policy' } })
  })

  it('grants what the sandbox does not keep from anybody', async () => {
    const { output } = await outcome({
      approval_policy: 'never',
      sandbox_mode: 'danger-full-access',
    })
    expect(output).toBe('output: it ran')
  })

  it('tells the model, unless that is switched off', async () => {
    const { told } = await outcome({ approval_policy: 'never' })
    expect(told).toContain('`read-only`')
    const silent = { approval_policy: 'never', include_permissions_instructions: false } as const
    expect((await outcome(silent)).told).toBeUndefined()
  })
})
