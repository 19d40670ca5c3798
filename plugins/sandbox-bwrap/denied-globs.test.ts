import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { matchesOf } from './denied-globs.ts'

describe('the files that fit', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'globs-'))
    for (const name of ['.env', 'a/.env', 'a/b/c/prod.env', 'a/keys/k', 'other']) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), '')
    }
    symlinkSync(folder, join(folder, 'a/loop'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('are found at any depth, links to folders not followed', async () => {
    const found = await matchesOf(['**/*.env'], [folder])
    expect(found.toSorted()).toEqual(
      ['.env', 'a/.env', 'a/b/c/prod.env'].map((name) => join(folder, name)),
    )
  })

  it('are found by absolute globs, and folders are not looked into once they fit', async () => {
    expect(await matchesOf([`${folder}/*/keys/*`], [])).toEqual([join(folder, 'a/keys/k')])
    const found = await matchesOf([`${folder}/a/**`], [])
    expect(found.toSorted()).toEqual(
      ['.env', 'b', 'keys', 'loop'].map((name) => join(folder, 'a', name)),
    )
  })

  it('are none where the folder does not exist', async () => {
    expect(await matchesOf(['/nowhere/**/x'], [])).toEqual([])
  })
})
