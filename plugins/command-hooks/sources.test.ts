import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { SettingsLayers, type SettingsLayer } from 'hookline'
import { parseToml } from 'hookline/kit'
import { temporaryHome, type TemporaryHome } from 'hookline/testing'
import type { HookBundle } from './hook-bundles.ts'
import { loadSources, type Loaded } from './sources.ts'

const open: TemporaryHome[] = []
afterEach(async () => {
  for (const folder of open.splice(0)) await folder[Symbol.asyncDispose]()
})

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryHome(files)
  open.push(folder)
  return folder.path
}

const stop = (command: string) =>
  JSON.stringify({ hooks: { Stop: [{ hooks: [{ type: 'command', command }] }] } })
const toml = (command: string) =>
  `[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = "command"\ncommand = "${command}"\n`
const layer = (name: string, text: string, file?: string): SettingsLayer => ({
  name,
  ...parseToml(text, file ?? name),
  ...(file !== undefined && { file }),
})
const commands = (loaded: Loaded) =>
  loaded.sources.flatMap(({ file }) => file.handlers.map(({ command }) => command))
const codes = (loaded: Loaded) => loaded.problems.map(({ code }) => code)

interface Given {
  readonly root: string
  readonly cwd?: string
  readonly trusted?: boolean
  readonly layers?: readonly SettingsLayer[]
  readonly managed?: SettingsLayer
  readonly bundles?: readonly HookBundle[]
}

/** A folder with `home`, `user` and `work`, the last of which is a repository. */
function load({
  root,
  cwd = 'work',
  trusted = true,
  layers = [],
  managed,
  bundles = [],
}: Given): Loaded {
  const trust = trusted ? [layer('user', `[projects."${root}/work"]\ntrust_level = "trusted"`)] : []
  const all = SettingsLayers.of(...trust, ...layers)
  return loadSources({
    home: join(root, 'home'),
    userHome: join(root, 'user'),
    cwd: join(root, cwd),
    layers: managed ? all.manage(managed) : all,
    bundles,
  })
}

const repository = { 'work/.git/HEAD': 'ref: refs/heads/main\n' }

