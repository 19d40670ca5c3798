import { definePlugin, modelKey } from 'hookline'
import { runTurn, testKernel, transcript } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { modelOffline } from './index.ts'
import { scriptProvider } from './provider.ts'

const offline = { model: 'offline', model_provider: 'offline' }

describe('the provider `offline`', () => {
  it('answers a turn without a network, and says what it is', async () => {
    await using test = await testKernel([modelOffline], { settings: offline })
    const record = await runTurn(test, 'write a poem')
    expect(record).toMatchObject({
      outcome: 'completed',
      usage: { inputTokens: 0, outputTokens: 0 },
    })
    expect(record.lastMessage).toMatch(/^I am not a model/)
    expect(transcript(test.session.items)).toHaveLength(2)
  })

  it('leaves the name to a provider of the user', async () => {
    const other = definePlugin({
      name: 'model-other',
      power: 'decide',
      setup({ services }) {
        services.provide(modelKey, 'offline', () =>
          scriptProvider(async () => () => [
            {
              type: 'message',
              id: 'm',
              role: 'assistant',
              parts: [{ type: 'text', text: 'mine' }],
            },
          ]),
        )
      },
    })
    const settings = { ...offline, model_providers: { offline: { name: 'mine' } } }
    await using test = await testKernel([other, modelOffline], { settings })
    expect(test.errors).toEqual([])
    expect((await runTurn(test, 'hello')).lastMessage).toBe('mine')
  })
})
