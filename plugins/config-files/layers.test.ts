import { mkdir, readdir, realpath, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryHome } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { readLayers, type LayerSources } from './layers.ts'

/** A folder with a home, a system file and the git repository `repo`, whose content is `files`. */
async function place(files: Readonly<Record<string, string>>) {
  const disposable = await temporaryHome({ 'repo/.git/HEAD': '', 'home/.keep': '', ...files })
  const base = await realpath(disposable.path)
  const home = join(base, 'home')
  const repo = join(base, 'repo')
  const trust = (folder = repo) => `[projects.${JSON.stringify(folder)}]\ntrust_level = "trusted"\n`
  const read = (more: Partial<LayerSources> = {}) =>
    readLayers({ systemFile: join(base, 'system.toml'), home, cwd: repo, ...more })
  return Object.assign(disposable, { base, home, repo, trust, read })
}

const trusting = (folder: string) => ({
  overrides: [`projects.${JSON.stringify(folder)}.trust_level="trusted"`],
})
const text = (value: string) => `model = "${value}"\n`

describe('readLayers', () => {
  it('orders system, user, profile, project from the root down, and the command line', async () => {
    await using at = await place({
      'system.toml': text('system'),
      'home/config.toml': text('user'),
      'home/work.config.toml': text('profile'),
      'repo/.hookline/config.toml': text('root'),
      'repo/a/.hookline/config.toml': text('a'),
      'repo/a/b/.hookline/config.toml': text('b'),
      'repo/a/b/c/.hookline/config.toml': text('below'),
    })
    const cwd = join(at.repo, 'a', 'b')
    const { layers } = await at.read({
      cwd,
      profile: 'work',
      ...trusting(at.repo),
      flags: { model: 'flag' },
    })
    expect(layers.map(({ name, values }) => [name, values['model']])).toEqual([
      ['system', 'system'],
      ['user', 'user'],
      ['profile', 'profile'],
      ['project', 'root'],
      ['project', 'a'],
      ['project', 'b'],
      ['command line', 'flag'],
    ])
    expect(layers[1]?.locate?.(['model'])).toEqual({ line: 1, column: 1 })
  })

  it('is empty where there are no files', async () => {
    await using at = await place({})
    expect(await at.read()).toEqual({ layers: [] })
  })

  it('leaves the user config out on demand, but not the profile', async () => {
    await using at = await place({
      'home/config.toml': text('user'),
      'home/p.config.toml': text('profile'),
    })
    const { layers } = await at.read({ ignoreUserConfig: true, profile: 'p' })
    expect(layers.map(({ name }) => name)).toEqual(['profile'])
  })

  it.each(['missing', '../home/p', 'a/b', '.hidden', ''])(
    'refuses the profile %j',
    async (profile) => {
      await using at = await place({
        'home/p.config.toml': text('p'),
        'home/.hidden.config.toml': '',
      })
      await expect(at.read({ profile })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    },
  )

  it('says where a file cannot be parsed, and that it cannot be read', async () => {
    await using at = await place({ 'home/config.toml': 'model = "a"\nmodel = = 1\n' })
    await expect(at.read()).rejects.toMatchObject({
      code: 'CONFIG_UNREADABLE',
      message: expect.stringMatching(/home\/config\.toml:2:\d+ /),
    })
    await mkdir(join(at.base, 'system.toml'))
    await expect(at.read()).rejects.toMatchObject({
      code: 'CONFIG_UNREADABLE',
      message: expect.stringContaining('system.toml'),
    })
  })

  it('reads a file with a byte order mark', async () => {
    await using at = await place({ 'home/config.toml': `\uFEFF${text('user')}` })
    expect((await at.read()).layers[0]?.values).toEqual({ model: 'user' })
  })
})

describe('profiles of older files', () => {
  it.each(['profile = "work"\n', '\n[profiles.work]\nmodel = "x"\n'])(
    'are refused with the new way: %j',
    async (old) => {
      await using at = await place({ 'home/config.toml': old, 'home/work.config.toml': '' })
      await expect(at.read({ profile: 'work' })).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/home\/config\.toml:\d+:\d+: /),
        hint: expect.stringContaining('work.config.toml'),
      })
    },
  )

  it('are refused on the command line', async () => {
    await using at = await place({})
    await expect(at.read({ overrides: ['profile=x'] })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    })
  })

  it('are a warning while nobody asks for them', async () => {
    await using at = await place({
      'home/config.toml': text('user') + '[profiles.work]\n[profiles.home]\n',
    })
    const { layers } = await at.read()
    expect(layers[0]?.warnings).toEqual([
      expect.stringMatching(/config\.toml:2:\d+: .*work\.config\.toml, home\.config\.toml/),
    ])
  })
})

