import {
  chmod,
  lstat,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeFileAtomic } from './atomic-write.ts'

let folder = ''
const at = (name: string) => join(folder, name)
const modeOf = async (name: string) => (await stat(at(name))).mode & 0o777

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kit-write-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('writeFileAtomic', () => {
  it('makes a file, with the mode that is wanted', async () => {
    await writeFileAtomic(at('text'), 'ä')
    await writeFileAtomic(at('bytes'), new Uint8Array([1, 2]), { mode: 0o600 })
    expect(await readFile(at('text'), 'utf8')).toBe('ä')
    expect([...(await readFile(at('bytes')))]).toEqual([1, 2])
    expect(await modeOf('bytes')).toBe(0o600)
    expect(await readdir(folder)).toEqual(['bytes', 'text'])
  })

  it('replaces a file by another one and keeps its mode, unless one is given', async () => {
    await writeFile(at('file'), 'old')
    await chmod(at('file'), 0o664)
    const before = await stat(at('file'))
    await writeFileAtomic(at('file'), 'new')
    expect([await readFile(at('file'), 'utf8'), await modeOf('file')]).toEqual(['new', 0o664])
    expect((await stat(at('file'))).ino).not.toBe(before.ino)
    await writeFileAtomic(at('file'), 'newer', { mode: 0o600 })
    expect(await modeOf('file')).toBe(0o600)
  })

  it.each(['target', 'missing'])('follows a link to its %s', async (name) => {
    await writeFile(at('target'), 'old')
    await symlink(name, at('link'))
    await writeFileAtomic(at('link'), 'new')
    expect(await readlink(at('link'))).toBe(name)
    expect((await lstat(at(name))).isFile()).toBe(true)
    expect(await readFile(at(name), 'utf8')).toBe('new')
  })

  it('leaves nothing behind when it cannot write', async () => {
    await writeFile(at('file'), 'old')
    for (const path of [at('no/such/folder/file'), at('file/below')]) {
      await expect(writeFileAtomic(path, 'x')).rejects.toMatchObject({
        code: 'FILE_WRITE_FAILED',
        message: expect.stringContaining(path),
      })
    }
    await expect(writeFileAtomic(folder, 'x')).rejects.toMatchObject({ code: 'FILE_WRITE_FAILED' })
    expect(await readdir(folder)).toEqual(['file'])
    expect((await readdir(join(folder, '..'))).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('never shows a part to readers', async () => {
    await writeFile(at('file'), 'a'.repeat(100_000))
    const write = (letter: string) => writeFileAtomic(at('file'), letter.repeat(100_000))
    const writing = Promise.all(['b', 'c', 'd', 'e'].map(write))
    for (let round = 0; round < 20; round += 1) {
      const text = await readFile(at('file'), 'utf8')
      expect(text).toBe((text[0] ?? '').repeat(100_000))
    }
    await writing
  })
})
