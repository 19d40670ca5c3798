import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TurnFacts } from '../points/turn.ts'
import { temporaryHome } from '../testing.ts'
import { mayRead } from './denied-reads.ts'

function turnIn(cwd: string, denied: Partial<TurnFacts['sandbox']>): TurnFacts {
  return {
    id: 't',
    model: 'm',
    provider: 'p',
    approvalPolicy: 'never',
    reviewer: 'user',
    cwd,
    sandbox: {
      mode: 'read-only',
      writableRoots: [],
      network: false,
      deniedReads: [],
      deniedReadGlobs: [],
      backend: 'none',
      ...denied,
    },
  }
}

describe('mayRead', () => {
  it.each([
    ['/ws/**/*.env', '/ws/.env', false],
    ['/ws/**/*.env', '/ws/.config/a/prod.env', false],
    ['/ws/**/*.env', '/ws/env.ts', true],
    ['/ws/*.pem', '/ws/sub/k.pem', true],
    ['/ws/keys', '/ws/keys/deep/k', false],
    ['/ws/{a,b}/k?', '/ws/b/k1', false],
    ['**/*.env', '/ws/a/.env', false],
    ['**/*.env', '/elsewhere/.env', true],
    [String.raw`/ws/\[id\]/*.env`, '/ws/[id]/.env', false],
    [String.raw`/ws/\{a,b\}/*.env`, '/ws/{a,b}/x.env', false],
    [String.raw`/ws/\[id\]/*.env`, '/ws/[id]/env.ts', true],
    [String.raw`\*b`, '/ws/*b', false],
  ])('with the pattern %s lets %s be read: %s', async (glob, path, expected) => {
    expect(await mayRead(path, turnIn('/ws', { deniedReadGlobs: [glob] }))).toBe(expected)
  })

  it('sees patterns and denied folders through links', async () => {
    await using home = await temporaryHome({ 'real/k.pem': '' })
    await mkdir(join(home.path, 'other'))
    await symlink('real', join(home.path, 'link'))
    const path = join(home.path, 'real/k.pem')
    const link = join(home.path, 'link')
    expect(await mayRead(path, turnIn(link, { deniedReadGlobs: [`${link}/*.pem`] }))).toBe(false)
    expect(await mayRead(path, turnIn('/', { deniedReads: [link] }))).toBe(false)
    expect(await mayRead(path, turnIn('/', { deniedReads: [join(home.path, 'other')] }))).toBe(true)
  })
})
