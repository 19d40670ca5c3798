import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SandboxPolicy } from '../points/turn.ts'
import { canWrite, isInside, protectedNames, realpathWithin, resolveLinks } from './contain.ts'

let folder = ''
let root = ''

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'kit-contain-')))
  root = join(folder, 'root')
  await mkdir(join(root, 'sub'), { recursive: true })
  await mkdir(join(folder, 'root-other'))
  await writeFile(join(root, 'file'), '')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('isInside', () => {
  it.each([
    ['/a', '/a', true],
    ['/a', '/a/b/c', true],
    ['/a/', '/a/b', true],
    ['/', '/anything', true],
    ['/a', '/ab', false],
    ['/a', '/a/../b', false],
    ['/a', '/a/..b', true],
    ['/a/b', '/a', false],
  ])('%s holds %s: %s', (top, path, expected) => {
    expect(isInside(top, path)).toBe(expected)
  })
})

describe('resolveLinks', () => {
  it('takes what does not exist yet as it is written', async () => {
    await symlink(join(folder, 'root-other'), join(root, 'link'))
    expect(await resolveLinks(join(root, 'new', 'deep'))).toBe(join(root, 'new', 'deep'))
    expect(await resolveLinks(join(root, 'link', 'new', 'deep'))).toBe(
      join(folder, 'root-other', 'new', 'deep'),
    )
    expect(await resolveLinks(join(root, 'file', 'below'))).toBe(join(root, 'file', 'below'))
  })

  it('follows links to nothing, which a write would follow too', async () => {
    await symlink('../elsewhere/new', join(root, 'dangling'))
    expect(await resolveLinks(join(root, 'dangling'))).toBe(join(folder, 'elsewhere', 'new'))
    expect(await resolveLinks(join(root, 'dangling', 'x'))).toBe(
      join(folder, 'elsewhere', 'new', 'x'),
    )
  })

  it('takes .. after links, as the system does', async () => {
    await symlink(join(folder, 'root-other'), join(root, 'link'))
    expect(await resolveLinks(`${root}/link/../new`)).toBe(join(folder, 'new'))
    expect(await resolveLinks(`${root}/missing/../new`)).toBe(join(root, 'new'))
    expect(await resolveLinks('/../../x-missing')).toBe('/x-missing')
  })

  it('refuses links that lead in a circle, and NUL', async () => {
    await symlink('b', join(root, 'a'))
    await symlink('a', join(root, 'b'))
    await expect(resolveLinks(join(root, 'a', 'x'))).rejects.toMatchObject({ code: 'PATH_OUTSIDE' })
    await expect(resolveLinks(`${root}/x\0y`)).rejects.toMatchObject({ code: 'PATH_OUTSIDE' })
  })
})

describe('realpathWithin', () => {
  it('gives the real path of what is inside, also by way of a link to the root', async () => {
    await symlink(root, join(folder, 'alias'))
    expect(await realpathWithin(join(folder, 'alias'), 'sub/new')).toBe(join(root, 'sub', 'new'))
    expect(await realpathWithin(root, join(folder, 'alias', 'file'))).toBe(join(root, 'file'))
    expect(await realpathWithin(root, '.')).toBe(root)
  })

  it.each(['../root-other', '/etc/passwd', 'sub/../../x', 'out/x', 'proc-root/etc'])(
    'refuses %s',
    async (path) => {
      await symlink('..', join(root, 'out'))
      await symlink('/proc/self/root', join(root, 'proc-root'))
      await expect(realpathWithin(root, path)).rejects.toMatchObject({ code: 'PATH_OUTSIDE' })
    },
  )
})

const policy = (more: Partial<SandboxPolicy> = {}): SandboxPolicy => ({
  mode: 'workspace-write',
  writableRoots: [root],
  network: false,
  deniedReads: [],
  deniedReadGlobs: [],
  backend: 'none',
  ...more,
})
const ok = { ok: true }
const no = (reason: string) => ({ ok: false, reason: expect.stringContaining(reason) })

