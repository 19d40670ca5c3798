import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const command = fileURLToPath(new URL('apply-patch.ts', import.meta.url))
const program = `import(process.env.COMMAND).then(async (module) => { process.exitCode = await module.applyPatchCommand(process.argv.slice(1)) })`
const patch = '*** Begin Patch\n*** Update File: f.txt\n@@\n-b\n+B\n*** End Patch'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'apply-patch-cli-'))
  await writeFile(join(folder, 'f.txt'), 'a\nb\n')
})

afterEach(async () => {
  await chmod(folder, 0o755)
  await rm(folder, { recursive: true })
})

interface Call {
  readonly words?: readonly string[]
  readonly input?: string | Uint8Array
  /** As a user whom the rights of files concern, also where the tests run as root. */
  readonly asUser?: boolean
}

function run({ words = [], input = '', asUser = false }: Call) {
  const result = spawnSync(
    process.execPath,
    ['--conditions=hookline-source', '--input-type=module', '-e', program, '--', ...words],
    {
      cwd: folder,
      input,
      encoding: 'utf8',
      env: { ...process.env, COMMAND: command },
      ...(asUser && process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}),
    },
  )
  return { code: result.status, out: result.stdout, err: result.stderr }
}

const success = { code: 0, out: 'Success. Updated the following files:\nM f.txt\n', err: '' }
const text = () => readFile(join(folder, 'f.txt'), 'utf8')

describe('hookline apply_patch', () => {
  it.each([
    ['the first word, whatever follows', { words: [patch, 'x'] }],
    ['stdin', { input: patch }],
  ])('applies the patch from %s in the current folder', async (_what, call) => {
    expect(run(call)).toEqual(success)
    expect(await text()).toBe('a\nB\n')
  })

  it('explains itself when there is no patch at all', () => {
    expect(run({})).toEqual({
      code: 2,
      out: '',
      err: expect.stringContaining('Usage: apply_patch'),
    })
  })

  it.each([
    ['an empty word', { words: [''] }, 'Invalid patch: The last line'],
    [
      'a patch that does not fit',
      { input: patch.replace('-b', '-z') },
      'Failed to find expected lines in',
    ],
    ['bytes that are no text', { input: new Uint8Array([0xff]) }, 'not valid UTF-8'],
  ])('fails on %s and changes nothing', async (_what, call, message) => {
    expect(run(call)).toEqual({ code: 1, out: '', err: expect.stringContaining(message) })
    expect(await text()).toBe('a\nb\n')
  })

  it('does not get around a file that is read-only', async () => {
    await chmod(folder, 0o777)
    await chmod(join(folder, 'f.txt'), 0o444)
    expect(run({ words: [patch], asUser: true })).toMatchObject({
      code: 1,
      err: expect.stringContaining('read-only'),
    })
    expect(await text()).toBe('a\nb\n')
  })

  it('writes a file in place where its folder cannot be written', async () => {
    await chmod(join(folder, 'f.txt'), 0o666)
    await chmod(folder, 0o555)
    expect(run({ words: [patch], asUser: true })).toEqual(success)
    expect(await text()).toBe('a\nB\n')
  })

  it('changes no file when one of several cannot be written', async () => {
    await mkdir(join(folder, 'closed'))
    await chmod(join(folder, 'f.txt'), 0o666)
    await chmod(folder, 0o555)
    const both = patch.replace('*** End', '*** Add File: closed/n.txt\n+n\n*** End')
    expect(run({ words: [both], asUser: true })).toMatchObject({ code: 1, out: '' })
    expect(await text()).toBe('a\nb\n')
    expect(await readdir(folder)).toEqual(['closed', 'f.txt'])
  })
})
