import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { definePlugin, SettingsLayers } from 'hookline'
import { runTurn, temporaryHome, testKernel, transcript } from 'hookline/testing'
import { describe, expect, it, vi } from 'vitest'
import { hookSourcesKey, type BundledHooks } from './hook-bundles.ts'
import { commandHooks } from './index.ts'
import { hooksKey } from './listing.ts'
import { loadSources, type Loaded } from './sources.ts'

const hooksOf = (command: string, event = 'Stop') => ({
  [event]: [{ hooks: [{ type: 'command', command }] }],
})
const settings = (command: string, more: object = {}) =>
  JSON.stringify({ model: 'x', permissions: {}, hooks: hooksOf(command), ...more })
const commands = ({ sources }: Loaded) =>
  sources.flatMap(({ file }) => file.handlers.map(({ command }) => command))

interface Place extends AsyncDisposable {
  readonly root: string
  load(trusted?: boolean, compat?: readonly string[]): Loaded
}

/** A folder with `home`, `user` and the repository `work`, seen from `work/sub`. */
async function place(files: Readonly<Record<string, string>>): Promise<Place> {
  const folder = await temporaryHome({ 'work/.git/HEAD': 'ref', 'work/sub/x': '', ...files })
  const root = folder.path
  const load = (trusted = true, compat?: readonly string[]) => {
    const projects = { [join(root, 'work')]: { trust_level: trusted ? 'trusted' : 'untrusted' } }
    const values = { projects, ...(compat && { compat }) }
    return loadSources({
      home: join(root, 'home'),
      userHome: join(root, 'user'),
      cwd: join(root, 'work/sub'),
      layers: SettingsLayers.of({ name: 'user', values }),
    })
  }
  return { root, load, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

describe('the settings of Claude Code', () => {
  it('are read after the files of their level, in their own dialect', async () => {
    await using at = await place({
      'home/hooks.json': JSON.stringify({ hooks: hooksOf('own') }),
      'user/.codex/hooks.json': JSON.stringify({ hooks: hooksOf('codex') }),
      'user/.claude/settings.json': settings('user'),
      'work/.hookline/hooks.json': JSON.stringify({ hooks: hooksOf('project') }),
      'work/.claude/settings.json': settings('shared'),
      'work/.claude/settings.local.json': settings('local'),
      'work/sub/.claude/settings.json': settings('inner'),
    })
    const loaded = at.load()
    expect(commands(loaded)).toEqual([
      'own',
      'codex',
      'user',
      'project',
      'shared',
      'local',
      'inner',
    ])
    expect(loaded.problems).toEqual([])
    const of = loaded.sources.map(({ source }) => [source.dialect, source.foreign].join(' '))
    expect(of).toEqual([
      'codex false',
      'codex true',
      'claude true',
      'codex false',
      'claude false',
      'claude false',
      'claude false',
    ])
  })

  it('are left alone by compat', async () => {
    await using at = await place({
      'user/.claude/settings.json': settings('user'),
      'work/.claude/settings.json': settings('shared'),
      'work/.codex/hooks.json': JSON.stringify({ hooks: hooksOf('codex') }),
    })
    expect(commands(at.load(true, ['codex']))).toEqual(['codex'])
    expect(commands(at.load(true, ['claude']))).toEqual(['user', 'shared'])
    expect(commands(at.load(true, []))).toEqual([])
  })

  it('of a project that is not trusted are not read, which is told where they hold hooks', async () => {
    await using at = await place({
      'work/.claude/settings.json': settings('shared'),
      'work/.claude/settings.local.json': '{"permissions":{}}',
    })
    const loaded = at.load(false)
    expect(commands(loaded)).toEqual([])
    expect(loaded.problems).toMatchObject([
      { code: 'ProjectNotTrusted', file: join(at.root, 'work/.claude/settings.json') },
    ])
  })

  it('without hooks say nothing', async () => {
    await using at = await place({
      'user/.claude/settings.json': '{"model":"x"}',
      'work/.claude/settings.json': '{"hooks":{}}',
    })
    expect(at.load()).toEqual({ sources: [], problems: [] })
  })

  it.each(['{', '[]', '5', 'null', '{"hooks":5}', '{"hooks":[]}'])(
    'that cannot be used are told: %s',
    async (text) => {
      await using at = await place({
        'user/.claude/settings.json': text,
        'work/.claude/settings.json': settings('shared'),
      })
      const loaded = at.load()
      expect(commands(loaded)).toEqual(['shared'])
      expect(loaded.problems).toMatchObject([{ code: 'HooksFileInvalid' }])
    },
  )

  it('may turn hooks off: the user all of them, a project its own', async () => {
    const off = { disableAllHooks: true }
    await using user = await place({
      'home/hooks.json': JSON.stringify({ hooks: hooksOf('own') }),
      'user/.claude/settings.json': settings('user', off),
      'work/.claude/settings.json': settings('shared'),
    })
    expect(commands(user.load())).toEqual(['own'])
    expect(user.load().problems).toMatchObject([{ quiet: true }])
    await using project = await place({
      'user/.claude/settings.json': settings('user'),
      'work/.claude/settings.json': settings('shared'),
      'work/.claude/settings.local.json': JSON.stringify(off),
    })
    expect(commands(project.load())).toEqual(['user'])
  })

  it('of the user never run before they are trusted here, also with the bypass', async () => {
    await using user = await temporaryHome()
    const file = join(user.path, '.claude/settings.json')
    await mkdir(dirname(file))
    await writeFile(file, JSON.stringify({ hooks: hooksOf('echo ran', 'UserPromptSubmit') }))
    vi.stubEnv('HOME', user.path)
    try {
      await using test = await testKernel([commandHooks], { settings: { bypass_hook_trust: true } })
      await runTurn(test, 'do it')
      expect(transcript(test.session.items).join()).not.toContain('ran')
      const { hooks } = await test.services.get(hooksKey, 'default').list()
      expect(hooks).toMatchObject([{ sourcePath: file, state: 'untrusted', dialect: 'claude' }])
    } finally {
      vi.unstubAllEnvs()
    }
  })
})

/** Brings hooks as a bundle does. */
function bundle(id: string, files: readonly BundledHooks[]) {
  return definePlugin({
    name: 'test-bundle',
    setup: ({ services }) => void services.provide(hookSourcesKey, id, () => ({ files })),
  })
}

describe('the hooks of a bundle', () => {
  const show = 'echo "$PLUGIN_ROOT $CLAUDE_PLUGIN_ROOT $PLUGIN_DATA $CLAUDE_PLUGIN_DATA"'
  const single = `echo '\${CLAUDE_PLUGIN_ROOT} \${PLUGIN_DATA} \${PLUGIN_ROOT} \${CLAUDE_PLUGIN_DATA} \${OTHER}'`

  it('know its folders, in the environment and in their text', async () => {
    await using folder = await temporaryHome({
      'b/hooks/hooks.json': JSON.stringify({
        hooks: {
          UserPromptSubmit: [show, single].map((command) => ({
            hooks: [{ type: 'command', command }],
          })),
        },
      }),
    })
    const root = join(folder.path, 'b')
    const dataDir = join(folder.path, 'data')
    const path = join(root, 'hooks/hooks.json')
    const brings = bundle('alpha@mkt', [{ path, dialect: 'codex', root, dataDir }])
    const given = { compat: [], bypass_hook_trust: true }
    await using test = await testKernel([brings, commandHooks], { settings: given })
    await runTurn(test, 'do it')
    expect(transcript(test.session.items).slice(1, 3)).toEqual([
      `developer: ${root} ${root} ${dataDir} ${dataDir}`,
      `developer: ${root} ${dataDir} ${root} ${dataDir} \${OTHER}`,
    ])
    const { hooks } = await test.services.get(hooksKey, 'default').list()
    expect(hooks).toMatchObject([
      {
        key: 'alpha@mkt:hooks/hooks.json:user_prompt_submit:0:0',
        source: 'plugin',
        sourcePath: path,
        pluginId: 'alpha@mkt',
        trustStatus: 'untrusted',
      },
      {
        command: single
          .replace(/\$\{(?:CLAUDE_)?PLUGIN_ROOT\}/g, root)
          .replace(/\$\{(?:CLAUDE_)?PLUGIN_DATA\}/g, dataDir),
      },
    ])
  })

  it('wait for trust, which stays when the bundle moves', async () => {
    await using folder = await temporaryHome()
    const value = { hooks: hooksOf('echo ran', 'UserPromptSubmit') }
    const at = async (version: string, state: object) => {
      const root = join(folder.path, version)
      await mkdir(root, { recursive: true })
      const path = join(root, 'plugin.json')
      const name = 'plugin.json#hooks[0]'
      const files = [{ path, dialect: 'claude', root, dataDir: root, name, value }] as const
      return testKernel([bundle('alpha@mkt', files), commandHooks], {
        settings: { compat: [], hooks: { state } },
      })
    }
    await using first = await at('1', {})
    await runTurn(first, 'do it')
    const { hooks } = await first.services.get(hooksKey, 'default').list()
    expect(hooks).toMatchObject([
      { key: 'alpha@mkt:plugin.json#hooks[0]:user_prompt_submit:0:0', state: 'untrusted' },
    ])
    expect(transcript(first.session.items).join()).not.toContain('ran')
    const [hook] = hooks
    const trusted = { [hook?.key ?? '']: { trusted_hash: hook?.currentHash } }
    await using second = await at('2', trusted)
    await runTurn(second, 'do it')
    expect(transcript(second.session.items)).toContain(
      'developer: UserPromptSubmit hook success: ran',
    )
  })

  it('that lie outside of it are not read', async () => {
    await using folder = await temporaryHome({
      'outside.json': JSON.stringify({ hooks: hooksOf('echo ran') }),
      'b/x': '',
    })
    const root = join(folder.path, 'b')
    await symlink(join(folder.path, 'outside.json'), join(root, 'hooks.json'))
    const files = ['../outside.json', 'hooks.json'].map((name) => ({
      path: join(root, name),
      dialect: 'claude' as const,
      root,
      dataDir: root,
    }))
    const given = { compat: [], bypass_hook_trust: true }
    await using test = await testKernel([bundle('b', files), commandHooks], { settings: given })
    const { hooks, problems } = await test.services.get(hooksKey, 'default').list()
    expect([hooks, problems.map(({ message }) => message)]).toEqual([
      [],
      Array(2).fill(expect.stringContaining('outside of the bundle')),
    ])
  })

  it('of two bundles run both, though their words are the same', async () => {
    await using folder = await temporaryHome()
    const command = 'echo "${CLAUDE_PLUGIN_ROOT}"'
    const value = { hooks: hooksOf(command, 'UserPromptSubmit') }
    const brings = (name: string) => ({
      ...bundle(name, [
        { path: `/${name}/p.json`, dialect: 'claude', root: `/${name}`, dataDir: '/d', value },
        {
          path: `/${name}/p.json`,
          dialect: 'claude',
          root: `/${name}`,
          dataDir: '/d',
          name: 'q',
          value,
        },
      ]),
      name: `test-bundle-${name}`,
    })
    const given = { compat: [], bypass_hook_trust: true }
    const plugins = [brings('a'), brings('b'), commandHooks]
    await using test = await testKernel(plugins, { home: folder.path, settings: given })
    await runTurn(test, 'do it')
    expect(transcript(test.session.items).filter((line) => line.startsWith('developer'))).toEqual([
      'developer: UserPromptSubmit hook success: /a',
      'developer: UserPromptSubmit hook success: /b',
    ])
  })
})
