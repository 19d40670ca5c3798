import { readFile, realpath, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SettingsLayers } from 'hookline'
import { parseToml } from 'hookline/kit'
import { temporaryHome } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { projectTrust, trustProject } from './trust.ts'

describe('trustProject', () => {
  it('makes the file for its owner alone, by the real path of the folder', async () => {
    await using base = await temporaryHome({ 'repo/x': '' })
    const repo = await realpath(join(base.path, 'repo'))
    await symlink(repo, join(base.path, 'link'))
    const home = join(base.path, 'new', 'home')
    await trustProject(home, join(base.path, 'link'))
    const file = join(home, 'config.toml')
    expect(parseToml(await readFile(file, 'utf8'), file).values).toEqual({
      projects: { [repo]: { trust_level: 'trusted' } },
    })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  it('keeps comments and the other settings, and changes nothing the second time', async () => {
    await using base = await temporaryHome({
      'repo/x': '',
      'config.toml': '# mine\nmodel = "a" # why\n',
    })
    const file = join(base.path, 'config.toml')
    await trustProject(base.path, join(base.path, 'repo'))
    const once = await readFile(file, 'utf8')
    expect(once).toContain('# mine\nmodel = "a" # why\n')
    await trustProject(base.path, join(base.path, 'repo'))
    expect(await readFile(file, 'utf8')).toBe(once)
  })

  it('loses none of several that happen at once', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `repo${index}`)
    await using base = await temporaryHome(
      Object.fromEntries(names.map((name) => [`${name}/x`, ''])),
    )
    await Promise.all(names.map((name) => trustProject(base.path, join(base.path, name))))
    const { values } = parseToml(await readFile(join(base.path, 'config.toml'), 'utf8'), '')
    expect(Object.keys(values['projects'] ?? {})).toHaveLength(8)
  })

  it('leaves a folder that is marked as untrusted alone', async () => {
    await using base = await temporaryHome({ 'repo/x': '' })
    const repo = await realpath(join(base.path, 'repo'))
    const text = `[projects.${JSON.stringify(repo)}]\ntrust_level = "untrusted"\n`
    await writeFile(join(base.path, 'config.toml'), text)
    await expect(trustProject(base.path, repo)).rejects.toMatchObject({ code: 'PROJECT_UNTRUSTED' })
    expect(await readFile(join(base.path, 'config.toml'), 'utf8')).toBe(text)
  })

  it('does not touch a file that cannot be parsed', async () => {
    await using base = await temporaryHome({ 'repo/x': '', 'config.toml': 'a = = 1' })
    await expect(trustProject(base.path, join(base.path, 'repo'))).rejects.toMatchObject({
      code: 'CONFIG_UNREADABLE',
    })
    expect(await readFile(join(base.path, 'config.toml'), 'utf8')).toBe('a = = 1')
  })
})

describe('projectTrust', () => {
  it('is decided by all layers but those of the project', async () => {
    await using base = await temporaryHome({ 'repo/.git/HEAD': '', 'repo/a/x': '' })
    const root = await realpath(join(base.path, 'repo'))
    const cwd = join(root, 'a')
    const values = { projects: { [root]: { trust_level: 'trusted' } } }
    expect(projectTrust(SettingsLayers.of(), cwd)).toEqual({ root, trusted: undefined })
    expect(projectTrust(SettingsLayers.of({ name: 'project', values }), cwd)).toEqual({
      root,
      trusted: undefined,
    })
    expect(projectTrust(SettingsLayers.of({ name: 'user', values }), cwd)).toEqual({
      root,
      trusted: true,
    })
  })
})
