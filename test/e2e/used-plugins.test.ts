import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cliStage, eventsOf, readLines, toolsOf, type CliStage } from '../support/cli-stage.ts'
import { runCli } from '../support/run-cli.ts'

interface PluginText {
  readonly fields?: string
  readonly setup?: string
}

/** A plugin that says `NAME saw OUTCOME` when a turn ends. */
function pluginText(name: string, { fields = '', setup = '' }: PluginText = {}): string {
  return `
import { definePlugin } from 'hookline'
export default definePlugin({
  name: '${name}',
  ${fields}
  setup({ hooks, settings, services }) {
    ${setup}
    hooks.turnEnd.tap('tell', ({ outcome }) => void process.stderr.write('${name} saw ' + outcome + '\\n'))
  },
})
`
}

function stageFor(runs: number, content: Parameters<typeof cliStage>[1] = {}): Promise<CliStage> {
  return cliStage(
    Array.from({ length: runs }, () => ['ok']),
    content,
  )
}

async function put(stage: CliStage, path: string, text: string): Promise<void> {
  const file = join(stage.project, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

/** Which plugins have told that they saw the end of the turn. */
function witnesses(stderr: string): readonly string[] {
  return [...stderr.matchAll(/^(\S+) saw completed$/gm)].map(([, name]) => name ?? '')
}

describe('a plugin is used', () => {
  it('from a file of the command line, and from one beside the config.toml that names it, once', async () => {
    await using stage = await stageFor(3, {
      settings: 'use = ["./plugins/mine.ts", "./plugins/mine.ts"]',
      files: { 'plugins/mine.ts': pluginText('mine') },
    })
    await put(stage, 'own.ts', pluginText('own'))
    const relative = await stage.exec(['--use', 'own.ts', '--use', './own.ts', 'ask'])
    expect(witnesses(relative.stderr)).toEqual(['mine', 'own'])
    const elsewhere = await stage.exec(['-C', 'project', '--use', 'project/own.ts', 'ask'], {
      cwd: stage.home,
    })
    expect(witnesses(elsewhere.stderr)).toEqual(['mine', 'own'])
    const both = await stage.exec(['--use', '../plugins/mine.ts', 'ask'])
    expect(witnesses(both.stderr)).toEqual(['mine'])
  })

  it('from a project, its packages included, only when the project is trusted', async () => {
    await using stage = await stageFor(3)
    await put(stage, '.hookline/config.toml', 'use = ["./in-project.ts", "third-party"]\n')
    await put(stage, '.hookline/in-project.ts', pluginText('in-project'))
    const manifest = {
      name: 'third-party',
      type: 'module',
      exports: './main.js',
      hookline: { name: 'third-party' },
    }
    await put(stage, 'node_modules/third-party/package.json', JSON.stringify(manifest))
    await put(stage, 'node_modules/third-party/main.js', pluginText('third-party'))
    const untrusted = await stage.exec(['ask'])
    expect(untrusted.code).toBe(0)
    expect(witnesses(untrusted.stderr)).toEqual([])
    const trusted = await stage.exec(['--trust', 'ask'])
    expect(witnesses(trusted.stderr)).toEqual(['in-project', 'third-party'])
    expect(witnesses((await stage.exec(['--use', 'third-party', 'ask'])).stderr)).toEqual([
      'in-project',
      'third-party',
    ])
  })

  it('by the name of a part of a package, or of hookline itself', async () => {
    await using stage = await stageFor(1)
    const manifest = { name: 'pack', exports: { './extra': './main.mjs' } }
    await put(stage, 'node_modules/pack/package.json', JSON.stringify(manifest))
    await put(stage, 'node_modules/pack/main.mjs', pluginText('extra'))
    const words = ['--use', 'pack/extra', '--use', 'hookline/plugins/notify']
    const run = await stage.exec([...words, '-c', 'builtins.disable=["notify"]', 'ask'])
    expect(run.code).toBe(0)
    expect(witnesses(run.stderr)).toEqual(['extra'])
    const taken = await stage.exec([...words, 'ask'])
    expect(taken.stderr).toMatch(/^error\[PLUGIN_NAME_TAKEN\]: two plugins are called "notify"/m)
    expect((await stage.exec(['--use', 'pack', 'ask'])).stderr).toMatch(
      /^error\[PLUGIN_NOT_FOUND\]: plugin "pack" cannot be loaded: /m,
    )
  })

  it('with settings of its own, by the schema library of the running copy', async () => {
    await using stage = await stageFor(1)
    const fields = `settings: { own_thing: z.object({ a: z.number() }).default({ a: 1 }) },`
    const setup = `process.stderr.write('a is ' + settings.own_thing.a + '\\n')`
    await put(stage, 'own.ts', `import { z } from 'zod'\n${pluginText('own', { fields, setup })}`)
    const good = await stage.exec(['--use', 'own.ts', '-c', 'own_thing.a=5', 'ask'])
    expect(good.stderr).toMatch(/^a is 5$/m)
    expect(good.stderr).not.toMatch(/^warning/m)
    const bad = await stage.exec(['--use', 'own.ts', '-c', 'own_thing.a="x"', 'ask'])
    expect(bad.code).toBe(1)
    expect(bad.stderr).toMatch(/^error\[CONFIG_INVALID\]: command line: own_thing\.a /m)
  })
})

describe('a plugin that fails while it is set up', () => {
  const fail = { setup: `throw new Error('no luck')` }

  it('is left out and told of when it only watches', async () => {
    await using stage = await stageFor(1)
    await put(stage, 'watches.ts', pluginText('watches', fail))
    await put(
      stage,
      'greedy.ts',
      pluginText('greedy', { setup: `hooks.preToolUse.tap('x', () => {})` }),
    )
    const words = ['--use', 'watches.ts', '--use', 'greedy.ts', '--json', 'ask']
    const run = await stage.exec(words)
    expect(run.code).toBe(0)
    expect(witnesses(run.stderr)).toEqual([])
    const told = eventsOf(run).map(
      ({ item }) => (item as { message?: string } | undefined)?.message,
    )
    expect(told).toContain('plugin "watches" could not be set up: no luck')
    expect(told).toContainEqual(
      expect.stringMatching(/preToolUse takes the power "decide", "greedy"/),
    )
  })

  it('stops the session when it decides', async () => {
    await using stage = await stageFor(0)
    await put(stage, 'guard.ts', pluginText('guard', { ...fail, fields: `power: 'decide',` }))
    const run = await stage.exec(['--use', 'guard.ts', 'ask'])
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(run.stderr).toMatch(
      /^error\[PLUGIN_SETUP_FAILED\]: plugin "guard" could not be set up: no luck\.$/m,
    )
    expect(stage.server.requests).toEqual([])
  })
})

describe('a plugin that cannot be loaded, or is not what it says', () => {
  it.each([
    ['./missing.ts', /^error\[PLUGIN_NOT_FOUND\]: plugin file \S+\/missing\.ts does not exist\./m],
    ['no-package', /^error\[PLUGIN_NOT_FOUND\]: plugin package "no-package" is not installed in /m],
    ['broken.ts', /^error\[PLUGIN_NOT_FOUND\]: plugin "\S+\/broken\.ts" cannot be loaded: /m],
    ['empty.ts', /^error\[PLUGIN_INVALID\]: \S+\/empty\.ts exports no plugin\./m],
    ['other.ts', /^error\[PLUGIN_MANIFEST_MISMATCH\]: plugin "other" .* "power"/m],
    ['torn.ts', /^error\[PLUGIN_INVALID\]: the manifest \S+\/torn\.ts\.plugin\.json /m],
  ])('stops the session with its name: %s', async (name, line) => {
    await using stage = await stageFor(0)
    await put(stage, 'broken.ts', 'export default {')
    await put(stage, 'empty.ts', 'export const x = 1')
    await put(stage, 'other.ts', pluginText('other'))
    await put(stage, 'other.ts.plugin.json', '{ "name": "other", "power": "shape" }')
    await put(stage, 'torn.ts', pluginText('torn'))
    await put(stage, 'torn.ts.plugin.json', '{ "name":')
    const run = await stage.exec(['--use', name, 'ask'])
    expect(run).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(line) })
    expect(stage.server.requests).toEqual([])
  })
})

