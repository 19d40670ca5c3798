import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryHome } from '../testing.ts'
import { readIfThere } from './read-if-there.ts'

it('reads a file, takes a missing one for nothing, and names one that cannot be read', async () => {
  await using home = await temporaryHome()
  const file = join(home.path, 'a.txt')
  expect(await readIfThere(file)).toBeUndefined()
  await writeFile(file, 'text')
  expect(await readIfThere(file)).toBe('text')
  await expect(readIfThere(home.path)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
})
