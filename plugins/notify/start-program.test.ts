import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startProgram } from './start-program.ts'

let cwd = ''
const faults: string[] = []
const warn = (fault: string) => void faults.push(fault)

beforeEach(async () => {
  cwd = await realpath(await mkdtemp(join(tmpdir(), 'hookline-notify-')))
  faults.length = 0
})

afterEach(() => rm(cwd, { recursive: true, force: true }))

async function script(body: string): Promise<string> {
  const file = join(cwd, 'program')
  await writeFile(file, `#!/bin/sh\n${body}\n`)
  await chmod(file, 0o755)
  return file
}

describe('startProgram', () => {
  it('starts it in the folder, with its arguments', async () => {
    const file = await script(
      'pwd > out.tmp; for x in "$@"; do echo "$x" >> out.tmp; done; mv out.tmp out',
    )
    await startProgram({ file, args: ['a', '{"b": "c d"}'], cwd, warn })
    const out = await vi.waitFor(() => readFile(join(cwd, 'out'), 'utf8'))
    expect(out).toBe(`${cwd}\na\n{"b": "c d"}\n`)
    expect(faults).toEqual([])
  })

  it('does not wait for its end', async () => {
    const file = await script('while [ ! -e stop ]; do sleep 0.02; done; touch stopped')
    await startProgram({ file, args: [], cwd, warn })
    await writeFile(join(cwd, 'stop'), '')
    expect(await vi.waitFor(() => readFile(join(cwd, 'stopped'), 'utf8'))).toBe('')
  })

  it('warns of a program that cannot be started', async () => {
    await startProgram({ file: join(cwd, 'missing'), args: [], cwd, warn })
    expect(faults).toEqual([expect.stringMatching(/^could not be started: .*ENOENT/)])
  })

  it('warns of arguments that no program can be given', async () => {
    await startProgram({ file: '/bin/true', args: ['a\0b'], cwd, warn })
    expect(faults).toEqual([expect.stringMatching(/^could not be started: /)])
  })

  it('warns of a program that fails', async () => {
    await startProgram({ file: await script('exit 3'), args: [], cwd, warn })
    await vi.waitFor(() => expect(faults).toEqual(['ended with code 3']))
  })
})
