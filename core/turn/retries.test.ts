import { describe, expect, it } from 'vitest'
import { HooklineError } from '../errors.ts'
import { definePlugin, type AnyPlugin } from '../plugin.ts'
import { noUsage } from '../points/events.ts'
import { modelKey } from '../service-keys.ts'
import { runTurn, scriptedModel, testKernel } from '../testing.ts'

const broken = (phase: 'open' | 'stream', retryable = true) =>
  new HooklineError('MODEL_STREAM_BROKEN', 'cut', { retry: { phase, retryable, afterMs: 0 } })

function stubbornModel(
  limits: { readonly requests: number; readonly streams: number },
  attempts: readonly string[],
): { readonly plugin: AnyPlugin; count(): number } {
  let made = 0
  const plugin = definePlugin({
    name: 'stubborn-model',
    power: 'decide',
    setup: ({ services }) =>
      void services.provide(modelKey, 'scripted', () => ({
        name: 'scripted',
        requestMaxRetries: limits.requests,
        streamMaxRetries: limits.streams,
        async *stream() {
          const attempt = attempts[made] ?? 'ok'
          made += 1
          if (attempt === 'fail open') throw broken('open')
          if (attempt === 'fail stream') throw broken('stream')
          yield {
            type: 'item',
            item: {
              type: 'message',
              id: 'm',
              role: 'assistant',
              parts: [{ type: 'text', text: attempt }],
            },
          } as const
          yield { type: 'completed', usage: noUsage } as const
        },
      })),
  })
  return { plugin, count: () => made }
}

describe('a failed request', () => {
  it('counts attempts to open and broken streams apart, and never multiplies them', async () => {
    const opening = stubbornModel({ requests: 2, streams: 5 }, [
      'fail open',
      'fail open',
      'fail open',
      'ok',
    ])
    await using one = await testKernel([opening.plugin])
    expect(await runTurn(one, 'go')).toMatchObject({
      outcome: 'failed',
      error: { code: 'MODEL_STREAM_BROKEN' },
    })
    expect(opening.count()).toBe(3)
    const mixed = stubbornModel({ requests: 1, streams: 1 }, ['fail open', 'fail stream', 'ok'])
    await using two = await testKernel([mixed.plugin])
    expect(await runTurn(two, 'go')).toMatchObject({ outcome: 'completed', lastMessage: 'ok' })
    expect(
      two.events.filter((event) => event.type === 'retrying').map((event) => event.message),
    ).toEqual(['Reconnecting... 1/1 (cut)', 'Reconnecting... 1/1 (cut)'])
  })

  it('lets a modelFailure tap retry what the loop would not', async () => {
    const model = scriptedModel([
      [{ fail: new HooklineError('MODEL_REQUEST_FAILED', 'no') }],
      ['after all'],
    ])
    const insist = definePlugin({
      name: 'insist',
      power: 'decide',
      setup: ({ hooks }) =>
        hooks.modelFailure.tap('again', () => ({ action: 'retry', afterMs: 0 })),
    })
    await using test = await testKernel([model.plugin, insist])
    expect(await runTurn(test, 'go')).toMatchObject({
      outcome: 'completed',
      lastMessage: 'after all',
    })
  })

  it('falls back to another model when a modelFailure tap says so', async () => {
    const model = scriptedModel([
      [{ fail: new HooklineError('MODEL_OVERLOADED', 'full') }],
      ['from the other'],
    ])
    const other = definePlugin({
      name: 'other',
      power: 'decide',
      setup: ({ hooks }) =>
        hooks.modelFailure.tap('other', () => ({ action: 'fall_back', model: 'small' })),
    })
    await using test = await testKernel([model.plugin, other])
    expect(await runTurn(test, 'go')).toMatchObject({ lastMessage: 'from the other' })
    expect(model.requests.map((request) => request.model)).toEqual(['scripted-model', 'small'])
  })
})

describe('a fallback', () => {
  it('is tried as often as its own provider allows', async () => {
    const first = stubbornModel({ requests: 0, streams: 0 }, ['fail open'])
    let made = 0
    const second = definePlugin({
      name: 'second-model',
      power: 'decide',
      setup({ services, hooks }) {
        services.provide(modelKey, 'second', () => ({
          name: 'second',
          requestMaxRetries: 1,
          streamMaxRetries: 0,
          async *stream() {
            made += 1
            if (made === 1) throw broken('open')
            yield { type: 'completed', usage: noUsage } as const
          },
        }))
        hooks.modelFailure.tap('second', () =>
          made === 0 ? { action: 'fall_back', provider: 'second', model: 'm' } : undefined,
        )
      },
    })
    await using test = await testKernel([first.plugin, second])
    expect(await runTurn(test, 'go')).toMatchObject({ outcome: 'completed' })
    expect(made).toBe(2)
  })
})
