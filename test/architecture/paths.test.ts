import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './source-files.ts'

/** Finds a path only as a whole: the folder `/src` is not meant by `/a/src` or `/srcs`. */
function mentions(text: string, path: string): boolean {
  const plain = path.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return new RegExp(String.raw`(?<![\w./~-])${plain}(?![\w-])`).test(text)
}

const trackedFiles = existsSync(join(root, '.git'))
  ? execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
      .split('\0')
      .filter(Boolean)
  : []

it.skipIf(trackedFiles.length === 0)('names no path of the machine it was written on', () => {
  const faults = trackedFiles.filter((path) => {
    const file = join(root, path)
    return existsSync(file) && mentions(readFileSync(file, 'utf8'), root)
  })
  expect(faults).toEqual([])
})

it('finds a path only as a whole', () => {
  const home = homedir()
  expect(mentions(`cd ${home}/x`, home)).toBe(true)
  expect(mentions(`cd /mnt${home}`, home)).toBe(false)
  expect(mentions(`cd ${home}2`, home)).toBe(false)
})
