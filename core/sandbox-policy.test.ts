import { describe, expect, it } from 'vitest'
import { sandboxPolicy, type SandboxFacts, type SandboxSettings } from './sandbox-policy.ts'

const nothingSet: SandboxSettings = {
  sandbox_mode: undefined,
  sandbox_workspace_write: {},
  permissions: {},
  default_permissions: undefined,
  sandbox_backend: undefined,
}
const here: SandboxFacts = {
  cwd: '/projects/app',
  home: '/home/me/.hookline',
  env: { HOME: '/home/me', TMPDIR: '/var/tmp/me' },
  platform: 'linux',
}
const usual = ['/projects/app', '/home/me/.hookline/memories', '/tmp', '/var/tmp/me']

function policy(settings: Partial<SandboxSettings>, facts: Partial<SandboxFacts> = {}) {
  return sandboxPolicy({ ...nothingSet, ...settings }, { ...here, ...facts })
}

/** The policy of a profile `p`, and of those that it extends. */
function profile(
  p: SandboxSettings['permissions'][string],
  others: SandboxSettings['permissions'] = {},
) {
  return policy({ default_permissions: 'p', permissions: { p, ...others } })
}

describe('sandbox modes', () => {
  it('reads everything and writes nothing where nothing is set', () => {
    expect(policy({})).toEqual({
      mode: 'read-only',
      writableRoots: [],
      network: false,
      deniedReads: [],
      deniedReadGlobs: [],
      backend: 'bwrap',
    })
  })

  it('writes the folder, its memories and temporary files in workspace-write, but never its own home', () => {
    expect(policy({ sandbox_mode: 'workspace-write' })).toEqual({
      mode: 'workspace-write',
      writableRoots: usual,
      readOnlyPaths: ['/home/me/.hookline'],
      network: false,
      deniedReads: [],
      deniedReadGlobs: [],
      backend: 'bwrap',
    })
  })

  it('takes the details of workspace-write, with relative roots below the folder', () => {
    const details = {
      writable_roots: ['build', '/data', '../app'],
      exclude_slash_tmp: true,
      exclude_tmpdir_env_var: true,
      network_access: true,
    }
    const found = policy({ sandbox_mode: 'workspace-write', sandbox_workspace_write: details })
    expect(found.writableRoots).toEqual([
      '/projects/app',
      '/projects/app/build',
      '/data',
      '/home/me/.hookline/memories',
    ])
    expect(found.network).toBe(true)
  })

  it('uses the details in workspace-write alone', () => {
    expect(policy({ sandbox_workspace_write: { network_access: true } }).network).toBe(false)
  })

  it.each([[undefined], ['relative'], ['']])('passes over a TMPDIR that is %o', (TMPDIR) => {
    const found = policy({ sandbox_mode: 'workspace-write' }, { env: { TMPDIR } })
    expect(found.writableRoots).toEqual(usual.slice(0, 3))
  })

  it.each([
    ['linux', 'read-only', 'bwrap'],
    ['darwin', 'workspace-write', 'seatbelt'],
    ['linux', 'danger-full-access', 'none'],
  ] as const)('is enforced on %s in %s by %s', (platform, sandbox_mode, backend) => {
    expect(policy({ sandbox_mode }, { platform }).backend).toBe(backend)
  })

  it('is enforced by the backend that is named', () => {
    expect(policy({ sandbox_backend: 'remote' }).backend).toBe('remote')
  })

  it('wins over permission profiles', () => {
    const permissions = { p: { extends: ':workspace' } }
    const found = policy({ sandbox_mode: 'read-only', default_permissions: 'p', permissions })
    expect(found.mode).toBe('read-only')
  })
})

