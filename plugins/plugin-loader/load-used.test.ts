import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { definePlugin, type AnyPlugin } from 'hookline'
import { temporaryHome, testKernel, type TemporaryHome } from 'hookline/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pluginLoader } from './index.ts'

let home: TemporaryHome
beforeEach(async () => {
  home = await temporaryHome()
})
afterEach(() => home[Symbol.asyncDispose]())

async function put(path: string, text: string): Promise<void> {
  const file = join(home.path, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

const plugin = (name: string, fields = '') =>
  `export default { name: '${name}', ${fields} setup() {} }\n`

/** A layer of a settings file, as a plugin that reads files adds it. */
function layer(file: string, use: readonly unknown[], name = file): AnyPlugin {
  return definePlugin({
    name: `layer-${name.replaceAll(/\W+/g, '-')}`,
    power: 'shape',
    phase: 'bootstrap',
    setup({ hooks }) {
      hooks.configure.tap('add', (layers) =>
        layers.addBelow({ name: 'user', file: join(home.path, file), values: { use } }),
      )
    },
  })
}

/** Names of the plugins that were loaded, and what was left out. */
async function load(use: readonly string[], more: readonly AnyPlugin[] = []) {
  await using test = await testKernel([pluginLoader, ...more], {
    home: home.path,
    settings: { use },
  })
  const names = test.kernel.plugins().filter(({ builtin }) => !builtin)
  return { names: names.map((entry) => entry.plugin.name), failures: test.kernel.failures() }
}

describe('a name in use', () => {
  it('that is a path starts where it is written: the file of its layer, else the working folder', async () => {
    await put('a.ts', plugin('a'))
    await put('below/b.mjs', plugin('b'))
    await put('below/c.ts', plugin('c'))
    const named = [layer('below/config.toml', ['./b.mjs', '../below/c.ts'])]
    const { names } = await load(['./a.ts', join(home.path, 'below/c.ts')], named)
    expect(names).toEqual(['b', 'c', 'a'])
  })

  it('gives all plugins that the module exports, where there is no default', async () => {
    await put(
      'many.mjs',
      `${plugin('a').replace('default', 'const a =')}${plugin('b').replace('default', 'const b =')}export const c = 1\n`,
    )
    expect((await load(['./many.mjs'])).names).toEqual(['a', 'b'])
  })

  it('gets the running copy of hookline and of its schema library, wherever it lies', async () => {
    const code = `
import { definePlugin, HooklineError } from 'hookline'
import { z } from 'zod'
export default definePlugin({ name: 'own', setup: ({ log }) => { globalThis.copies = { HooklineError, z } } })
`
    await put('away/own.ts', code)
    await symlink(join(home.path, 'away'), join(home.path, 'link'))
    await load(['./link/own.ts'])
    const { copies } = globalThis as unknown as { copies: { HooklineError: unknown; z: unknown } } // set by the plugin
    const [ours, { z }] = await Promise.all([import('hookline'), import('zod')])
    expect(copies.HooklineError).toBe(ours.HooklineError)
    expect(copies.z).toBe(z)
  })
})

function manifest(name: string, power: string): string {
  return JSON.stringify({ name, power })
}

describe('a plugin that cannot be loaded', () => {
  it.each([
    ['./missing.ts', 'PLUGIN_NOT_FOUND', /plugin file \S+\/missing\.ts does not exist/],
    ['missing', 'PLUGIN_NOT_FOUND', /plugin package "missing" is not installed in \//],
    ['node:fs', 'PLUGIN_NOT_FOUND', /plugin package "node:fs"/],
    ['./throws.mjs', 'PLUGIN_NOT_FOUND', /plugin ".\/throws\.mjs" cannot be loaded: no luck/],
    ['./none.mjs', 'PLUGIN_INVALID', /none\.mjs exports no plugin/],
  ])('stops the session: %s', async (name, code, message) => {
    await put('throws.mjs', `throw new Error('no luck')`)
    await put('none.mjs', 'export const x = { name: 1, setup: 2 }')
    const stopped = load([name])
    await expect(stopped).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('is taken for the file that lies there, in what the user is told to do', async () => {
    await put('near.ts', plugin('near'))
    await expect(load(['near.ts'])).rejects.toMatchObject({
      code: 'PLUGIN_NOT_FOUND',
      hint: 'write "./near.ts" for the file',
    })
  })

  it('is left out where its manifest says that it decides nothing', async () => {
    await put('throws.mjs', `throw new Error('no luck')`)
    await put('throws.mjs.plugin.json', manifest('throws', 'shape'))
    await put('good.mjs', plugin('good'))
    const { names, failures } = await load(['./throws.mjs', './good.mjs'])
    expect(names).toEqual(['good'])
    expect(failures).toEqual([expect.objectContaining({ code: 'PLUGIN_NOT_FOUND' })])
    await put('throws.mjs.plugin.json', manifest('throws', 'decide'))
    await expect(load(['./throws.mjs'])).rejects.toMatchObject({ code: 'PLUGIN_NOT_FOUND' })
  })
})

describe('a manifest', () => {
  const told = { name: 'a', power: 'shape', needs: ['b'], settings: ['one', 'two'] }
  const fields = `power: 'shape', needs: ['b'], settings: { two: schema, one: schema },`
  const schema = `const schema = { fallback: 1, schema: async () => {} }\n`

  it('agrees with its plugin in every field, in any order', async () => {
    await put('a.mjs', schema + plugin('a', fields))
    await put('b.mjs', plugin('b'))
    await put('a.mjs.plugin.json', JSON.stringify({ ...told, settings: ['two', 'one'] }))
    expect((await load(['./a.mjs', './b.mjs'])).names).toEqual(['b', 'a'])
  })

  it.each([
    { name: 'b' },
    { power: 'observe' },
    { power: 'decide' },
    { needs: [] },
    { settings: ['one'] },
  ])('that says something else stops the session: %j', async (change) => {
    await put('c.mjs', schema + plugin('a', fields))
    await put('c.mjs.plugin.json', JSON.stringify({ ...told, ...change }))
    await expect(load(['./c.mjs'])).rejects.toMatchObject({
      code: 'PLUGIN_MANIFEST_MISMATCH',
      message: expect.stringContaining(`"${Object.keys(change)[0]}"`),
    })
  })

  it.each([
    '{',
    '1',
    '{}',
    '{"name":""}',
    '{"name":"a","power":"all"}',
    '{"name":"a","needs":"b"}',
  ])('that is none stops the session before any code runs: %s', async (text) => {
    await put('d.mjs', `throw new Error('ran')`)
    await put('d.mjs.plugin.json', text)
    await expect(load(['./d.mjs'])).rejects.toMatchObject({ code: 'PLUGIN_INVALID' })
  })

  it('is what policy decides on, before any code runs', async () => {
    const asked: unknown[] = []
    const policy = definePlugin({
      name: 'policy',
      power: 'decide',
      phase: 'bootstrap',
      setup({ hooks }) {
        hooks.admit.tap('no', (candidate) => {
          if (candidate.specifier === undefined) return undefined
          asked.push(candidate)
          return { reason: 'not here' }
        })
      },
    })
    await put('e.mjs', `throw new Error('ran')`)
    await put('e.mjs.plugin.json', JSON.stringify({ name: 'e', power: 'shape' }))
    const { names, failures } = await load(['./e.mjs'], [policy])
    expect(names).toEqual([])
    expect(failures).toMatchObject([
      { code: 'PLUGIN_REFUSED', message: expect.stringContaining('not here') },
    ])
    expect(asked).toMatchObject([
      { kind: 'plugin', name: 'e', power: 'shape', specifier: './e.mjs' },
    ])
    await put('f.mjs', `throw new Error('ran')`)
    // Without a manifest nobody knows what would be missing.
    await expect(load(['./f.mjs'], [policy])).rejects.toMatchObject({ code: 'PLUGIN_REFUSED' })
  })
})
