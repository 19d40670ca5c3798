import { readFile, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hooksFile, place } from './command-harness.ts'

describe('hookline hooks import', () => {
  it('shows what would be written, and writes it only when told to', async () => {
    await using at = await place({ '.claude/settings.json': hooksFile('Stop', 'echo done') })
    const target = join(at.home, 'hooks.json')
    const shown = await at.run('import', '--from', 'claude')
    expect(shown.code).toBe(0)
    expect(shown.stdout).toContain(`--- /dev/null\n+++ ${target}\n@@ -0,0 +1,`)
    expect(shown.stdout).toContain('+  "dialect": "claude",\n')
    await expect(stat(target)).rejects.toThrow('ENOENT')
    const applied = await at.run('import', '--from', 'claude', '--apply')
    expect(applied.stdout).toContain(`Wrote 1 group of hooks to ${target}.`)
    expect(JSON.parse(await readFile(target, 'utf8'))).toEqual({
      dialect: 'claude',
      ...JSON.parse(hooksFile('Stop', 'echo done')),
    })
    expect(await at.json('import', '--from', 'claude', '--apply')).toMatchObject({
      added: 0,
      known: 1,
      applied: false,
      diff: '',
    })
  })

  it('takes hooks of a project from and to its root', async () => {
    await using at = await place({
      'work/.git/HEAD': 'ref: refs/heads/main\n',
      'work/.codex/hooks.json': hooksFile('Stop', 'true'),
      'work/sub/x': '',
    })
    const words = ['import', '--from', 'codex', '--to', 'project', '--apply', '-C', 'sub']
    expect(await at.json(...words)).toMatchObject({
      from: 'codex',
      target: join(at.work, '.hookline', 'hooks.json'),
      sources: [join(at.work, '.codex', 'hooks.json')],
      added: 1,
      applied: true,
    })
    const text = await readFile(join(at.work, '.hookline', 'hooks.json'), 'utf8')
    expect(JSON.parse(text)).toEqual(JSON.parse(hooksFile('Stop', 'true')))
  })

  it('follows no link of a project out of it', async () => {
    await using at = await place({
      'work/.git/HEAD': 'ref: refs/heads/main\n',
      'work/.codex/hooks.json': hooksFile('Stop', 'true'),
      'work/.hookline/x': '',
      'home/x': '',
    })
    await symlink(join(at.home, 'hooks.json'), join(at.work, '.hookline', 'hooks.json'))
    const { code, stderr } = await at.run('import', '--from', 'codex', '--to', 'project', '--apply')
    expect([code, stderr.startsWith('error[PATH_OUTSIDE]: ')]).toEqual([1, true])
    await expect(stat(join(at.home, 'hooks.json'))).rejects.toThrow('ENOENT')
  })

  it.each([
    [[], 2, 'USAGE'],
    [['--from', 'gemini'], 2, 'USAGE'],
    [['--from', 'codex', '--to', 'system'], 2, 'USAGE'],
    [['--from', 'codex'], 1, 'HOOKS_INVALID'],
  ])('refuses %j', async (words, exitCode, name) => {
    await using at = await place()
    const { code, stderr } = await at.run('import', ...words)
    expect([code, stderr.startsWith(`error[${name}]: `)]).toEqual([exitCode, true])
  })
})
