import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { applySteps } from './apply.ts'
import { parsePatch } from './parse.ts'
import { planPatch } from './plan.ts'

let folder: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'apply-patch-')))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
}

/** All files below the folder by their paths; a link as an arrow. */
async function tree(): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const name = path.slice(folder.length + 1)
    if (entry.isSymbolicLink()) found[name] = `-> ${await readlink(path)}`
    else if (entry.isFile()) found[name] = await readFile(path, 'utf8')
  }
  return found
}

function plan(...lines: string[]) {
  const patch = ['*** Begin Patch', ...lines, '*** End Patch'].join('\n')
  return planPatch(parsePatch(patch), { cwd: folder })
}

async function apply(...lines: string[]): Promise<void> {
  await applySteps(await plan(...lines))
}

const change = (name: string, from: string, to: string) => [
  `*** Update File: ${name}`,
  '@@',
  `-${from}`,
  `+${to}`,
]

describe('applying a patch', () => {
  it('adds, changes, moves and deletes, and makes folders', async () => {
    await put({ 'm.txt': 'l1\nl2\n', 'd.txt': 'x\n', 'old.txt': 'a\n' })
    await apply(
      '*** Add File: n/deep/new.txt',
      '+created',
      '*** Delete File: d.txt',
      ...change('m.txt', 'l2', 'changed'),
      '*** Update File: old.txt',
      '*** Move to: sub/new.txt',
      '@@',
      ' a',
    )
    expect(await tree()).toEqual({
      'm.txt': 'l1\nchanged\n',
      'n/deep/new.txt': 'created\n',
      'sub/new.txt': 'a\n',
    })
  })

  it('lets later hunks see what earlier ones did', async () => {
    await put({ 'f.txt': 'a\nb\n', 'g.txt': 'g\n', 'h.txt': 'h\n' })
    await apply(
      ...change('f.txt', 'a', 'A'),
      ...change('f.txt', 'A', 'AA'),
      '*** Delete File: g.txt',
      '*** Add File: g.txt',
      '+new',
      '*** Update File: h.txt',
      '*** Move to: i.txt',
      '@@',
      ' h',
      ...change('i.txt', 'h', 'i'),
      '*** Add File: gone.txt',
      '+x',
      '*** Delete File: gone.txt',
    )
    expect(await tree()).toEqual({ 'f.txt': 'AA\nb\n', 'g.txt': 'new\n', 'i.txt': 'i\n' })
  })

  it('turns a deleted file into a folder', async () => {
    await put({ a: 'x\n' })
    await apply('*** Delete File: a', '*** Add File: a/b/c', '+y')
    expect(await tree()).toEqual({ 'a/b/c': 'y\n' })
  })

  it.each([
    ['itself', 'f.txt'],
    ['itself in other words', './x/../f.txt'],
    ['a link to itself', 'link'],
  ])('only changes a file that is moved onto %s', async (_what, goal) => {
    await put({ 'f.txt': 'a\n' })
    await symlink('f.txt', join(folder, 'link'))
    await apply('*** Update File: f.txt', `*** Move to: ${goal}`, '@@', '-a', '+A')
    expect(await tree()).toEqual({ 'f.txt': 'A\n', link: '-> f.txt' })
  })

  it('keeps the mode of a changed, an overwritten and a moved file', async () => {
    await put({ 'run.sh': 'a\n', 'over.sh': 'a\n', 'move.sh': 'a\n' })
    for (const name of ['run.sh', 'over.sh', 'move.sh']) await chmod(join(folder, name), 0o750)
    await apply(
      ...change('run.sh', 'a', 'b'),
      '*** Add File: over.sh',
      '+b',
      '*** Update File: move.sh',
      '*** Move to: moved.sh',
      '@@',
      '-a',
      '+b',
    )
    for (const name of ['run.sh', 'over.sh', 'moved.sh']) {
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o750)
    }
  })

  it('writes through links, also to a file that is not there yet, and deletes the link alone', async () => {
    await put({ 't.txt': 'a\n', 'd.txt': 'd\n' })
    await symlink('t.txt', join(folder, 'l'))
    await symlink('later.txt', join(folder, 'dangling'))
    await symlink('d.txt', join(folder, 'unlinked'))
    await apply(
      ...change('l', 'a', 'A'),
      '*** Add File: dangling',
      '+x',
      '*** Delete File: unlinked',
    )
    expect(await tree()).toEqual({
      't.txt': 'A\n',
      l: '-> t.txt',
      'later.txt': 'x\n',
      dangling: '-> later.txt',
      'd.txt': 'd\n',
    })
  })

  it('replaces a link that the patch deletes first', async () => {
    await put({ 't.txt': 'a\n' })
    await symlink('t.txt', join(folder, 'l'))
    await apply('*** Delete File: l', '*** Add File: l', '+own')
    expect(await tree()).toEqual({ 't.txt': 'a\n', l: 'own\n' })
    expect((await lstat(join(folder, 'l'))).isFile()).toBe(true)
  })
})