describe('permission profiles', () => {
  it.each([
    [':read-only', 'read-only', false],
    [':workspace', 'workspace-write', false],
    [':danger-full-access', 'danger-full-access', true],
  ] as const)('has the built-in %s', (default_permissions, mode, network) => {
    expect(policy({ default_permissions })).toMatchObject({ mode, network })
  })

  it('denies paths and patterns, those of the workspace below each of its roots', () => {
    const found = profile({
      extends: ':workspace',
      filesystem: {
        '/secret': 'deny',
        '~/.ssh': 'deny',
        '/keys/*.pem': 'deny',
        ':workspace_roots': { '.': 'write', '**/*.env': 'deny', private: 'deny' },
      },
      workspace_roots: { '/other': true, '/off': false },
    })
    expect(found.writableRoots).toEqual(['/projects/app', '/other', ...usual.slice(1)])
    expect(found.deniedReads).toEqual([
      '/secret',
      '/home/me/.ssh',
      '/projects/app/private',
      '/other/private',
    ])
    expect(found.deniedReadGlobs).toEqual([
      '/keys/*.pem',
      '/projects/app/**/*.env',
      '/other/**/*.env',
    ])
  })

  it('takes a folder as it is called where patterns lie below it', () => {
    const permissions = { p: { filesystem: { ':workspace_roots': { '*.env': 'deny' } } } }
    const found = policy({ default_permissions: 'p', permissions }, { cwd: '/projects/[a]' })
    expect(found.deniedReadGlobs).toEqual(['/projects/\\[a\\]/*.env'])
  })

  it('makes single paths writable on top of read-only', () => {
    const found = profile({ extends: ':read-only', filesystem: { '/out': 'write' } })
    expect(found).toMatchObject({ mode: 'workspace-write', writableRoots: ['/out'] })
  })

  it('keeps paths below writable roots from being written', () => {
    const found = profile({
      extends: ':workspace',
      filesystem: { ':workspace_roots': { '.': 'read' } },
    })
    expect(found.writableRoots).toEqual(usual.slice(1))
    expect(found.readOnlyPaths).toContain('/projects/app')
  })

  it('lets the nearer profile win, entry by entry', () => {
    const base = {
      extends: ':workspace',
      filesystem: { '/a': 'deny', '/b': 'deny' },
      network: { enabled: true },
    }
    const found = profile({ extends: 'base', filesystem: { '/b': 'write' } }, { base })
    expect(found).toMatchObject({ mode: 'workspace-write', network: true, deniedReads: ['/a'] })
    expect(found.writableRoots).toContain('/b')
  })

  const loop = { b: { extends: 'p' } }
  it.each([
    ['a profile that nobody made', () => policy({ default_permissions: 'nope' })],
    ['a built-in that does not exist', () => policy({ default_permissions: ':nope' })],
    ['a name that every object has', () => policy({ default_permissions: 'constructor' })],
    ['profiles that extend each other', () => profile({ extends: 'b' }, loop)],
    ['profiles of which none is chosen', () => policy({ permissions: { p: {} } })],
    ['an access of another name', () => profile({ filesystem: { '/a': 'full' } })],
    ['a pattern that is to be written', () => profile({ filesystem: { '/a/*': 'write' } })],
    ['a relative path', () => profile({ filesystem: { a: 'read' } })],
    ['a special path that does not exist', () => profile({ filesystem: { ':nope': 'read' } })],
    [
      'reads inside of what is denied',
      () => profile({ filesystem: { '/a': 'deny', '/a/b': 'read' } }),
    ],
    [
      'denied reads without a sandbox',
      () => profile({ extends: ':danger-full-access', filesystem: { '/a': 'deny' } }),
    ],
    [
      'folders that are kept read-only without a sandbox',
      () => profile({ extends: ':danger-full-access', filesystem: { '/a': 'read' } }),
    ],
    [
      'a closed network without a sandbox',
      () => profile({ extends: ':danger-full-access', network: { enabled: false } }),
    ],
    [
      'domains without a sandbox',
      () => profile({ extends: ':danger-full-access', network: { domains: { 'a.b': 'deny' } } }),
    ],
    [
      'domains, which nothing enforces',
      () => profile({ network: { enabled: true, domains: { 'a.b': 'deny' } } }),
    ],
  ])('refuses %s', (_what, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })
})