function off(names: string): readonly string[] {
  return ['-c', `builtins.disable=[${names}]`, '--json', 'ask']
}

describe('built-in plugins', () => {
  it('are left out by name, but never those that guard', async () => {
    await using stage = await stageFor(2)
    const run = await stage.exec(off('"tool-shell", "sessions-store", "tool-shel"'))
    expect(run.code).toBe(0)
    expect(toolsOf(stage.server, 0)).toContain('apply_patch')
    expect(toolsOf(stage.server, 0)).not.toContain('exec_command')
    expect(await stage.rollouts()).toEqual([])
    expect(eventsOf(run)[1]).toMatchObject({
      item: { message: expect.stringMatching(/"tool-shel".*did you mean "tool-shell"/) },
    })
    const guard = await stage.exec(off('"command-hooks"'))
    expect(guard.code).toBe(1)
    expect(guard.stderr).toMatch(
      /^error\[CONFIG_INVALID\]: builtins\.disable names "command-hooks"/m,
    )
  })

  it('can have a service replaced by another plugin', async () => {
    await using stage = await stageFor(1)
    const setup = `
    const log = { append: (entries) => appendFileSync('log.jsonl', entries.map((entry) => JSON.stringify(entry) + '\\n').join('')), close: async () => {} }
    services.provide(storeKey, 'default', () => ({ create: async () => log }), { replaces: true })`
    const imports = `import { appendFileSync } from 'node:fs'\nimport { storeKey } from 'hookline'\n`
    await put(
      stage,
      'store.ts',
      imports + pluginText('store', { fields: `power: 'decide',`, setup }),
    )
    expect((await stage.exec(['--use', 'store.ts', 'ask'])).code).toBe(0)
    expect(await stage.rollouts()).toEqual([])
    const lines = await readLines(join(stage.project, 'log.jsonl'))
    expect(lines.at(-1)).toMatchObject({ type: 'event', event: { type: 'turn_completed' } })
  })
})

describe('a command of a plugin', () => {
  it('is run by its name, and an unknown one is wrong usage', async () => {
    const setup = `services.provide(commandKey, 'greet', () => ({
      name: 'greet',
      summary: 'Greets.',
      run: async (words, { print }) => {
        print('hello ' + words.join(' '))
        return 3
      },
    }))`
    const text = pluginText('greeter', { setup }).replace(
      '{ definePlugin }',
      '{ definePlugin, commandKey }',
    )
    await using stage = await stageFor(0, {
      settings: 'use = ["./greeter.ts"]',
      files: { 'greeter.ts': text },
    })
    const options = { home: stage.home, cwd: stage.project, source: true }
    const run = await runCli(['greet', 'you'], options)
    expect(run).toMatchObject({ code: 3, stdout: 'hello you\n' })
    const unknown = await runCli(['gret'], options)
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toMatch(/^error\[USAGE\]: there is no command "gret"/m)
  })
})
