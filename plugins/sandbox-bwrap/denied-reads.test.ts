import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { at, files, run, usable } from './sandbox-fixture.ts'

describe.runIf(usable)('what commands may read', () => {
  it('is not a denied file or folder, by whatever way', async () => {
    files('secret', 'folder/sub/f', 'work/d/secret', 'open')
    symlinkSync(join(at.base, 'secret'), join(at.work, 'link'))
    const policy = {
      deniedReads: [join(at.base, 'secret'), join(at.base, 'folder'), join(at.work, 'd/secret')],
    }
    const script =
      'cat $BASE/open; cat link $BASE/secret /proc/self/root$BASE/secret $BASE/folder/sub/f d/secret; ls $BASE/folder; chmod 777 $BASE/folder'
    const { out, err } = await run(script, policy)
    expect(out).toBe('old')
    expect(err.match(/Permission denied|Read-only/g)).toHaveLength(7)
    expect((await run(script, { ...policy, mode: 'read-only', writableRoots: [] })).out).toBe('old')
  })

  it('is not what fits a denied pattern when the command starts', async () => {
    files('work/.env', 'work/a/b/prod.env', 'work/a/env')
    const script = 'cat .env a/b/prod.env a/env; mv .env x'
    const { out, err } = await run(script, { deniedReadGlobs: [`${at.work}/**/*.env`] })
    expect(out).toBe('old')
    expect(err.match(/Permission denied|busy/g)).toHaveLength(3)
  })

  it('is a writable root in a folder that is denied, and nothing else there', async () => {
    files('home/me/work/f', 'home/me/.ssh/key', 'home/me/work/.git/config')
    const root = join(at.base, 'home/me/work')
    const policy = { writableRoots: [root], deniedReads: [join(at.base, 'home')] }
    const { out, err } = await run(
      `cd ${root} && cat f; ls -A ..; ls ../..; echo x > .git/config`,
      policy,
    )
    expect(out).toBe('oldwork\n')
    expect(err.match(/Permission denied|Read-only/g)).toHaveLength(2)
  })
})
