import { readFile, realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createHost, definePlugin } from 'hookline'
import type { LogLine } from 'hookline'
import { scriptedModel, temporaryHome, testKernel } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { configFiles } from './index.ts'

describe('configFiles', () => {
  it('gives the settings of the files to a session, below those that its program gave', async () => {
    await using home = await temporaryHome({
      'config.toml': 'model = "from file"\nmodel_verbosity = "low"\nservice_tier = "flex"\n',
    })
    const plugin = configFiles({ overrides: ['service_tier=auto'] })
    await using test = await testKernel([plugin], { home: home.path, settings: { model: 'given' } })
    expect(test.kernel.settings).toMatchObject({
      model: 'given',
      model_verbosity: 'low',
      service_tier: 'auto',
    })
  })

  it('keeps credentials that stand in a file out of what a plugin shows', async () => {
    await using home = await temporaryHome({
      'config.toml': `[model_providers.x]
experimental_bearer_token = "tok-abcdefghijkl"
http_headers = { Authorization = "Bearer abc-defghijklmnop", X-Name = "plain-header-value" }
env_key = "NAME_OF_VARIABLE"
`,
    })
    const shown: string[] = []
    const shows = definePlugin({
      name: 'shows',
      setup({ secrets }) {
        const texts = [
          'tok-abcdefghijkl',
          'x abc-defghijklmnop',
          'plain-header-value',
          'NAME_OF_VARIABLE',
        ]
        shown.push(...texts.map((text) => secrets.redact(text)))
      },
    })
    await using test = await testKernel([configFiles(), shows], { home: home.path })
    expect(shown.slice(2)).toEqual(['plain-header-value', 'NAME_OF_VARIABLE'])
    expect(shown.join()).not.toMatch(/abcdefghijkl|defghijklmnop/)
    expect(test.errors).toEqual([])
  })

  it('tells of an untrusted project beside the conversation, not as an item of it', async () => {
    await using base = await temporaryHome({
      'home/x': '',
      'repo/.hookline/config.toml': 'model = "p"\n',
    })
    const cwd = await realpath(join(base.path, 'repo'))
    const home = join(base.path, 'home')
    const lines: LogLine[] = []
    await using host = createHost({
      home,
      plugins: [configFiles(), scriptedModel([]).plugin],
      log: (line) => void lines.push(line),
    })
    const settings = { model: 'scripted-model', model_provider: 'scripted' }
    const session = await host.session({ cwd, source: 'test', ephemeral: true, settings })
    expect(session.kernel.layers.list[0]?.disabled).toBe('the project is not trusted')
    expect(lines.filter(({ level }) => level === 'notice' || level === 'warn')).toEqual([
      { level: 'notice', plugin: 'config-files', message: expect.stringContaining('--trust') },
    ])
  })

  it('reads the files again for every session', async () => {
    await using home = await temporaryHome({ 'config.toml': 'service_tier = "a"\n' })
    const file = join(home.path, 'config.toml')
    const plugin = configFiles()
    await using first = await testKernel([plugin], { home: home.path })
    await writeFile(file, (await readFile(file, 'utf8')).replace('"a"', '"b"'))
    await using second = await testKernel([plugin], { home: home.path })
    expect([first, second].map((test) => test.kernel.settings.service_tier)).toEqual(['a', 'b'])
  })
})
