import { describe, expect, it } from 'vitest'
import { failureText, readableJson, resultOutput } from './model-output.ts'
import type { Block } from './call-result.ts'

const framing = { seconds: 1.5, redact: (text: string) => text.replaceAll('secret', '<redacted>') }

function parts(content: readonly Block[]) {
  return resultOutput({ content, structured: undefined, isError: false }, framing).slice(1)
}

describe('what a model is sent of a result', () => {
  it.each([
    ['a picture of another kind', { type: 'image', data: 'AAAA', mimeType: 'image/svg+xml' }],
    ['a picture that is no base64', { type: 'image', data: '"><', mimeType: 'image/png' }],
  ])('has no image for %s', (_what, block) => {
    expect(parts([block])).toEqual([
      { type: 'text', text: expect.stringMatching(/^\{"type":"image","data":"<\d characters/) },
    ])
  })

  it('has no secret in any form', () => {
    expect(parts([{ type: 'text', text: 'a secret' }])).toEqual([
      { type: 'text', text: 'a <redacted>' },
    ])
    const structured = resultOutput(
      { content: [], structured: { a: 'secret' }, isError: false },
      framing,
    )
    expect(structured).toBe('Wall time: 1.5000 seconds\nOutput:\n{"a":"<redacted>"}')
  })

  it('shares one budget among all texts', () => {
    const long = { type: 'text', text: 'x'.repeat(30_000) }
    const sent = parts([long, long, long, { type: 'image', data: 'AAAA', mimeType: 'image/png' }])
    expect(sent).toEqual([
      long,
      { type: 'text', text: expect.stringContaining('truncated output') },
      { type: 'image', imageUrl: 'data:image/png;base64,AAAA' },
      { type: 'text', text: '[1 more parts are left out: the output is too long]' },
    ])
  })

  it('leaves data out of JSON', () => {
    expect(readableJson({ contents: [{ blob: 'AAAA', text: 't' }] })).toBe(
      '{"contents":[{"blob":"<4 characters of base64>","text":"t"}]}',
    )
  })

  it('says in a row of lines why there is none', () => {
    expect(failureText({ server: 's', tool: 't' }, 'one\ntwo')).toBe(
      'tool call error: tool call failed for `s/t`\n\nCaused by:\n    one\n    two',
    )
  })
})
