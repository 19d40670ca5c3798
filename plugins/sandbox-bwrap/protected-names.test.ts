import { existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { protectedNames } from 'hookline/kit'
import { describe, expect, it, vi } from 'vitest'
import { at, files, finish, planFor, refused, run, spawn, usable } from './sandbox-fixture.ts'

describe.runIf(usable)('protected names', () => {
  it('cannot be made where they are missing, and leave nothing behind', async () => {
    const { out } = await run(`for name in ${protectedNames.join(' ')}; do
      mkdir $name/x 2>/dev/null; echo x > $name 2>/dev/null; rmdir $name 2>/dev/null; mv $name y 2>/dev/null
      ls -A $name; test -d $name && echo kept; done`)
    expect(out).toBe('kept\n'.repeat(protectedNames.length))
    await vi.waitFor(() => expect(readdirSync(at.work)).toEqual([]))
  })

  it('cannot be changed where they exist, in every root', async () => {
    files('work/.git/config', 'work/.claude/settings.json', 'other/.codex/config.toml')
    const names =
      '$WORK/.git/config $WORK/.git/new $WORK/.claude/settings.json $BASE/other/.codex/config.toml'
    await run(`for name in ${names}; do echo new > $name; done; rm -rf .git; mv .claude x`, {
      writableRoots: [at.work, join(at.base, 'other')],
    })
    for (const path of [
      'work/.git/config',
      'work/.claude/settings.json',
      'other/.codex/config.toml',
    ]) {
      expect(readFileSync(join(at.base, path), 'utf8')).toBe('old')
    }
    expect(existsSync(join(at.work, '.git/new'))).toBe(false)
  })

  it('stay covered for one command when another in the same folder ends', async () => {
    const script = 'read go; mkdir .git/hooks .hookline/x; read go'
    const first = await spawn(planFor(script))
    const second = await spawn(planFor(script))
    await finish(first)
    // What the first one gave up is gone only after its end was told.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    second.stdin.write('go\n')
    expect((await finish(second)).err.match(/Read-only/g)).toHaveLength(2)
    await vi.waitFor(() => expect(readdirSync(at.work)).toEqual([]))
  })

  it('are refused as links, before anything runs', async () => {
    files('work/decoy/')
    symlinkSync('decoy', join(at.work, '.codex'))
    await expect(spawn(planFor('echo x > ran'))).rejects.toThrow(refused)
    expect(readdirSync(at.work)).toEqual(['.codex', 'decoy'])
  })

  it('include what a .git file points to, and what several working trees share', async () => {
    files('work/main/.git/worktrees/w/x', 'work/main/.git/hooks/', 'work/.git')
    writeFileSync(join(at.work, '.git'), 'gitdir: main/.git/worktrees/w\n')
    writeFileSync(join(at.work, 'main/.git/worktrees/w/commondir'), '../..\n')
    await run(
      'for at in .git main/.git/worktrees/w/x main/.git/hooks/h; do echo new > $at; done; mv main other',
    )
    expect(readFileSync(join(at.work, '.git'), 'utf8')).toMatch(/^gitdir/)
    expect(readFileSync(join(at.work, 'main/.git/worktrees/w/x'), 'utf8')).toBe('old')
    expect(readdirSync(join(at.work, 'main/.git/hooks'))).toEqual([])
  })

  it('include the .git of repositories below that were there before, not of those made later', async () => {
    files('work/a/b/.git/config')
    const { code } = await run(
      'echo new > a/b/.git/config; mkdir -p made/.git && echo new > made/.git/config',
    )
    expect(code).toBe(0)
    expect(readFileSync(join(at.work, 'a/b/.git/config'), 'utf8')).toBe('old')
    expect(await run('echo more > made/.git/config')).toMatchObject({ code: 0 })
  })

  it('may be writable roots themselves', async () => {
    files('work/.git/config')
    await run('echo new > .git/config', { writableRoots: [at.work, join(at.work, '.git')] })
    expect(readFileSync(join(at.work, '.git/config'), 'utf8')).toBe('new\n')
  })
})
