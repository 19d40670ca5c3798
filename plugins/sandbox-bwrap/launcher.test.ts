import { chmodSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { bwrapBackend } from './backend.ts'
import { at, files, planFor, run, spawn, usable } from './sandbox-fixture.ts'

const real = (process.env['PATH'] ?? '')
  .split(':')
  .map((folder) => join(folder, 'bwrap'))
  .find((path) => existsSync(path))

function fake(folder: string, script: string): void {
  files(`${folder}/bwrap`)
  writeFileSync(join(at.base, folder, 'bwrap'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(at.base, folder, 'bwrap'), 0o755)
  vi.stubEnv('PATH', `${join(at.base, folder)}:${process.env['PATH']}`)
}

describe.runIf(usable)('the launcher', () => {
  it('is tried once for a process', async () => {
    fake('bin', `echo "$@" >> ${join(at.base, 'log')}\nexec ${real} "$@"`)
    await Promise.all([run('true'), run('true')])
    await run('true')
    const lines = readFileSync(join(at.base, 'log'), 'utf8').trim().split('\n')
    expect(lines).toHaveLength(4)
    expect(lines.filter((line) => line.endsWith('--version'))).toHaveLength(1)
  })

  it('does not come from the folder of the command', async () => {
    fake('work/bin', `echo ran > ${join(at.base, 'ran')}\nexec ${real} "$@"`)
    expect(await run('true')).toMatchObject({ code: 0 })
    expect(existsSync(join(at.base, 'ran'))).toBe(false)
  })

  it('that cannot make a sandbox is an error with a remedy, and nothing runs', async () => {
    fake('bin', 'echo "bwrap: No permissions to create new namespace" >&2; exit 1')
    await expect(spawn(planFor('echo x > ran'))).rejects.toThrow(
      expect.objectContaining({ code: 'SANDBOX_UNAVAILABLE' }),
    )
    expect(await bwrapBackend.available()).toMatchObject({
      ok: false,
      reason: expect.stringContaining('No permissions'),
      remedy: expect.stringContaining('user namespaces'),
    })
    expect(readdirSync(at.work)).toEqual([])
  })

  it('that may not mount a new /proc gives commands an empty one, and says so', async () => {
    fake(
      'bin',
      `case "$*" in *--proc*) echo "bwrap: Can't mount proc" >&2; exit 1;; esac\nexec ${real} "$@"`,
    )
    expect(await bwrapBackend.available()).toMatchObject({
      ok: true,
      warning: expect.stringContaining('/proc'),
    })
    expect(await run('ls /proc; echo ran')).toMatchObject({ code: 0, out: 'ran\n' })
  })

  it('that is nowhere is an error with a remedy, and nothing runs', async () => {
    vi.stubEnv('PATH', '/nowhere')
    await expect(spawn(planFor('echo x > ran'))).rejects.toThrow(
      expect.objectContaining({ code: 'SANDBOX_UNAVAILABLE' }),
    )
    expect(await bwrapBackend.available()).toMatchObject({
      ok: false,
      remedy: expect.stringContaining('install'),
    })
  })
})