describe('a patch that does not fit', () => {
  beforeEach(() => put({ 'f.txt': 'a\n', 'd/x.txt': '1\n' }))

  it.each([
    ['a missing line', change('f.txt', 'nope', 'x'), 'Failed to find expected lines in'],
    ['a missing file', change('no.txt', 'a', 'x'), 'Failed to read file to update'],
    ['a folder', change('d', 'a', 'x'), 'is not a file'],
    ['a file below a file', ['*** Add File: f.txt/x', '+x'], 'Failed to write file'],
    ['adding over a folder', ['*** Add File: d', '+x'], 'Failed to write file'],
    ['deleting a folder', ['*** Delete File: d'], 'Failed to delete file'],
    ['deleting what is not there', ['*** Delete File: no.txt'], 'Failed to delete file'],
    [
      'deleting twice',
      ['*** Delete File: f.txt', '*** Delete File: f.txt'],
      'Failed to delete file',
    ],
  ])('changes nothing for %s, whatever else is in it', async (_what, lines, message) => {
    const before = await tree()
    await expect(apply('*** Add File: new.txt', '+n', ...lines)).rejects.toThrow(message)
    expect(await tree()).toEqual(before)
  })

  it('refuses files that are not UTF-8 rather than spoiling them', async () => {
    const bytes = Buffer.from([0x61, 0x0a, 0xff, 0x0a])
    await writeFile(join(folder, 'latin.txt'), bytes)
    await expect(apply(...change('latin.txt', 'a', 'b'))).rejects.toThrow('not valid UTF-8')
    expect(await readFile(join(folder, 'latin.txt'))).toEqual(bytes)
  })

  it('refuses links that lead in a circle', async () => {
    await symlink('loop', join(folder, 'loop'))
    await expect(apply('*** Add File: loop', '+x')).rejects.toThrow('Failed to write file')
  })

  it('is refused when it has no hunks', async () => {
    await expect(plan()).rejects.toThrow('No files were modified.')
  })
})

describe('a write that fails half way', () => {
  it('takes back what was done before it', async () => {
    await put({ 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n', 'z/z.txt': 'z\n' })
    await chmod(join(folder, 'a.txt'), 0o700)
    const steps = await plan(
      ...change('a.txt', 'a', 'A'),
      '*** Delete File: b.txt',
      '*** Add File: new/deep/n.txt',
      '+n',
      '*** Add File: c.txt',
      '+C',
      ...change('z/z.txt', 'z', 'Z'),
    )
    // A folder now stands where the last file was: it can be staged, but not put into place.
    await rm(join(folder, 'z/z.txt'))
    await mkdir(join(folder, 'z/z.txt'))
    await expect(applySteps(steps)).rejects.toThrow(`Failed to write file ${folder}/z/z.txt: `)
    expect(await tree()).toEqual({ 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n' })
    expect(await readdir(folder)).toEqual(['a.txt', 'b.txt', 'c.txt', 'z'])
    expect((await stat(join(folder, 'a.txt'))).mode & 0o777).toBe(0o700)
  })

  it('does not follow a folder that was replaced by a link since the check', async () => {
    await put({ 'ws/sub/f.txt': 'a\n', 'outside/f.txt': 'a\n' })
    const steps = await plan(...change('ws/sub/f.txt', 'a', 'A'))
    await rename(join(folder, 'ws/sub'), join(folder, 'ws/kept'))
    await symlink(join(folder, 'outside'), join(folder, 'ws/sub'))
    await expect(applySteps(steps)).rejects.toThrow('was replaced by a link')
    expect(await readFile(join(folder, 'outside/f.txt'), 'utf8')).toBe('a\n')
  })
})
