import type { SandboxPolicy } from 'hookline'
import { describe, expect, it } from 'vitest'
import { baseEnvironment, callEnvironment } from './environment.ts'

const parent = {
  PATH: '/bin',
  HOME: '/home/me',
  EDITOR: 'vi',
  PAGER: 'less',
  MY_TOKEN: 't',
  api_key: 'k',
  DB_PASSWORD: 'p',
  GONE: undefined,
}

const sandbox: SandboxPolicy = {
  mode: 'read-only',
  writableRoots: [],
  network: false,
  deniedReads: [],
  deniedReadGlobs: [],
  backend: 'bwrap',
}

describe('baseEnvironment', () => {
  it('passes everything on but what looks like a secret', () => {
    const { variables, withheld } = baseEnvironment({}, parent)
    expect(variables).toMatchObject({ PATH: '/bin', HOME: '/home/me', EDITOR: 'vi' })
    expect(withheld).toEqual(['MY_TOKEN', 'api_key', 'DB_PASSWORD'])
    for (const name of [...withheld, 'GONE']) expect(variables).not.toHaveProperty(name)
  })

  it('makes programs write plain text', () => {
    const { variables } = baseEnvironment({}, parent)
    expect(variables).toMatchObject({ PAGER: 'cat', GIT_PAGER: 'cat', TERM: 'dumb', NO_COLOR: '1' })
  })

  it('passes secrets on when that is asked for', () => {
    const { variables, withheld } = baseEnvironment({ ignore_default_excludes: true }, parent)
    expect(variables).toMatchObject({ MY_TOKEN: 't', api_key: 'k', DB_PASSWORD: 'p' })
    expect(withheld).toEqual([])
  })

  it('starts from the bare few with inherit = core', () => {
    const { variables } = baseEnvironment({ inherit: 'core' }, parent)
    expect(variables).toMatchObject({ PATH: '/bin', HOME: '/home/me' })
    expect(variables).not.toHaveProperty('EDITOR')
  })

  it('starts from nothing with inherit = none', () => {
    const { variables } = baseEnvironment({ inherit: 'none', set: { A: '1' } }, parent)
    expect(variables).not.toHaveProperty('PATH')
    expect(variables['A']).toBe('1')
  })

  it('leaves out excluded names whatever their case', () => {
    const { variables } = baseEnvironment({ exclude: ['ed?tor', 'HO*'] }, parent)
    expect(variables).not.toHaveProperty('EDITOR')
    expect(variables).not.toHaveProperty('HOME')
    expect(variables['PATH']).toBe('/bin')
  })

  it('takes a glob for nothing but its stars and question marks', () => {
    const { variables } = baseEnvironment({ exclude: ['P.TH', '(', '[P]ATH'] }, parent)
    expect(variables['PATH']).toBe('/bin')
  })

  it('lets set win over inherited values and its own', () => {
    const set = { EDITOR: 'ed', PAGER: 'more', NEW_TOKEN: 'mine' }
    expect(baseEnvironment({ set }, parent).variables).toMatchObject(set)
  })

  it('drops everything that include_only does not name, also of set', () => {
    const policy = { set: { EDITOR: 'ed', OTHER: 'x' }, include_only: ['PATH', 'EDIT*'] }
    const { variables } = baseEnvironment(policy, parent)
    expect(variables).toMatchObject({ PATH: '/bin', EDITOR: 'ed' })
    expect(variables).not.toHaveProperty('HOME')
    expect(variables).not.toHaveProperty('OTHER')
  })
})

describe('callEnvironment', () => {
  it('names session and call under both prefixes', () => {
    const facts = { sessionId: 's1', callId: 'c1', sandbox, escalated: false }
    expect(callEnvironment(facts)).toMatchObject({
      HOOKLINE_SESSION_ID: 's1',
      HOOKLINE_TOOL_CALL_ID: 'c1',
      HOOKLINE_PERMISSION_PROFILE: ':read-only',
      HOOKLINE_SANDBOX_NETWORK_DISABLED: '1',
      CODEX_SESSION_ID: 's1',
      CODEX_THREAD_ID: 's1',
      CODEX_TOOL_CALL_ID: 'c1',
      CODEX_SANDBOX_NETWORK_DISABLED: '1',
    })
  })

  it('says nothing of a closed network where it is open', () => {
    const facts = { sessionId: 's1', callId: 'c1', sandbox, escalated: true }
    expect(callEnvironment(facts)).not.toHaveProperty('CODEX_SANDBOX_NETWORK_DISABLED')
    expect(callEnvironment(facts)['CODEX_PERMISSION_PROFILE']).toBe(':danger-full-access')
    const open = { ...facts, escalated: false, sandbox: { ...sandbox, network: true } }
    expect(callEnvironment(open)).not.toHaveProperty('HOOKLINE_SANDBOX_NETWORK_DISABLED')
  })
})
