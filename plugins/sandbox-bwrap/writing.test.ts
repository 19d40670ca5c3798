import { existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { at, files, finish, planFor, refused, run, spawn, usable } from './sandbox-fixture.ts'

describe.runIf(usable)('what commands may write', () => {
  it('is what lies below a writable root', async () => {
    files('outside/f')
    const script =
      'echo new > a; echo new > $BASE/outside/f; echo new > /proc/self/root$BASE/outside/g'
    expect((await run(script)).err).toMatch(/Read-only file system/)
    expect(readFileSync(join(at.work, 'a'), 'utf8')).toBe('new\n')
    expect(readFileSync(join(at.base, 'outside/f'), 'utf8')).toBe('old')
    expect(readdirSync(join(at.base, 'outside'))).toEqual(['f'])
  })

  it('is nothing in read-only', async () => {
    expect(await run('echo new > a', { mode: 'read-only', writableRoots: [] })).toMatchObject({
      code: 2,
    })
    expect(readdirSync(at.work)).toEqual([])
  })

  it('is not the settings of the kernel, and not its capabilities', async () => {
    const script =
      'echo 1 > /proc/sys/vm/drop_caches; grep CapEff /proc/self/status; mount -t tmpfs x .'
    const { out, code } = await run(script)
    expect(out).toContain('0000000000000000')
    expect(code).not.toBe(0)
    const all = await run(
      'find /proc/sys /proc/sysrq-trigger -writable -user root 2>/dev/null | head -3',
    )
    expect(all.out).toBe('')
  })

  it('is not a home of ours below a writable root, but its memories are', async () => {
    files('work/home/config.toml', 'work/home/memories/')
    const policy = {
      writableRoots: [at.work, join(at.work, 'home/memories')],
      readOnlyPaths: [join(at.work, 'home')],
    }
    await run(
      'echo new > home/config.toml; echo new > home/x; echo new > home/memories/m; mv home h',
      policy,
    )
    expect(readFileSync(join(at.work, 'home/config.toml'), 'utf8')).toBe('old')
    expect(readdirSync(join(at.work, 'home'))).toEqual(['config.toml', 'memories'])
    await vi.waitFor(() => expect(readdirSync(join(at.work, 'home/memories'))).toEqual(['m']))
  })

  it('is not a home of ours that nobody has made yet', async () => {
    const policy = { readOnlyPaths: [join(at.work, 'a/home')] }
    expect((await run('mkdir -p a/home', policy)).code).toBe(1)
    await vi.waitFor(() => expect(readdirSync(at.work)).toEqual([]))
  })

  it('never includes the root of all files, or what the kernel shows as files', async () => {
    for (const root of ['/', '/proc/sys', '/sys']) {
      await expect(spawn(planFor('true', { writableRoots: [root] }))).rejects.toThrow(refused)
    }
  })

  it('leaves out roots that do not exist', async () => {
    expect(
      await run('echo x > a', { writableRoots: [at.work, join(at.base, 'nowhere')] }),
    ).toMatchObject({ code: 0 })
  })

  it('is not reached by a link that commands may replace', async () => {
    files('outside/')
    symlinkSync(join(at.base, 'outside'), join(at.work, 'link'))
    const policy = { writableRoots: [at.work, join(at.work, 'link')] }
    await expect(spawn(planFor('true', policy))).rejects.toThrow(refused)
    symlinkSync(at.work, join(at.base, 'firm'))
    expect(await run('echo x > a', { writableRoots: [join(at.base, 'firm')] })).toMatchObject({
      code: 0,
    })
  })

  it('cannot be moved away with the folders around it', async () => {
    files('work/a/b/root/f', 'work/c/secret')
    const policy = {
      writableRoots: [at.work, join(at.work, 'a/b/root')],
      deniedReads: [join(at.work, 'c/secret')],
    }
    const rename =
      'process.argv.slice(1).forEach((at) => { try { fs.renameSync(at, "moved") } catch (e) { console.log(e.code) } })'
    const plan = planFor('', policy)
    const command = [process.execPath, '-e', rename, '--', 'a', 'a/b', 'a/b/root', 'c'] as const
    const { out } = await finish(await spawn({ ...plan, command: [...command] }))
    expect(out.match(/EBUSY|EXDEV/g)).toHaveLength(4)
    expect(existsSync(join(at.work, 'moved'))).toBe(false)
  })
})

it('confines nothing in danger-full-access', async () => {
  files('outside/')
  const policy = { mode: 'danger-full-access', writableRoots: [], network: true } as const
  expect(await run('echo x > $BASE/outside/f', policy)).toMatchObject({ code: 0 })
  expect(existsSync(join(at.base, 'outside/f'))).toBe(true)
})
