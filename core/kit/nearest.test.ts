import { describe, expect, it } from 'vitest'
import { nearest } from './nearest.ts'

const known = ['model', 'model_provider', 'approval_policy', 'sandbox_mode', 'tui']

describe('nearest', () => {
  it.each([
    ['modle', 'model'],
    ['Model', 'model'],
    ['modelprovider', 'model_provider'],
    ['model-provider', 'model_provider'],
    ['aproval_polcy', 'approval_policy'],
    ['sandbox', undefined],
    ['ti', 'tui'],
    ['telemetry', undefined],
    ['', undefined],
  ])('takes %j for %j', (word, expected) => {
    expect(nearest(word, known)).toBe(expected)
  })

  it('prefers the nearest one, and the first of two', () => {
    expect(nearest('abcdefx', ['abcdxxx', 'abcdef', 'abcdefy'])).toBe('abcdef')
    expect(nearest('word', [])).toBeUndefined()
  })
})
