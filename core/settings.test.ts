import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parseToml } from './kit/toml.ts'
import { definePlugin, lazySetting, type AnyPlugin } from './plugin.ts'
import { claimsOf, resolveSettings } from './settings.ts'
import { SettingsLayers, type SettingsLayer } from './settings-layers.ts'

function layer(name: string, text: string, more: Partial<SettingsLayer> = {}): SettingsLayer {
  const file = `/etc/${name}.toml`
  return { name, file, ...parseToml(text, file), ...more }
}

function plugin(name: string, settings: AnyPlugin['settings']): AnyPlugin {
  return definePlugin({ name, settings, setup: () => {} })
}

const docs = plugin('agents-md', {
  project_doc_max_bytes: lazySetting({
    fallback: 32_768,
    schema: async () => z.int().nonnegative(),
  }),
  skin: z.enum(['dark', 'light']).default('dark'),
})

const lenient = { strict: false }

async function resolve(
  layers: readonly SettingsLayer[],
  plugins: readonly AnyPlugin[] = [docs],
  options = lenient,
) {
  return resolveSettings(SettingsLayers.of(...layers), claimsOf(plugins), options)
}

describe('claimsOf', () => {
  it('lists the keys of core and of all plugins with their owners', () => {
    const claims = claimsOf([docs])
    expect(claims.get('model')?.owner).toBe('core')
    expect(claims.get('project_doc_max_bytes')?.owner).toBe('agents-md')
  })

  it('refuses two owners of one key, and a plugin that takes a key of core', () => {
    const other = plugin('other', { skin: z.string() })
    expect(() => claimsOf([docs, other])).toThrow(
      expect.objectContaining({
        code: 'CONFIG_CONFLICT',
        message: '"agents-md" and "other" both claim the setting skin',
      }),
    )
    expect(() => claimsOf([plugin('thief', { model: z.string() })])).toThrow(/"core" and "thief"/)
  })
})

describe('resolveSettings', () => {
  it('gives fallbacks and defaults where nothing is set', async () => {
    const { values, warnings } = await resolve([])
    expect(values).toMatchObject({
      project_doc_max_bytes: 32_768,
      skin: 'dark',
      model_provider: 'openai',
      features: {},
    })
    expect(warnings).toEqual([])
  })

  it('merges tables key by key, lets later layers replace the rest, and managed ones all', async () => {
    const layers = SettingsLayers.of(
      layer('user', 'model = "a"\nuse = ["./a.ts", "./b.ts"]\n[features]\nx = true\ny = true'),
      layer('project', 'model = "b"\nuse = ["./c.ts"]\n[features]\ny = false'),
    ).manage(layer('managed', 'model = "m"'))
    const { values } = await resolveSettings(layers, claimsOf([]), lenient)
    expect(values).toMatchObject({ model: 'm', use: ['./c.ts'], features: { x: true, y: false } })
  })

  it('leaves disabled layers out', async () => {
    const { values, warnings } = await resolve([
      layer('project', 'model = "x"\nnonsense = 1', { disabled: 'not trusted' }),
    ])
    expect(values['model']).toBeUndefined()
    expect(warnings).toEqual([])
  })

  it('loads a schema only for a value that the cheap check does not know', async () => {
    const loaded: string[] = []
    const setting = lazySetting({
      fallback: 1,
      accepts: (value) => value === 2,
      schema: async () => {
        loaded.push('schema')
        return z.number()
      },
    })
    const plugins = [plugin('lazy', { n: setting })]
    expect((await resolve([], plugins)).values['n']).toBe(1)
    expect((await resolve([layer('user', 'n = 2')], plugins)).values['n']).toBe(2)
    expect(loaded).toEqual([])
    expect((await resolve([layer('user', 'n = 3')], plugins)).values['n']).toBe(3)
    expect(loaded).toEqual(['schema'])
  })

  it('freezes what it returns, down to the last list, and leaves class instances alone', async () => {
    class Made {
      count = 0
    }
    const made = plugin('made', {
      made: z.string().transform(() => new Made()),
      deep: z.object({ list: z.array(z.object({})) }),
    })
    const { values } = await resolve([layer('user', 'made = "x"\n[deep]\nlist = [{}]')], [made])
    const deep = values['deep'] as { readonly list: readonly object[] }
    expect([values, deep, deep.list, deep.list[0]].every(Object.isFrozen)).toBe(true)
    expect(Object.isFrozen(values['made'])).toBe(false)
  })

  it('hands on the warnings of the layers', async () => {
    expect((await resolve([layer('project', '', { warnings: ['left out'] })])).warnings).toEqual([
      'left out',
    ])
  })
})

