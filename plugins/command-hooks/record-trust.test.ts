import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseToml } from 'hookline/kit'
import { temporaryHome } from 'hookline/testing'
import { forgetTrust, recordTrust } from './record-trust.ts'

const key = '/home/me/hooks.json:pre_tool_use:0:0'
const valuesOf = async (home: string) => {
  const file = join(home, 'config.toml')
  return parseToml(await readFile(file, 'utf8'), file).values
}

describe('recorded trust', () => {
  it('is written into a home that has no file yet', async () => {
    await using home = await temporaryHome()
    await recordTrust(join(home.path, 'new'), new Map([[key, 'sha256:a']]))
    expect(await valuesOf(join(home.path, 'new'))).toEqual({
      hooks: { state: { [key]: { trusted_hash: 'sha256:a' } } },
    })
    expect((await stat(join(home.path, 'new/config.toml'))).mode & 0o777).toBe(0o600)
  })

  it('leaves the rest of the file as it is written', async () => {
    const text = `# mine\nmodel = "m" # good\n\n[hooks.state."${key}"]\nenabled = false\n\n[features]\nhooks = true\n`
    await using home = await temporaryHome({ 'config.toml': text })
    await recordTrust(
      home.path,
      new Map([
        [key, 'sha256:a'],
        ['other', 'sha256:b'],
      ]),
    )
    const after = await readFile(join(home.path, 'config.toml'), 'utf8')
    expect(after).toContain('# mine\nmodel = "m" # good\n')
    expect(await valuesOf(home.path)).toEqual({
      model: 'm',
      features: { hooks: true },
      hooks: {
        state: {
          [key]: { enabled: false, trusted_hash: 'sha256:a' },
          other: { trusted_hash: 'sha256:b' },
        },
      },
    })
  })

  it('is taken back, and what else is recorded stays', async () => {
    await using home = await temporaryHome({
      'config.toml': `[hooks.state."${key}"]\ntrusted_hash = "x"\nenabled = false\n`,
    })
    await forgetTrust(home.path, [key, 'unknown'])
    expect(await valuesOf(home.path)).toEqual({ hooks: { state: { [key]: { enabled: false } } } })
  })

  it('of many writers is all there', async () => {
    await using home = await temporaryHome()
    const keys = Array.from({ length: 8 }, (_, at) => `k${at}`)
    await Promise.all(keys.map((name) => recordTrust(home.path, new Map([[name, 'h']]))))
    const { hooks } = await valuesOf(home.path)
    expect(hooks).toEqual({
      state: Object.fromEntries(keys.map((name) => [name, { trusted_hash: 'h' }])),
    })
  })

  it('is not written into a file that cannot be parsed', async () => {
    await using home = await temporaryHome({ 'config.toml': 'model = ' })
    await expect(recordTrust(home.path, new Map([[key, 'h']]))).rejects.toMatchObject({
      code: 'CONFIG_UNREADABLE',
    })
    expect(await readFile(join(home.path, 'config.toml'), 'utf8')).toBe('model = ')
  })

  it('keeps the permissions of the file', async () => {
    await using home = await temporaryHome()
    const file = join(home.path, 'config.toml')
    await writeFile(file, '')
    await chmod(file, 0o640)
    await recordTrust(home.path, new Map([[key, 'h']]))
    expect((await stat(file)).mode & 0o777).toBe(0o640)
  })
})
