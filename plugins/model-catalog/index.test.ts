import { catalogKey } from 'hookline'
import { runTurn, scriptedTool, testKernel } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { describeModel } from './describe.ts'
import { modelCatalog } from './index.ts'

const plain = { contextWindow: undefined, canRunCode: false }

describe('what is known of a model', () => {
  it.each([
    [
      'gpt-5.5',
      {
        known: true,
        applyPatch: 'freeform',
        effort: 'medium',
        verbosity: 'low',
        toolMode: 'direct',
      },
    ],
    ['gpt-5', { known: true, applyPatch: 'freeform' }],
    ['gpt-5-mini', { known: true, applyPatch: 'freeform' }],
    ['gpt-5.1-codex-max', { known: true, applyPatch: 'freeform' }],
    ['openai/gpt-5.5', { known: true, slug: 'openai/gpt-5.5', applyPatch: 'freeform' }],
    ['GPT-5.5-2026-01-31', { known: true, applyPatch: 'freeform' }],
    [
      'gpt-4.1-mini',
      { known: true, contextWindow: 1_047_576, reasoning: false, applyPatch: 'none' },
    ],
    ['gpt-4o', { known: true, reasoning: false }],
    ['o3', { known: true, parallelToolCalls: false }],
    ['o4-mini', { known: true, effort: 'medium' }],
    ['codex-mini-latest', { known: true }],
    ['gpt-oss:20b', { known: true, contextWindow: 131_072 }],
    ['claude-sonnet-5', { known: true, contextWindow: 200_000 }],
    ['gemini-3-pro', { known: true, contextWindow: 1_048_576 }],
    ['mock-model', { known: false, applyPatch: 'none', toolMode: 'direct' }],
    ['gpt-50', { known: false }],
    ['opus', { known: false }],
    ['', { known: false }],
  ])('%s', (slug, expected) => {
    expect(describeModel(slug, plain)).toMatchObject(expected)
  })

  it.each(['gpt-5.6', 'gpt-5.6-sol', 'gpt-6', 'gpt-6-mini'])(
    '%s runs code alone, once something can run it',
    (slug) => {
      expect(describeModel(slug, { ...plain, canRunCode: true })).toMatchObject({
        toolMode: 'code_only',
        parallelToolCalls: false,
        effort: 'low',
      })
      expect(describeModel(slug, plain)).toMatchObject({
        toolMode: 'direct',
        parallelToolCalls: true,
      })
    },
  )

  it('is overridden by the configured context window', () => {
    expect(describeModel('gpt-5.5', { ...plain, contextWindow: 1234 }).contextWindow).toBe(1234)
    expect(describeModel('mock-model', { ...plain, contextWindow: 1234 })).toMatchObject({
      known: false,
      contextWindow: 1234,
    })
  })
})

describe('the catalog of a session', () => {
  it('reads the settings and sees who can run code', async () => {
    await using test = await testKernel([modelCatalog, scriptedTool('exec', 'ran')], {
      settings: { model_context_window: 5000 },
    })
    expect(test.services.get(catalogKey, 'default').describe('gpt-6')).toMatchObject({
      contextWindow: 5000,
      toolMode: 'code_only',
    })
  })

  it('warns of an unknown model once', async () => {
    await using test = await testKernel([modelCatalog], { settings: { model: 'mystery-1' } })
    await runTurn(test, 'one')
    await runTurn(test, 'two')
    const warnings = test.events.filter(
      (event) => event.type === 'item_completed' && event.item.type === 'error',
    )
    expect(warnings).toMatchObject([{ item: { message: expect.stringContaining('"mystery-1"') } }])
  })

  it('says nothing of a known one', async () => {
    await using test = await testKernel([modelCatalog], { settings: { model: 'gpt-5.5' } })
    await runTurn(test, 'one')
    expect(
      test.events.filter((event) => event.type === 'item_completed' && event.item.type === 'error'),
    ).toEqual([])
  })
})
