import { describe, expect, it } from 'vitest'
import { readHooksFile, type Declared } from './hooks-file.ts'
import { hookHash, hookKey, readTrustRecords, trustStatusOf } from './trust.ts'

function declared(event: string, handler: object, group: object = {}): Declared {
  const view = { file: '/h/hooks.json', locate: () => undefined }
  const { handlers } = readHooksFile({ hooks: { [event]: [{ ...group, hooks: [handler] }] } }, view)
  const found = handlers[0]
  if (!found) throw new Error('the handler was not read')
  return found
}

const echo = { type: 'command', command: 'cat > /dev/null; echo trusted ran' }
const plain = 'sha256:97f823fcf2039a6ca4c8c87df7bc2d52a713694d79746f7548bfb3e99b29230b'
const full = 'sha256:99f645b52db2b69cb135ac04f5297c6209934944cca01d55ff24536bf22c3ac7'

describe('the hash of a handler', () => {
  it('is the one that other products record', () => {
    expect(hookHash(declared('UserPromptSubmit', echo))).toBe(plain)
    const more = declared(
      'SessionStart',
      { ...echo, timeout: 5, statusMessage: 'm' },
      { matcher: 'startup' },
    )
    expect(hookHash(more)).toBe(full)
  })

  it('leaves out a matcher that its event ignores', () => {
    expect(hookHash(declared('UserPromptSubmit', echo, { matcher: 'x' }))).toBe(plain)
  })

  it.each([
    ['command', { command: 'other' }, {}],
    ['timeout', { timeout: 5 }, {}],
    ['async', { async: true }, {}],
    ['statusMessage', { statusMessage: 's' }, {}],
    ['additionalContextLimit', { additionalContextLimit: 5 }, {}],
    ['onFailure', { onFailure: 'block' }, {}],
    ['sequential', {}, { sequential: true }],
  ])('changes with %s', (_name, handler, group) => {
    expect(hookHash(declared('UserPromptSubmit', { ...echo, ...handler }, group))).not.toBe(plain)
  })

  it('does not change with remarks', () => {
    expect(hookHash(declared('UserPromptSubmit', { ...echo, description: 'd' }))).toBe(plain)
  })
})

describe('trust', () => {
  const handler = declared('UserPromptSubmit', echo)

  it('is recorded under the place of the handler in its file', () => {
    expect(hookKey('/h/hooks.json', handler)).toBe('/h/hooks.json:user_prompt_submit:0:0')
  })

  it('holds for the recorded hash only', () => {
    expect(trustStatusOf(handler, undefined)).toBe('untrusted')
    expect(trustStatusOf(handler, { enabled: true })).toBe('untrusted')
    expect(trustStatusOf(handler, { trustedHash: plain })).toBe('trusted')
    expect(trustStatusOf(handler, { trustedHash: full })).toBe('modified')
  })

  it('is not read out of what is not a record', () => {
    const records = readTrustRecords({
      a: 'x',
      b: { trusted_hash: 5, enabled: 'no' },
      c: { enabled: false },
    })
    expect([...records]).toEqual([
      ['b', {}],
      ['c', { enabled: false }],
    ])
    expect(readTrustRecords('nonsense').size).toBe(0)
  })
})