describe('a wrong value', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'project_doc_max_bytes = "x"',
      '/etc/user.toml:1:1',
      'project_doc_max_bytes is the string "x", expected a number',
    ],
    [
      'project_doc_max_bytes = 1.5',
      '/etc/user.toml:1:1',
      'project_doc_max_bytes is the number 1.5, expected a whole number',
    ],
    [
      '\nproject_doc_max_bytes = -1',
      '/etc/user.toml:2:1',
      'project_doc_max_bytes is the number -1, expected a number to be >=0',
    ],
    [
      'sandbox_mode = "open"',
      '/etc/user.toml:1:1',
      'sandbox_mode is the string "open", expected "read-only" or "workspace-write"',
    ],
    [
      'approval_policy = "sometimes"',
      '/etc/user.toml:1:1',
      'expected "untrusted" or "on-request" or "on-failure" or "never" or a table',
    ],
    [
      '[approval_policy.granular]\nrules = "x"',
      '/etc/user.toml:2:1',
      'approval_policy.granular.rules is the string "x", expected a boolean',
    ],
    [
      '[model_providers.a]\nname = 1',
      '/etc/user.toml:2:1',
      'model_providers.a.name is the number 1, expected a string',
    ],
    [
      '[projects."/a b"]\ntrust_level = "maybe"',
      '/etc/user.toml:2:1',
      'projects."/a b".trust_level is the string "maybe"',
    ],
    ['use = [1]', '/etc/user.toml:1:8', 'use.0 is the number 1, expected a string'],
    [
      'model = ""',
      '/etc/user.toml:1:1',
      'model is the string "", expected a string to have >=1 characters',
    ],
    ['model = 1979-05-27', '/etc/user.toml:1:1', 'model is a date, expected a string'],
  ]

  it.each(cases)(
    'is reported with its place, what was found and what is expected: %s',
    async (text, place, words) => {
      const error = await resolve([layer('user', text)]).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(words),
      })
      expect(error).toMatchObject({
        message: expect.stringContaining(`${place}: `),
        hint: expect.stringMatching(/^write /),
      })
    },
  )

  it('is reported in the layer that sets it, not in one that sets something beside it', async () => {
    const layers = [
      layer('user', '[model_providers.a]\nname = 1'),
      layer('profile', '[model_providers.a]\nenv_key = "K"'),
    ]
    await expect(resolve(layers)).rejects.toThrow(/^\/etc\/user\.toml:2:1: /)
  })

  it('names the table around a key that is missing, and the command line where there is no file', async () => {
    const server = plugin('s', { server: z.object({ url: z.string() }) })
    await expect(resolve([layer('user', '\n[server]\n')], [server])).rejects.toThrow(
      '/etc/user.toml:2:1: server.url is missing',
    )
    await expect(resolve([{ name: 'command line', values: { model: 1 } }])).rejects.toThrow(
      /^command line: model is/,
    )
    await expect(resolve([], [server])).rejects.toThrow(
      'settings of "s": server is missing, expected a table',
    )
  })

  it('does not keep the others from being reported', async () => {
    const layers = [
      layer('user', 'model = 1\nproject_doc_max_bytes = "x"'),
      layer('profile', 'skin = "red"'),
    ]
    const all =
      /user\.toml:1:1: model is .*; .*user\.toml:2:1: project_doc_max_bytes is .*; .*profile\.toml:1:1: skin is/
    await expect(resolve(layers)).rejects.toThrow(all)
  })

  it('never shows what may be a credential', async () => {
    const secret = 'sk-12345'
    const text = `[model_providers.a]\nexperimental_bearer_token = ["${secret}"]\nhttp_headers = "${secret}"\nbase_url = "${secret}"
      [model_providers.b.http_headers]\nx = { y = "${secret}" }\n[model_providers.b.query_params]\nkey = 12345`
    const error: unknown = await resolve([layer('user', text)]).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      message: expect.stringContaining('http_headers is the string, expected a table'),
    })
    expect(JSON.stringify([String(error), error])).not.toContain('12345')
  })

  it('shows no long text', async () => {
    const error = resolve([layer('user', `project_doc_max_bytes = "${'word '.repeat(9)}"`)])
    await expect(error).rejects.toThrow('project_doc_max_bytes is the string, expected')
  })
})

