import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { spillEffects } from './spill.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hook-spill-'))
  vi.stubEnv('TMPDIR', folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

const place = {
  sessionId: 'session-1',
  redact: (text: string) => text.replaceAll('secret', '<redacted>'),
}
const long = Array.from({ length: 3000 }, (_, line) => `line number ${line} of the long text`).join(
  '\n',
)
const fileIn = (text: string | undefined) =>
  /\n\nFull hook output saved to: (.*)$/.exec(text ?? '')?.[1] ?? ''

describe('a long text', () => {
  it.each(['context', 'feedback', 'goOn'] as const)(
    'of %s is cut and kept whole in a file',
    async (name) => {
      const effects = await spillEffects({ [name]: long }, place)
      const file = fileIn(effects[name])
      expect(dirname(file)).toBe(join(folder, 'hook_outputs', 'session-1'))
      expect(await readFile(file, 'utf8')).toBe(long)
      expect(effects[name]?.length).toBeLessThan(11_000)
    },
  )

  it('is for nobody else to read', async () => {
    const { context } = await spillEffects({ context: long }, place)
    const modes = [fileIn(context), dirname(fileIn(context))].map(
      async (path) => (await stat(path)).mode & 0o777,
    )
    expect(await Promise.all(modes)).toEqual([0o600, 0o700])
  })

  it('is kept without secrets', async () => {
    const { context } = await spillEffects({ context: `secret ${long}` }, place)
    expect(await readFile(fileIn(context), 'utf8')).toContain('<redacted> line number 0')
  })

  it('of a deny is never cut', async () => {
    expect(await spillEffects({ deny: long }, place)).toEqual({ deny: long })
  })

  it('is measured by the limit of its handler', async () => {
    const text = 'this is a line of text\n'.repeat(10)
    expect(await spillEffects({ context: text }, place)).toEqual({ context: text })
    expect(fileIn((await spillEffects({ context: text }, place, 20)).context)).not.toBe('')
    expect(await spillEffects({ context: long }, place, 0)).toEqual({ context: long })
  })

  it('is measured in bytes', async () => {
    const text = '€'.repeat(4000)
    expect(fileIn((await spillEffects({ context: text }, place)).context)).not.toBe('')
  })

  it.each([
    [
      'open to others',
      async (shared: string) => chmod(await mkdir(shared).then(() => shared), 0o777),
    ],
    ['a link', async (shared: string) => symlink(folder, shared)],
  ])('is kept elsewhere where the folder is %s', async (_what, prepare) => {
    await prepare(join(folder, 'hook_outputs'))
    const { context } = await spillEffects({ context: long }, place)
    expect(dirname(fileIn(context))).toMatch(/hook_outputs-\w+$/)
    expect(await readFile(fileIn(context), 'utf8')).toBe(long)
  })

  it('does not leave its folder by the id of a session', async () => {
    const { context } = await spillEffects({ context: long }, { ...place, sessionId: '../../x' })
    expect(fileIn(context).startsWith(join(folder, 'hook_outputs', '______x'))).toBe(true)
  })
})
