import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bwrapBackend } from 'hookline/plugins/sandbox-bwrap'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const usable = (await bwrapBackend.available()).ok
const main = new URL('../main.ts', import.meta.url).href
const program = `import(${JSON.stringify(main)}).then(async ({ main }) => {
  process.exitCode = await main(['sandbox', ...process.argv.slice(1)])
})`
const words = ['--conditions=hookline-source', '-e', program, '--']

let base: string
let work: string
let env: NodeJS.ProcessEnv
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'sandbox-cli-')))
  work = join(base, 'work')
  for (const name of ['work', 'home', 'outside']) mkdirSync(join(base, name))
  env = { ...process.env, HOOKLINE_HOME: join(base, 'home'), WORK: work, BASE: base }
})
afterEach(() => rmSync(base, { recursive: true }))

const details = 'sandbox_workspace_write={exclude_slash_tmp=true,exclude_tmpdir_env_var=true}'

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...words, ...args], {
    cwd: base,
    env,
    input: 'from stdin\n',
    encoding: 'utf8',
  })
  return { code: status, out: stdout, err: stderr }
}

const write = ['--', 'sh', '-c', 'echo x > a; echo x > $BASE/outside/f'] as const

describe.runIf(usable)('hookline sandbox', () => {
  it('hands on stdin, stdout, stderr, the folder and the exit code', () => {
    const script = 'cat; pwd; echo err >&2; exit 7'
    const expected = { code: 7, out: `from stdin\n${work}\n`, err: 'err\n' }
    expect(run('-C', 'work', '--', 'sh', '-c', script)).toEqual(expected)
    expect(run('--', 'sh', '-c', 'kill -TERM $$').code).toBe(143)
    expect(run('-s', 'danger-full-access', 'sh', '-c', 'kill -TERM $$').code).toBe(143)
  })

  it.each([
    ['read-only', [], []],
    ['workspace-write', ['a'], []],
    ['danger-full-access', ['a'], ['f']],
  ])('confines to %s', (mode, inside, outside) => {
    run('-s', mode, '-C', work, '-c', details, ...write)
    expect([readdirSync(work), readdirSync(join(base, 'outside'))]).toEqual([inside, outside])
  })

  it('is read-only where nothing is set, and takes the settings of the user', () => {
    run('-C', work, ...write)
    expect(readdirSync(work)).toEqual([])
    writeFileSync(join(base, 'home/config.toml'), 'sandbox_mode = "workspace-write"\n')
    run('-C', work, '-c', details, ...write)
    expect(readdirSync(work)).toEqual(['a'])
    run('-C', work, '-P', ':read-only', 'sh', '-c', 'rm a')
    expect(readdirSync(work)).toEqual(['a'])
  })

  it('confines to a permission profile of the command line', () => {
    writeFileSync(join(work, '.env'), 'secret')
    writeFileSync(join(base, 'outside/f'), 'secret')
    const profile = `permissions.p={extends=":workspace",filesystem={${JSON.stringify(`${base}/outside/f`)}="deny",":workspace_roots"={"**/*.env"="deny"}}}`
    const { out } = run(
      '-c',
      profile,
      '-P',
      'p',
      '-C',
      work,
      'sh',
      '-c',
      'echo x > a; cat .env $BASE/outside/f',
    )
    expect(out).toBe('')
    expect(existsSync(join(work, 'a'))).toBe(true)
  })

  it('works in the folder that a link leads to', () => {
    symlinkSync(work, join(base, 'link'))
    expect(run('-s', 'workspace-write', '-C', 'link', 'sh', '-c', 'echo x > a; pwd').out).toBe(
      `${work}\n`,
    )
    expect(existsSync(join(work, 'a'))).toBe(true)
  })

  it('does not let its own home be written', () => {
    writeFileSync(join(base, 'home/config.toml'), '# mine\n')
    mkdirSync(join(base, 'home/memories'))
    run(
      '-s',
      'workspace-write',
      '-C',
      base,
      'sh',
      '-c',
      'echo evil > home/config.toml; echo x > home/memories/m',
    )
    expect(readFileSync(join(base, 'home/config.toml'), 'utf8')).toBe('# mine\n')
    expect(readdirSync(join(base, 'home/memories'))).toEqual(['m'])
  })

  it.each([
    [['-s', 'nope', 'true'], 2, 'error[USAGE]'],
    [['-C', 'nowhere', 'true'], 1, 'error[FILE_UNREADABLE]'],
    [['-P', ':nope', 'true'], 1, 'error[CONFIG_INVALID]'],
    [['-c', 'sandbox_backend="nope"', 'true'], 1, 'error[SANDBOX_UNAVAILABLE]'],
    [['-c', 'sandbox_backend="none"', 'true'], 1, 'error[SANDBOX_REFUSED]'],
  ])('%j is an error', (args, code, err) => {
    expect(run(...args)).toMatchObject({ code, out: '', err: expect.stringContaining(err) })
  })

  it('explains itself', () => {
    expect(run('--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Usage: hookline sandbox'),
      err: '',
    })
  })

  const script = 'setsid sh -c "sleep 1; echo late > late" & echo up; sleep 60'

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends all that it started on %s, and leaves nothing behind', async (signal, code) => {
    const child = spawn(
      process.execPath,
      [...words, '-s', 'workspace-write', '-C', work, 'sh', '-c', script],
      {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    await once(child.stdout, 'data')
    child.kill(signal)
    expect(await once(child, 'exit')).toEqual([code, null])
    expect(readdirSync(work)).toEqual([])
  })

  it('takes all that it started along when it is killed', async () => {
    const child = spawn(
      process.execPath,
      [...words, '-s', 'workspace-write', '-C', work, 'sh', '-c', script],
      {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    // The pipe is closed once nobody in the sandbox is left to write to it.
    await Promise.all([once(child.stdout, 'close'), once(child, 'exit')])
    expect(run('-s', 'workspace-write', '-C', work, 'true').code).toBe(0)
    await vi.waitFor(() => expect(readdirSync(work)).toEqual([]))
  })

  it('says what is missing where no sandbox can be made, and runs nothing', () => {
    env['PATH'] = '/nowhere'
    const found = run('-s', 'workspace-write', '-C', work, '/bin/sh', '-c', 'echo x > a')
    expect(found).toMatchObject({
      code: 1,
      err: expect.stringContaining('install the package bubblewrap'),
    })
    expect(readdirSync(work)).toEqual([])
  })
})