describe('an unknown key', () => {
  it('is one warning that names the place, the layer, the key and the nearest known name', async () => {
    const { warnings } = await resolve([layer('user', 'model = "a"\nmodle = "b"')])
    expect(warnings).toEqual([
      '/etc/user.toml:2:1: unknown key `modle` of the user settings is ignored; did you mean `model`?',
    ])
  })

  it('is found in tables, lists and alternatives, also where the schema renames its keys', async () => {
    const renamed = z
      .object({ max_age: z.number().optional() })
      .transform(({ max_age }) => ({ maxAge: max_age }))
    const shape = plugin('shape', {
      one: z.object({ inner: renamed, free: z.looseObject({}).optional() }).optional(),
      many: z
        .array(z.object({ name: z.string() }))
        .readonly()
        .optional(),
      either: z.union([z.string(), z.object({ file: z.string() })]).optional(),
    })
    const text =
      '[one.inner]\nmax_age = 1\nmax_aeg = 2\n[one.free]\nanything = 1\n[[many]]\nname = "a"\n[[many]]\nname = "b"\nnaem = "c"\n[either]\nfile = "f"\nmode = 1'
    const { values, warnings } = await resolve([layer('user', text)], [shape])
    expect(values['one']).toEqual({ inner: { maxAge: 1 }, free: { anything: 1 } })
    expect(warnings).toEqual([
      expect.stringMatching(
        /^\/etc\/user\.toml:3:1: unknown key `one\.inner\.max_aeg` .* did you mean `max_age`\?$/,
      ),
      expect.stringMatching(
        /^\/etc\/user\.toml:10:1: unknown key `many\.1\.naem` .* did you mean `name`\?$/,
      ),
      expect.stringMatching(/^\/etc\/user\.toml:13:1: unknown key `either\.mode` /),
    ])
  })

  it('of the command line has no place to name', async () => {
    const { warnings } = await resolve([{ name: 'command line', values: { zzz: 1 } }])
    expect(warnings).toEqual(['unknown key `zzz` of the command line settings is ignored'])
  })

  it('that two layers set is one warning with both places', async () => {
    const { warnings } = await resolve([layer('user', 'zzz = 1'), layer('profile', '\nzzz = 2')])
    expect(warnings).toEqual([
      '/etc/profile.toml:2:1, /etc/user.toml:1:1: unknown key `zzz` of the profile and user settings is ignored',
    ])
  })

  it('is an error with its place where settings are strict', async () => {
    await expect(
      resolve([layer('user', 'zzz = 1\nyyy = 1')], [docs], { strict: true }),
    ).rejects.toMatchObject({
      code: 'CONFIG_UNKNOWN_KEY',
      message:
        '/etc/user.toml:1:1: unknown key `zzz` of the user settings; /etc/user.toml:2:1: unknown key `yyy` of the user settings',
    })
  })

  it('that its layer ignores is passed over, strict or not, but not in other layers', async () => {
    const ignoredKeys = new Set(['tui', 'model_providers.a.aws'])
    const layers = [layer('user', '[tui]\nx = 1\n[model_providers.a]\naws = 1', { ignoredKeys })]
    expect((await resolve(layers, [docs], { strict: true })).warnings).toEqual([])
    expect((await resolve([...layers, layer('profile', 'tui = 1')])).warnings).toEqual([
      '/etc/profile.toml:1:1: unknown key `tui` of the profile settings is ignored',
    ])
  })
})
