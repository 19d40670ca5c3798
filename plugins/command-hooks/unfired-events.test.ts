import { StopGate, type CompactRequest } from 'hookline'
import { describe, expect, it } from 'vitest'
import { answer, claudeTrial, handler, say, trial, type Trial } from './hooks-harness.ts'
import { hooksKey } from './listing.ts'

// Nothing fires these yet, so the row of the kernel is called here as the loop will call it.
const keep = (name: string, more = '') => handler(`cat > {{home}}/${name}${more}`)
const call = (t: Trial) => ({ ...t.test.session.outsideTurn(), turn: turnOf(t) })
const turnOf = (t: Trial) => ({ ...t.test.session.parts.turnFacts, id: 'turn-1' })

const compactRequest = (more: Partial<CompactRequest> = {}): CompactRequest => ({
  trigger: 'manual',
  items: [],
  budget: 100,
  ...more,
})

const objecting = (t: Trial, request = compactRequest()) =>
  t.test.kernel.row.answer('preCompact', request, call(t))

describe('PreCompact', () => {
  it('objects with continue: false, and matches by trigger', async () => {
    const hooks = {
      PreCompact: [
        { ...keep('in', `; echo '{"continue":false,"stopReason":"not now"}'`), matcher: 'manual' },
        { ...keep('never'), matcher: 'auto' },
      ],
    }
    await using t = await trial({ hooks })
    expect(await objecting(t)).toEqual({ reason: 'not now' })
    const told = await t.stdin('in')
    expect(told).toMatchObject({ trigger: 'manual', turn_id: 'turn-1', model: 'scripted-model' })
    expect(told).not.toHaveProperty('permission_mode')
    await expect(t.stdin('never')).rejects.toThrow('ENOENT')
  })

  it('objects by exit code 2 in the claude dialect alone', async () => {
    const hooks = { PreCompact: [handler('echo no >&2; exit 2')] }
    await using codex = await trial({ hooks })
    expect(await objecting(codex)).toBeUndefined()
    await using claude = await claudeTrial({ hooks })
    expect(await objecting(claude)).toEqual({ reason: '[echo no >&2; exit 2]: no' })
  })

  it('adds to what the summary minds, in the claude dialect', async () => {
    const minded: string[] = []
    await using t = await claudeTrial({ hooks: { PreCompact: [keep('in', '; echo keep names')] } })
    const request = compactRequest({
      instructions: 'be short',
      instruct: (text) => void minded.push(text),
    })
    await objecting(t, request)
    expect(minded).toEqual(['keep names'])
    expect(await t.stdin('in')).toMatchObject({ custom_instructions: 'be short' })
  })
})

describe('PostCompact', () => {
  it('stops the turn, and is told the summary', async () => {
    const hooks = { PostCompact: [keep('in', `; echo '{"continue":false,"stopReason":"end"}'`)] }
    await using t = await trial({ hooks })
    const result = { items: [], summary: 'so far', trigger: 'auto' } as const
    const refined = await t.test.kernel.row.refine('postCompact', result, call(t))
    expect(refined).toEqual({ ...result, stopped: 'end' })
    expect(await t.stdin('in')).toMatchObject({ trigger: 'auto', compact_summary: 'so far' })
  })
})

describe('SubagentStart', () => {
  const opening = {
    agentId: 'a1',
    agentType: 'helper',
    transcriptPath: '/t/child.jsonl',
    context: [],
  }

  it('adds context for the child, and cannot keep it from starting', async () => {
    const hooks = {
      SubagentStart: [
        { ...keep('in', '; echo "be brief"'), matcher: 'helper' },
        handler(say({ continue: false })),
        { ...handler('echo never'), matcher: 'other' },
      ],
    }
    await using t = await trial({ hooks })
    const refined = await t.test.kernel.row.refine('subagentStart', opening, call(t))
    expect(refined).toEqual({ ...opening, context: ['be brief'] })
    expect(await t.stdin('in')).toMatchObject({
      session_id: t.test.session.facts.id,
      agent_id: 'a1',
      agent_type: 'helper',
      transcript_path: '/t/child.jsonl',
      turn_id: 'turn-1',
    })
  })
})

describe('SubagentStop', () => {
  const stop = {
    agentId: 'a1',
    agentType: 'helper',
    transcriptPath: '/t/child.jsonl',
    gate: StopGate.of({ continuations: 0, lastMessage: 'finished' }),
  }

  it('makes the child go on', async () => {
    const hooks = { SubagentStop: [keep('in', '; echo more >&2; exit 2')] }
    await using t = await trial({ hooks })
    const refined = await t.test.kernel.row.refine('subagentStop', stop, call(t))
    const runId = `subagent-stop:0:${t.home}/hooks.json`
    expect(refined.gate.goOn).toEqual([{ reason: 'more', runId }])
    expect(await t.stdin('in')).toMatchObject({
      agent_id: 'a1',
      agent_type: 'helper',
      transcript_path: null,
      agent_transcript_path: '/t/child.jsonl',
      stop_hook_active: false,
      last_assistant_message: 'finished',
    })
  })

  it('goes on with its own words in the claude dialect, and eight times at most', async () => {
    const hooks = { SubagentStop: [handler('echo more >&2; exit 2')] }
    await using t = await claudeTrial({ hooks })
    const { row } = t.test.kernel
    const refined = await row.refine('subagentStop', stop, call(t))
    const reason = 'SubagentStop hook feedback:\n[echo more >&2; exit 2]: more'
    expect(refined.gate.goOn).toEqual([{ reason }])
    const gate = StopGate.of({ continuations: 8 })
    expect((await row.refine('subagentStop', { ...stop, gate }, call(t))).gate.goOn).toEqual([])
  })
})

describe('Interrupt', () => {
  it('is told of an interrupted turn', async () => {
    await using t = await trial({ hooks: { Interrupt: [keep('in')] } })
    await t.test.kernel.row.follow('interrupt', { reason: 'user' }, call(t))
    expect(await t.stdin('in')).toMatchObject({ hook_event_name: 'Interrupt', turn_id: 'turn-1' })
  })
})

describe('an event for nobody', () => {
  it('is accepted, never run, and told where problems are asked for', async () => {
    const hooks = {
      CwdChanged: [keep('never')],
      ConfigChange: [keep('never')],
      UserPromptSubmit: [handler(answer('UserPromptSubmit', { additionalContext: 'c' }))],
    }
    await using t = await claudeTrial({ hooks })
    await t.run()
    expect(t.said()).toContain('developer: UserPromptSubmit hook additional context: c')
    expect(t.shown('error')).toEqual([])
    const { problems } = await t.test.services.get(hooksKey, 'default').list()
    expect(problems.map(({ code, pointer }) => [code, pointer])).toEqual([
      ['HookEventUnknown', '/hooks/CwdChanged'],
      ['HookEventUnknown', '/hooks/ConfigChange'],
    ])
  })
})