describe('canWrite', () => {
  it('follows the mode', async () => {
    expect(await canWrite(policy({ mode: 'danger-full-access' }), '/etc/x')).toEqual(ok)
    expect(await canWrite(policy({ mode: 'read-only' }), join(root, 'x'))).toEqual(no('read-only'))
    expect(await canWrite(policy(), join(root, 'new', 'x'))).toEqual(ok)
    expect(await canWrite(policy(), join(folder, 'root-other', 'x'))).toEqual(no('outside'))
  })

  it('goes by where links lead', async () => {
    await symlink(join(folder, 'root-other'), join(root, 'link'))
    await symlink(join(folder, 'elsewhere'), join(root, 'dangling'))
    await symlink(root, join(folder, 'alias'))
    expect(await canWrite(policy(), join(root, 'link', 'x'))).toEqual(no('outside'))
    expect(await canWrite(policy(), join(root, 'dangling'))).toEqual(no('outside'))
    expect(await canWrite(policy(), join(folder, 'alias', 'x'))).toEqual(ok)
    expect(
      await canWrite(policy({ writableRoots: [join(folder, 'alias')] }), join(root, 'x')),
    ).toEqual(ok)
  })

  it('goes by where a name stands when it is the name that is replaced', async () => {
    await symlink(join(folder, 'root-other'), join(root, 'way-out'))
    await symlink(join(root, 'file'), join(folder, 'way-in'))
    await symlink(join(root, 'file'), join(root, '.git'))
    const replace = { isEntry: true }
    expect(await canWrite(policy(), join(root, 'way-out'), replace)).toEqual(ok)
    expect(await canWrite(policy(), join(folder, 'way-in'), replace)).toEqual(no('outside'))
    expect(await canWrite(policy(), join(root, 'way-out', 'x'), replace)).toEqual(no('outside'))
    expect(await canWrite(policy(), join(root, '.git'), replace)).toEqual(no('protected'))
  })

  it.each(protectedNames)('protects %s', async (name) => {
    expect(await canWrite(policy(), join(root, name))).toEqual(no('protected'))
    expect(await canWrite(policy(), join(root, 'sub', name, 'config'))).toEqual(no('protected'))
  })

  it('keeps folders inside a root read-only, but for a root that lies deeper still', async () => {
    const home = join(root, 'sub', 'home')
    const kept = policy({ readOnlyPaths: [home] })
    expect(await canWrite(kept, join(home, 'config.toml'))).toEqual(no('read-only'))
    expect(await canWrite(kept, join(root, 'sub', 'x'))).toEqual(ok)
    const writableRoots = [root, join(home, 'memories')]
    expect(await canWrite({ ...kept, writableRoots }, join(home, 'memories', 'x'))).toEqual(ok)
    expect(await canWrite({ ...kept, writableRoots }, join(home, 'x'))).toEqual(no('read-only'))
  })

  it('protects them in other spellings, through links, and when they are links', async () => {
    await mkdir(join(root, '.git'))
    await symlink('.git', join(root, 'alias'))
    await symlink('sub', join(root, '.codex'))
    expect(await canWrite(policy(), join(root, '.GIT', 'x'))).toEqual(no('protected'))
    expect(await canWrite(policy(), join(root, 'alias', 'x'))).toEqual(no('protected'))
    expect(await canWrite(policy(), join(root, '.codex', 'x'))).toEqual(no('protected'))
    expect(await canWrite(policy(), join(root, '.gitignore'))).toEqual(ok)
  })

  it('allows a root that was named inside of a protected folder', async () => {
    const inner = join(root, '.hookline', 'memories')
    expect(await canWrite(policy({ writableRoots: [root, inner] }), join(inner, 'x'))).toEqual(ok)
  })

  it('refuses what may not even be read, and links in a circle', async () => {
    await symlink('loop', join(root, 'loop'))
    expect(
      await canWrite(policy({ deniedReads: [join(root, 'sub')] }), join(root, 'sub', 'x')),
    ).toEqual(no('read'))
    expect(await canWrite(policy(), join(root, 'loop'))).toEqual(no('circle'))
  })
})
