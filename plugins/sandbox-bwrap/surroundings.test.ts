import { readFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { finish, planFor, run, spawn, usable } from './sandbox-fixture.ts'

describe.runIf(usable)('what commands see', () => {
  it('is the environment of the plan and where they run', async () => {
    vi.stubEnv('HOOKLINE_TEST_LEAK', 'yes')
    const plan = planFor('env')
    const { out } = await finish(
      await spawn({ ...plan, env: { ...plan.env, LD_LIBRARY_PATH: '/x', ENV: '/y' } }),
    )
    expect(out.split('\n')).toEqual(
      expect.arrayContaining([
        `PATH=${process.env['PATH']}`,
        'HOOKLINE_SANDBOX=bwrap',
        'HOOKLINE_SANDBOX_NETWORK_DISABLED=1',
        'CODEX_SANDBOX_NETWORK_DISABLED=1',
        'LD_LIBRARY_PATH=/x',
        'ENV=/y',
      ]),
    )
    expect(out).not.toContain('HOOKLINE_TEST_LEAK')
  })

  it('does not steer the launcher, and is not in its words', async () => {
    const plan = planFor('read x')
    const env = { ...plan.env, LD_PRELOAD: '/nowhere.so', LD_AUDIT: '/x', SECRET: 'hidden' }
    const running = await spawn({ ...plan, env })
    const launcher = readFileSync(`/proc/${running.pid}/environ`, 'latin1')
    const words = readFileSync(`/proc/${running.pid}/cmdline`, 'latin1')
    expect(launcher).not.toMatch(/LD_/)
    expect(launcher).toContain('SECRET=hidden')
    expect(words).not.toContain('hidden')
    await finish(running)
  })

  it('are three descriptors', async () => {
    const { out } = await run(
      'for fd in /proc/self/fd/*; do echo $(basename $fd) $(readlink $fd); done',
    )
    // A process that was started with more hands nothing on in their place.
    const others = out
      .trim()
      .split('\n')
      .filter((line) => !/^[012] (?:pipe|socket):/.test(line))
    expect(others.filter((line) => !line.endsWith('/dev/null') && !/^\d+$/.test(line))).toEqual([])
    expect(out).toMatch(/^2 /m)
  })

  it('are processes of their own only', async () => {
    expect(await run(`kill -0 ${process.pid}`)).toMatchObject({ code: 1 })
    expect((await run('ls -d /proc/[0-9]* | wc -l')).out.trim().length).toBe(1)
  })

  it('is a terminal where the plan asks for one, and no controlling one of ours', async () => {
    const plan = planFor('test -t 0 && test -t 1 && echo terminal; exit 3')
    expect(await finish(await spawn({ ...plan, tty: true }))).toMatchObject({
      code: 3,
      out: 'terminal\r\n',
    })
    expect((await run('echo x > /dev/tty')).code).toBe(2)
  })

  it('is the exit code, also of a signal', async () => {
    expect(await run('exit 9')).toMatchObject({ code: 9 })
    expect(await run('kill -TERM $$')).toMatchObject({ code: 143 })
  })
})