describe('the settings of a project', () => {
  const inRepo = { 'repo/.hookline/config.toml': text('project') }

  it('are listed but do not count until it is trusted, and the user is told once', async () => {
    await using at = await place({ ...inRepo, 'repo/a/.hookline/config.toml': 'not = = toml' })
    const { layers, notice } = await at.read({ cwd: join(at.repo, 'a') })
    const disabled = 'the project is not trusted'
    expect(layers).toEqual([
      { name: 'project', file: join(at.repo, '.hookline/config.toml'), values: {}, disabled },
      { name: 'project', file: join(at.repo, 'a/.hookline/config.toml'), values: {}, disabled },
    ])
    expect(notice).toContain(`[projects.${JSON.stringify(at.repo)}] trust_level = "trusted"`)
    expect(notice).toContain('--trust')
  })

  it.each(['system.toml', 'home/config.toml', 'home/p.config.toml'])(
    'count when %s trusts it',
    async (file) => {
      await using at = await place({ ...inRepo, 'home/p.config.toml': '' })
      await writeFile(join(at.base, file), at.trust())
      const { layers, notice } = await at.read({ profile: 'p' })
      expect(layers.find(({ name }) => name === 'project')?.values).toEqual({ model: 'project' })
      expect(notice).toBeUndefined()
    },
  )

  it('cannot trust themselves', async () => {
    await using at = await place(inRepo)
    await writeFile(join(at.repo, '.hookline', 'config.toml'), at.trust() + text('project'))
    const { layers } = await at.read()
    expect(layers.map(({ disabled }) => disabled)).toEqual(['the project is not trusted'])
  })

  it('stay out of a folder that is marked as untrusted inside of a trusted project', async () => {
    await using at = await place({ ...inRepo, 'repo/a/.hookline/config.toml': text('a') })
    const inner = join(at.repo, 'a')
    const { layers } = await at.read({
      cwd: inner,
      overrides: [
        ...trusting(at.repo).overrides,
        `projects.${JSON.stringify(inner)}.trust_level="untrusted"`,
      ],
    })
    expect(layers.map(({ values, disabled }) => values['model'] ?? disabled)).toEqual([
      'project',
      'the project is marked as untrusted',
      undefined,
    ])
  })

  it('end at the project root, which the markers decide', async () => {
    await using at = await place({
      ...inRepo,
      'repo/a/go.mod': '',
      'repo/a/b/.hookline/config.toml': text('b'),
    })
    const cwd = join(at.repo, 'a', 'b')
    const { layers } = await at.read({
      cwd,
      overrides: ['project_root_markers=["go.mod"]', ...trusting(cwd).overrides],
    })
    expect(
      layers.filter(({ name }) => name === 'project').map(({ values }) => values['model']),
    ).toEqual(['b'])
  })

  it('are not the home of the user, even when that lies in the working folder', async () => {
    await using at = await place({ 'repo/.hookline/config.toml': text('user') })
    const home = join(at.repo, '.hookline')
    const { layers, notice } = await at.read({ home })
    expect(layers.map(({ name }) => name)).toEqual(['user'])
    expect(notice).toBeUndefined()
    await symlink(home, join(at.base, 'link'))
    expect((await at.read({ home: join(at.base, 'link') })).layers.map(({ name }) => name)).toEqual(
      ['user'],
    )
  })
})

describe('other forms of the settings of a project', () => {
  const yaml = 'model: project\nfeatures:\n  x: true\n'
  const json = JSON.stringify({ model: 'project', features: { x: true } })
  it.each([
    ['.hooklinerc', yaml],
    ['.hooklinerc.yaml', yaml],
    ['.hooklinerc.yml', yaml],
    ['.hooklinerc.json', json],
    ['.config/hooklinerc', json],
    ['.config/hooklinerc.yaml', yaml],
    ['package.json', JSON.stringify({ name: 'p', hookline: JSON.parse(json) })],
  ])('may be %s', async (form, content) => {
    await using at = await place({ [`repo/${form}`]: content })
    const { layers } = await at.read(trusting(at.repo))
    expect(layers[0]).toMatchObject({
      name: 'project',
      file: join(at.repo, form),
      values: { model: 'project', features: { x: true } },
    })
    expect((await at.read()).layers[0]).toMatchObject({ disabled: 'the project is not trusted' })
  })

  it('are never JavaScript, and looking for them runs none', async () => {
    const script = 'require("node:fs").writeFileSync(__dirname + "/ran", "")'
    await using at = await place({
      'repo/.hooklinerc.js': script,
      'repo/hookline.config.js': script,
      'repo/.config/config.js': script,
      'repo/.hooklinerc.yaml': yaml,
    })
    const before = process.cwd()
    process.chdir(at.repo)
    try {
      expect((await at.read(trusting(at.repo))).layers[0]?.file).toMatch(/yaml$/)
    } finally {
      process.chdir(before)
    }
    expect([
      ...(await readdir(at.repo)),
      ...(await readdir(join(at.repo, '.config'))),
    ]).not.toContain('ran')
  })

  it('in two forms are an error that names both', async () => {
    await using at = await place({
      'repo/.hookline/config.toml': '',
      'repo/.hooklinerc.json': '{}',
    })
    await expect(at.read(trusting(at.repo))).rejects.toMatchObject({
      code: 'CONFIG_CONFLICT',
      message: expect.stringMatching(/\.hookline\/config\.toml and .*\.hooklinerc\.json/),
    })
    expect((await at.read()).layers).toHaveLength(2)
  })

  it.each(['[1]', '{', '"x"'])(
    'with the content %s are an error that names the file',
    async (content) => {
      await using at = await place({ 'repo/.hooklinerc.json': content })
      await expect(at.read(trusting(at.repo))).rejects.toMatchObject({
        code: expect.stringMatching(/^CONFIG_(UNREADABLE|INVALID)$/),
        message: expect.stringContaining('.hooklinerc.json'),
      })
    },
  )

  it('are not a package.json without them, a broken one, or the manifest of a plugin', async () => {
    for (const content of [
      '{}',
      '{"hookline"',
      '{"hookline": {"name": "p", "power": "observe"}}',
      '{"hookline": []}',
    ]) {
      await using at = await place({ 'repo/package.json': content })
      expect(await at.read()).toEqual({ layers: [] })
    }
  })
})
