import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findBwrap } from './find-bwrap.ts'

let base: string
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'find-')))
  for (const name of ['work', 'system', 'later']) {
    mkdirSync(join(base, name))
    writeFileSync(join(base, name, 'bwrap'), '#!/bin/sh\n')
    chmodSync(join(base, name, 'bwrap'), 0o755)
  }
})
afterEach(() => rmSync(base, { recursive: true }))

const find = (...elements: readonly string[]) => findBwrap(elements.join(':'), [join(base, 'work')])

describe('the bubblewrap of a PATH', () => {
  it('is the first that may be executed', () => {
    chmodSync(join(base, 'system/bwrap'), 0o644)
    expect(find('/nowhere', `${base}/system`, `${base}/later`)).toBe(join(base, 'later/bwrap'))
  })

  it('does not come from a folder that commands may write', () => {
    expect(find(`${base}/work`, `${base}/work/../work`, `${base}/system`)).toBe(
      join(base, 'system/bwrap'),
    )
  })

  it('does not come from there by a link either, neither from nor to it', () => {
    mkdirSync(join(base, 'links'))
    symlinkSync(join(base, 'work/bwrap'), join(base, 'links/bwrap'))
    symlinkSync(join(base, 'later'), join(base, 'work/folder'))
    expect(find(`${base}/links`, `${base}/work/folder`, `${base}/system`)).toBe(
      join(base, 'system/bwrap'),
    )
  })

  it('does not come from relative or empty elements', () => {
    const before = process.cwd()
    process.chdir(join(base, 'later'))
    try {
      expect(find('', '.', './', '../system')).toBeUndefined()
    } finally {
      process.chdir(before)
    }
  })

  it('is none where there is only a folder of the name', () => {
    rmSync(join(base, 'system/bwrap'))
    mkdirSync(join(base, 'system/bwrap'))
    expect(find(`${base}/system`)).toBeUndefined()
  })
})
