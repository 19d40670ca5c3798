import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { noneBackend } from './backend.ts'

const reach = {
  writableRoots: [],
  network: true,
  deniedReads: [],
  deniedReadGlobs: [],
  backend: 'none',
}

function start(mode: 'read-only' | 'workspace-write' | 'danger-full-access', tty = false) {
  const command = ['sh', '-c', 'test -t 1 && echo terminal; echo done'] as const
  const env = { PATH: process.env['PATH'] ?? '' }
  const plan = { command: [...command] as [string, ...string[]], cwd: '/', env, tty }
  return noneBackend.spawn({ ...plan, sandbox: { ...reach, mode } }, new AbortController().signal)
}

describe('no sandbox', () => {
  it('is always available', async () => {
    expect(await noneBackend.available()).toEqual({ ok: true })
  })

  it('runs what may reach everything', async () => {
    expect(await text((await start('danger-full-access')).stdout)).toBe('done\n')
    expect(await text((await start('danger-full-access', true)).stdout)).toBe(
      'terminal\r\ndone\r\n',
    )
  })

  it.each(['read-only', 'workspace-write'] as const)(
    'refuses what must be confined to %s',
    async (mode) => {
      await expect(start(mode)).rejects.toThrow(
        expect.objectContaining({ code: 'SANDBOX_REFUSED' }),
      )
    },
  )
})