describe('the sources of hooks', () => {
  it('come weakest layer first, files before tables', async () => {
    const root = await folderWith({
      ...repository,
      'home/hooks.json': stop('user json'),
      'user/.codex/hooks.json': stop('codex user json'),
      'user/.codex/config.toml': toml('codex user toml'),
      'work/.hookline/hooks.json': stop('project json'),
      'work/.codex/hooks.json': stop('codex json'),
      'work/.codex/config.toml': toml('codex toml'),
      'work/sub/.hookline/hooks.json': stop('inner json'),
    })
    const loaded = load({
      root,
      cwd: 'work/sub',
      layers: [
        layer('system', toml('system'), '/etc/hookline/config.toml'),
        layer('user', toml('user toml'), join(root, 'home/config.toml')),
        layer('profile', toml('profile'), join(root, 'home/p.config.toml')),
        layer('project', toml('project toml'), join(root, 'work/.hookline/config.toml')),
        layer('command line', toml('flags')),
      ],
      managed: layer('managed', toml('managed'), '/etc/hookline/requirements.toml'),
    })
    expect(commands(loaded)).toEqual([
      'managed',
      'system',
      'user json',
      'user toml',
      'profile',
      'codex user json',
      'codex user toml',
      'project json',
      'project toml',
      'codex json',
      'codex toml',
      'inner json',
      'flags',
    ])
    expect(
      loaded.sources.map(({ source }) => [source.kind, source.managed, source.foreign].join(' ')),
    ).toEqual([
      'system true false',
      'system true false',
      'user false false',
      'user false false',
      'user false false',
      'user false true',
      'user false true',
      'project false false',
      'project false false',
      'project false false',
      'project false false',
      'project false false',
      'sessionFlags false false',
    ])
  })

  it('name where two forms of one layer hold hooks', async () => {
    const root = await folderWith({ 'home/hooks.json': stop('json'), 'work/x': '' })
    const loaded = load({ root, layers: [layer('user', toml('toml'), '/h/config.toml')] })
    expect(commands(loaded)).toEqual(['json', 'toml'])
    expect(loaded.problems).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('/h/config.toml') },
    ])
  })

  it('of a project that is not trusted are not read, and that is told', async () => {
    const root = await folderWith({
      ...repository,
      'work/.hookline/hooks.json': stop('a'),
      'work/.codex/hooks.json': 'not read at all',
      'work/.codex/config.toml': toml('b'),
    })
    const loaded = load({ root, trusted: false })
    expect(commands(loaded)).toEqual([])
    expect(codes(loaded)).toEqual(['ProjectNotTrusted', 'ProjectNotTrusted', 'ProjectNotTrusted'])
    expect(loaded.problems[0]?.message).toContain(`[projects."${join(root, 'work')}"]`)
  })

  it('of a project without hooks say nothing', async () => {
    const root = await folderWith({
      ...repository,
      'work/.codex/config.toml': 'model = "x"\n[hooks.state.k]\nenabled = true\n',
    })
    expect(load({ root, trusted: false })).toEqual({ sources: [], problems: [] })
    expect(load({ root })).toEqual({ sources: [], problems: [] })
  })

  it('of other products are left alone with compat = []', async () => {
    const root = await folderWith({
      ...repository,
      'user/.codex/hooks.json': stop('user'),
      'work/.codex/hooks.json': stop('project'),
      'work/.hookline/hooks.json': stop('ours'),
    })
    expect(commands(load({ root, layers: [layer('user', 'compat = []')] }))).toEqual(['ours'])
    expect(commands(load({ root, layers: [layer('user', 'compat = ["claude"]')] }))).toEqual([
      'ours',
    ])
    expect(commands(load({ root, layers: [layer('user', 'compat = ["codex"]')] }))).toHaveLength(3)
  })

  it('are not widened by what a project says', async () => {
    const root = await folderWith({ ...repository, 'work/.codex/hooks.json': stop('project') })
    const layers = [
      layer('user', 'compat = []'),
      layer('project', 'compat = ["codex"]', join(root, 'work/.hookline/config.toml')),
    ]
    expect(commands(load({ root, layers }))).toEqual([])
    const own = layer(
      'project',
      `[projects."${root}/work"]\ntrust_level = "trusted"`,
      join(root, 'work/.hookline/config.toml'),
    )
    expect(commands(load({ root, trusted: false, layers: [own] }))).toEqual([])
  })

  it('are read once, though a file has two names', async () => {
    const root = await folderWith({ ...repository, 'work/.hookline/hooks.json': stop('a') })
    await mkdir(join(root, 'user'))
    await symlink(join(root, 'work/.hookline'), join(root, 'home'))
    expect(commands(load({ root }))).toEqual(['a'])
  })

  it('of a bundle are read, whatever links a project has to them', async () => {
    for (const trusted of [true, false]) {
      const root = await folderWith({ ...repository, 'bundle/hooks.json': stop('guard') })
      await mkdir(join(root, 'work/.codex'))
      await symlink(join(root, 'bundle/hooks.json'), join(root, 'work/.codex/hooks.json'))
      const at = { root: join(root, 'bundle'), dataDir: root, dialect: 'codex' } as const
      const bundle = { id: 'b', files: [{ ...at, path: join(root, 'bundle/hooks.json') }] }
      const { sources } = load({ root, trusted, bundles: [bundle] })
      expect(sources.map(({ source }) => source.kind)).toContain('plugin')
    }
  })

  it.each([
    `['hooks'.Stop]`,
    `"hooks".Stop = [{ hooks = [{ type = "command", command = "a" }] }]`,
    `hooks = { Stop = [{ hooks = [{ type = "command", command = "a" }] }] }`,
    `'hooks' = { Stop = [{ hooks = [{ type = "command", command = "a" }] }] }`,
  ])('may stand below any form of the key: %s', async (text) => {
    const form = text.startsWith('[') ? toml('a').replaceAll('hooks.Stop', `'hooks'.Stop`) : text
    const root = await folderWith({ ...repository, 'work/.codex/config.toml': form })
    expect(commands(load({ root }))).toEqual(['a'])
  })

  it('of a layer that does not count are left out', async () => {
    const root = await folderWith({ 'work/x': '' })
    expect(
      commands(load({ root, layers: [{ ...layer('user', toml('a')), disabled: 'off' }] })),
    ).toEqual([])
  })

  it.each([
    ['broken JSON', '{\n  "hooks": {,}\n}', /:2:13: no hook of it runs: /],
    ['an unfinished file', '{"hooks":', /:1:10: no hook of it runs: /],
  ])('survive %s, with line and column', async (_what, text, place) => {
    const root = await folderWith({
      ...repository,
      'home/hooks.json': text,
      'work/.hookline/hooks.json': stop('a'),
    })
    const loaded = load({ root })
    expect(commands(loaded)).toEqual(['a'])
    const [problem] = loaded.problems
    expect(`:${problem?.place?.line}:${problem?.place?.column}: ${problem?.message}`).toMatch(place)
  })

  it('survive a folder where a file should be', async () => {
    const root = await folderWith({ 'home/hooks.json/x': '', 'work/x': '' })
    expect(codes(load({ root }))).toEqual(['HooksFileInvalid'])
  })

  it('survive broken TOML of another product', async () => {
    const root = await folderWith({
      ...repository,
      'work/.codex/config.toml': '[hooks\nx',
      'work/.codex/hooks.json': stop('a'),
    })
    expect(commands(load({ root }))).toEqual(['a'])
  })

  it('may begin with a byte order mark', async () => {
    const root = await folderWith({ 'home/hooks.json': `\uFEFF${stop('a')}`, 'work/x': '' })
    expect(commands(load({ root }))).toEqual(['a'])
  })

  it('say which folder their project is', async () => {
    const root = await folderWith({
      ...repository,
      'home/hooks.json': stop('user'),
      'work/sub/.hookline/hooks.json': stop('inner'),
    })
    const dirs = load({ root, cwd: 'work/sub' }).sources.map(({ source }) => source.projectDir)
    expect(dirs).toEqual([join(root, 'work'), join(root, 'work/sub')])
  })
})
