import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { definePlugin, type Approval, type PermissionNeed, type Tool } from 'hookline'
import { describe, expect, it } from 'vitest'
import { answer, claudeTrial, handler, oneCall, say, type Trial } from './hooks-harness.ts'

const ran = 'output: ran {"command":"ls"}'
const pre = (specific: object) => answer('PreToolUse', specific)
const outputs = (t: Trial) => t.said().filter((line) => line.startsWith('output: '))

/** Answers whoever asks for an approval, and keeps what was asked. */
function approver(decision: Approval['decision'], asked: PermissionNeed[] = []) {
  return definePlugin({
    name: 'test-approver',
    power: 'decide',
    setup({ hooks }) {
      hooks.approval.tap('answer', ({ need }) => {
        asked.push(need)
        return { decision, by: 'user' }
      })
    },
  })
}

const escalation: PermissionNeed = { kind: 'escalation', reason: 'wants out', refusal: 'refused' }
const needing = (need = escalation): Partial<Tool> => ({ needs: async () => need })

describe('a PreToolUse hook of the claude dialect', () => {
  it('denies by exit code 2, naming itself', async () => {
    const command = 'echo no >&2; exit 2'
    await using t = await claudeTrial({
      turns: oneCall,
      hooks: { PreToolUse: [handler(command)] },
    })
    await t.run()
    expect(outputs(t)).toEqual([
      `output: Command blocked by PreToolUse hook: [${command}]: no. Command: ls`,
    ])
  })

  it('replaces the input without allowing anything', async () => {
    const asked: PermissionNeed[] = []
    await using t = await claudeTrial({
      turns: oneCall,
      plugins: [approver('deny', asked)],
      shellTool: needing(),
      hooks: { PreToolUse: [handler(pre({ updatedInput: { command: 'pwd' } }))] },
    })
    await t.run()
    expect(asked).toEqual([escalation])
  })

  it('spares the question by an allow, also for the input it gives', async () => {
    const asked: PermissionNeed[] = []
    const allow = { permissionDecision: 'allow', updatedInput: { command: 'pwd' } }
    await using t = await claudeTrial({
      turns: oneCall,
      plugins: [approver('deny', asked)],
      shellTool: needing(),
      hooks: { PreToolUse: [handler(pre(allow))] },
    })
    await t.run()
    expect([asked, outputs(t)]).toEqual([[], ['output: ran {"command":"pwd"}']])
  })

  it('does not allow what another hook made of the call', async () => {
    const asked: PermissionNeed[] = []
    const hooks = [pre({ permissionDecision: 'allow' }), pre({ updatedInput: { command: 'rm' } })]
    await using t = await claudeTrial({
      turns: oneCall,
      plugins: [approver('deny', asked)],
      shellTool: needing(),
      hooks: { PreToolUse: hooks.map((command) => handler(command)) },
    })
    await t.run()
    expect(asked).toEqual([escalation])
  })

  it('does not spare what a rule asks about', async () => {
    const asked: PermissionNeed[] = []
    await using t = await claudeTrial({
      turns: oneCall,
      plugins: [approver('deny', asked)],
      shellTool: needing({ kind: 'rule', reason: 'a rule', refusal: 'ruled out' }),
      hooks: { PreToolUse: [handler(pre({ permissionDecision: 'allow' }))] },
    })
    await t.run()
    expect(asked).toHaveLength(1)
  })

  it('does not allow what a policy denies', async () => {
    const policy = definePlugin({
      name: 'test-policy',
      power: 'decide',
      setup({ hooks }) {
        hooks.permissionRequest.tap({ name: 'no', stage: 'policy' }, (gate) => gate.deny('never'))
      },
    })
    await using t = await claudeTrial({
      turns: oneCall,
      plugins: [policy],
      shellTool: needing(),
      hooks: { PreToolUse: [handler(pre({ permissionDecision: 'allow' }))] },
    })
    await t.run()
    expect(outputs(t)).toEqual(['output: never'])
  })

  it.each([
    ['allow', ran],
    ['deny', 'output: the call needs an approval and nobody could be asked: sure?'],
  ] as const)('has somebody asked, who answers %s', async (decision, output) => {
    const asked: PermissionNeed[] = []
    const ask = { permissionDecision: 'ask', permissionDecisionReason: 'sure?' }
    await using t = await claudeTrial({
      turns: oneCall,
      plugins: [approver(decision, asked)],
      hooks: { PreToolUse: [handler(pre(ask))] },
    })
    await t.run()
    expect(asked).toMatchObject([{ kind: 'hook', reason: 'sure?' }])
    expect(outputs(t)).toEqual([output])
  })

  it('refuses what nobody can be asked about', async () => {
    await using t = await claudeTrial({
      turns: oneCall,
      hooks: { PreToolUse: [handler(pre({ permissionDecision: 'ask' }))] },
    })
    await t.run()
    expect(outputs(t)[0]).toContain('nobody could be asked')
    expect(t.shown('tool_call')).toMatchObject([{ status: 'declined' }])
  })

  it('wins by ask over allow, and by deny over ask', async () => {
    const [allow, ask, deny] = ['allow', 'ask', 'deny'].map((permissionDecision) =>
      handler(pre({ permissionDecision })),
    )
    await using asked = await claudeTrial({ turns: oneCall, hooks: { PreToolUse: [allow, ask] } })
    await asked.run()
    expect(outputs(asked)[0]).toContain('nobody could be asked')
    await using denied = await claudeTrial({
      turns: oneCall,
      hooks: { PreToolUse: [allow, deny, ask] },
    })
    await denied.run()
    expect(outputs(denied)[0]).toContain('Blocked by hook')
  })

  it('ends the turn by continue: false, after the call', async () => {
    await using t = await claudeTrial({
      turns: oneCall,
      hooks: { PreToolUse: [handler(say({ continue: false }))] },
    })
    const record = await t.run()
    expect(outputs(t)).toEqual([ran])
    expect([t.requests.length, record.outcome]).toEqual([1, 'completed'])
  })

  it('tells the model with a note of where it comes from', async () => {
    await using t = await claudeTrial({
      turns: oneCall,
      hooks: { PreToolUse: [handler(pre({ additionalContext: 'mind' }))] },
    })
    await t.run()
    expect(t.said()).toContain('developer: PreToolUse:Bash hook additional context: mind')
  })

  it('runs once where it is configured twice', async () => {
    const command = 'cat > /dev/null; echo x >> {{home}}/log'
    const hooks = {
      PreToolUse: [
        handler(command),
        { ...handler(command), matcher: 'Bash' },
        handler(`${command} `),
      ],
    }
    await using t = await claudeTrial({ turns: oneCall, hooks })
    await t.run()
    expect(await readFile(join(t.home, 'log'), 'utf8')).toBe('x\nx\n')
  })

  it('matches a list with commas', async () => {
    const hooks = { PreToolUse: [{ ...handler('echo no >&2; exit 2'), matcher: 'Edit, Bash' }] }
    await using t = await claudeTrial({ turns: oneCall, hooks })
    await t.run()
    expect(outputs(t)[0]).toContain('blocked by PreToolUse hook')
  })
})

const request = (decision: object) => answer('PermissionRequest', { decision })

describe('a PermissionRequest hook of the claude dialect', () => {
  it('grants', async () => {
    await using t = await claudeTrial({
      turns: oneCall,
      shellTool: needing(),
      hooks: {
        PermissionRequest: [handler(request({ behavior: 'allow', updatedPermissions: [] }))],
      },
    })
    await t.run()
    expect(outputs(t)).toEqual([ran])
  })

  it('denies, and can end the turn with it', async () => {
    const deny = { behavior: 'deny', message: 'no', interrupt: true }
    await using t = await claudeTrial({
      turns: oneCall,
      shellTool: needing(),
      hooks: { PermissionRequest: [handler(request(deny))] },
    })
    await t.run()
    expect([outputs(t), t.requests.length]).toEqual([['output: no'], 1])
  })
})
