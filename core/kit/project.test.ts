import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isTrusted, projectRoot } from './project.ts'

let base = ''
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'project-')))
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

function folder(...names: readonly string[]): string {
  const path = join(base, ...names)
  mkdirSync(path, { recursive: true })
  return path
}

function git(cwd: string, ...args: readonly string[]): void {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
    cwd,
    stdio: 'pipe',
  })
}

const trusted = (...folders: readonly string[]) =>
  Object.fromEntries(folders.map((path) => [path, { trust_level: 'trusted' }]))

describe('projectRoot', () => {
  it('is the nearest folder above with a marker', () => {
    const inner = folder('a', 'b', 'c')
    folder('a', 'b', '.git')
    writeFileSync(join(folder('a', '.git'), 'HEAD'), 'ref: refs/heads/main\n')
    // The empty one below is no repository.
    expect(projectRoot(inner, ['.git'])).toBe(join(base, 'a'))
    writeFileSync(join(base, 'a', 'b', 'go.mod'), '')
    expect(projectRoot(inner, ['.git', 'go.mod'])).toBe(join(base, 'a', 'b'))
  })

  it('is the folder itself without a marker above it, and with no markers at all', () => {
    const inner = folder('a', 'b')
    expect(projectRoot(inner, ['no-such-marker'])).toBe(inner)
    folder('a', '.git')
    expect(projectRoot(inner, [])).toBe(inner)
  })
})

describe('isTrusted', () => {
  it('says nothing of a folder that nobody named', () => {
    const root = folder('a')
    for (const projects of [undefined, {}, 'x', trusted(folder('other')), { [root]: 'trusted' }]) {
      expect(isTrusted(projects, root, root)).toBeUndefined()
    }
  })

  it('asks the folder first, then its root; folders between and above do not count', () => {
    const root = folder('a')
    const inner = folder('a', 'b', 'c')
    expect(isTrusted(trusted(root), root, inner)).toBe(true)
    expect(isTrusted(trusted(inner), root, inner)).toBe(true)
    expect(
      isTrusted({ ...trusted(root), [inner]: { trust_level: 'untrusted' } }, root, inner),
    ).toBe(false)
    expect(isTrusted(trusted(base, join(root, 'b')), root, inner)).toBeUndefined()
  })

  it('knows a folder by its real path as well', () => {
    const root = folder('real')
    symlinkSync(root, join(base, 'link'))
    expect(isTrusted(trusted(root), join(base, 'link'), join(base, 'link'))).toBe(true)
  })

  it('takes over what is said of the main worktree of a git worktree', () => {
    const main = folder('main')
    git(main, 'init', '-q')
    git(main, 'commit', '-q', '--allow-empty', '-m', 'x')
    const worktree = join(base, 'tree')
    git(main, 'worktree', 'add', '-q', worktree)
    expect(isTrusted(trusted(main), worktree, worktree)).toBe(true)
    expect(isTrusted({ [main]: { trust_level: 'untrusted' } }, worktree, worktree)).toBe(false)
  })

  it('does not believe a folder that only claims to be a worktree', () => {
    const main = folder('main')
    git(main, 'init', '-q')
    git(main, 'commit', '-q', '--allow-empty', '-m', 'x')
    git(main, 'worktree', 'add', '-q', join(base, 'tree'))
    const record = join(main, '.git', 'worktrees', 'tree')

    const liar = folder('liar')
    writeFileSync(join(liar, '.git'), `gitdir: ${record}\n`)
    expect(isTrusted(trusted(main), liar, liar)).toBeUndefined()

    const forger = folder('forger')
    const forged = folder('forger', 'x', '.git', 'worktrees', 'y')
    writeFileSync(join(forger, '.git'), `gitdir: ${forged}\n`)
    writeFileSync(join(forged, 'gitdir'), join(forger, '.git'))
    writeFileSync(join(forged, 'commondir'), join(main, '.git'))
    expect(isTrusted(trusted(main), forger, forger)).toBeUndefined()
  })
})
