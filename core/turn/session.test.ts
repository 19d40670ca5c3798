import { describe, expect, it } from 'vitest'
import { definePlugin } from '../plugin.ts'
import { runTurn, scriptedModel, scriptedTool, testKernel, transcript } from '../testing.ts'

describe('an interrupt', () => {
  it('ends a turn in the middle of a call, answers the call and tells the model', async () => {
    const { promise: started, resolve } = Promise.withResolvers<void>()
    const hang = scriptedTool('hang', '', {
      run: (_input, context) =>
        new Promise((answer) => {
          resolve()
          context.signal.addEventListener('abort', () => answer({ output: 'aborted by user' }))
        }),
    })
    await using test = await testKernel([scriptedModel([[{ call: 'hang' }]]).plugin, hang])
    const turn = test.session.run('go')
    await started
    await test.session.interrupt()
    expect(await turn.done).toMatchObject({
      outcome: 'interrupted',
      error: { code: 'TURN_INTERRUPTED' },
    })
    const lines = transcript(test.session.items)
    expect(lines.at(-2)).toBe('output: aborted by user')
    expect(lines.at(-1)).toMatch(/<turn_aborted>/)
    expect(test.events.at(-1)).toMatchObject({ type: 'turn_failed', interrupted: true })
  })

  it('leaves the session usable', async () => {
    const { promise: started, resolve } = Promise.withResolvers<void>()
    const hang = scriptedTool('hang', '', {
      run: (_input, context) =>
        new Promise((answer) => {
          resolve()
          context.signal.addEventListener('abort', () => answer({ output: 'x' }))
        }),
    })
    await using test = await testKernel([
      scriptedModel([[{ call: 'hang' }], ['fine']]).plugin,
      hang,
    ])
    const turn = test.session.run('go')
    await started
    await test.session.interrupt()
    await turn.done
    expect(await runTurn(test, 'again')).toMatchObject({
      outcome: 'completed',
      lastMessage: 'fine',
    })
  })
})

describe('a session', () => {
  it('streams the events of a turn to whoever iterates it', async () => {
    await using test = await testKernel([scriptedModel([['hello']]).plugin])
    const types: string[] = []
    for await (const event of test.session.run('go')) types.push(event.type)
    expect(types).toEqual(['session_started', 'turn_started', 'item_completed', 'turn_completed'])
  })

  it('runs one turn at a time', async () => {
    await using test = await testKernel([])
    const turn = test.session.run('go')
    expect(() => test.session.run('again')).toThrow(
      expect.objectContaining({ code: 'SESSION_BUSY' }),
    )
    await turn.done
  })

  it('tells sessionEnd once, and only when something was asked', async () => {
    let ended = 0
    const watch = definePlugin({
      name: 'watch',
      setup: ({ hooks }) => hooks.sessionEnd.tap('end', () => void (ended += 1)),
    })
    const idle = await testKernel([watch])
    await idle[Symbol.asyncDispose]()
    expect(ended).toBe(0)
    const used = await testKernel([watch])
    await runTurn(used, 'go')
    await used.session.close()
    await used[Symbol.asyncDispose]()
    expect(ended).toBe(1)
  })

  it('keeps registered secrets out of events and tool outputs', async () => {
    const secret = 'sk-very-secret-value'
    const keeper = definePlugin({ name: 'keeper', setup: ({ secrets }) => secrets.add(secret) })
    const model = scriptedModel([[{ call: 'leak' }], [`it is ${secret}`]])
    await using test = await testKernel([
      keeper,
      model.plugin,
      scriptedTool('leak', `key=${secret}`),
    ])
    await runTurn(test, 'go')
    expect(JSON.stringify(test.events)).not.toContain(secret)
    expect(transcript(test.session.items)).toContain('output: key=<redacted>')
  })
})
