import { definePlugin } from 'hookline'
import { judge } from './judge.ts'
import { permissionsText } from './permissions-text.ts'
import { approvalSettings } from './settings.ts'

/** Answers for the approval policy: before anybody is asked, and where nobody has answered. */
export const approvalPolicy = definePlugin({
  name: 'approval-policy',
  power: 'decide',
  settings: approvalSettings,
  setup({ hooks, settings }) {
    hooks.permissionRequest.tap({ name: 'policy', stage: 'policy' }, (gate, { turn }) => {
      const verdict = turn && judge(gate.need, turn)
      if (verdict === 'allow') return gate.allow('the sandbox mode confines nothing')
      return verdict === 'deny' ? gate.deny(gate.need.refusal, 'policy') : undefined
    })
    hooks.approval.tap({ name: 'nobody-answered', stage: 'fallback' }, ({ need }) => ({
      decision: 'deny',
      by: 'policy',
      reason: need.refusal,
    }))
    if (!settings.include_permissions_instructions) return
    hooks.instructions.tap('permissions', (parts, { turn }) => {
      if (!turn) return undefined
      return [...parts, { kind: 'permissions', role: 'developer', text: permissionsText(turn) }]
    })
  },
})
