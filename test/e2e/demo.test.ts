import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryHome } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { runCli, type CliResult } from '../support/run-cli.ts'

interface Place extends AsyncDisposable {
  /** The folder that the command is run in. */
  readonly cwd: string
  /** Its home and its folder for temporary files: both must stay empty. */
  readonly home: string
  readonly temporary: string
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliResult>
}

async function place(): Promise<Place> {
  const folder = await temporaryHome()
  const [cwd, home, temporary] = ['work', 'home', 'tmp'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ] // three names give three paths
  for (const path of [cwd, home, temporary]) await mkdir(path)
  return {
    cwd,
    home,
    temporary,
    run: (args, env) =>
      runCli(args, { cwd, home, source: true, env: { TMPDIR: temporary, ...env } }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

const points = ['context', 'sandbox', 'confined', 'refused', 'patch', 'stop']

describe.runIf(process.platform === 'linux')('hookline demo', () => {
  it('shows six real things and writes nowhere but in a folder of its own', async () => {
    await using at = await place()
    const run = await at.run(['demo', '--json'])
    expect(run).toMatchObject({ code: 0, stderr: '' })
    const report = JSON.parse(run.stdout)
    const folder = join(at.cwd, 'hookline-demo-1')
    expect(report).toMatchObject({ ok: true, folder, home: join(folder, 'home') })
    expect(report.facts.map(({ id, ok }: Record<string, unknown>) => [id, ok])).toEqual(
      points.map((id) => [id, true]),
    )
    expect(await readdir(at.cwd)).toEqual(['hookline-demo-1'])
    expect(await readdir(at.home)).toEqual([])
    expect(await readdir(at.temporary)).toEqual([])

    const context = report.facts[0].seen
    expect(context).toMatch(/code word of this session is [0-9a-f]{8}\./)
    expect(await readFile(report.record, 'utf8')).toContain(context)
    expect(report.record.startsWith(join(folder, 'home', 'sessions'))).toBe(true)
    expect(Object.keys(JSON.parse(await readFile(report.hooks, 'utf8')).hooks)).toEqual([
      'SessionStart',
      'PreToolUse',
      'Stop',
    ])
    expect(await readFile(join(folder, 'greeting.txt'), 'utf8')).toBe('Hello from hookline.\n')
    expect(existsSync(join(folder, 'NOTES.md'))).toBe(true)
    const changed = execFileSync('git', ['-C', folder, 'status', '--short'], { encoding: 'utf8' })
    expect(changed).toBe(' M greeting.txt\n?? NOTES.md\n')
  })

  it('tells it to a person, in the next free folder, without colours on a pipe', async () => {
    await using at = await place()
    await mkdir(join(at.cwd, 'hookline-demo-1'))
    const run = await at.run(['demo'])
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(await readdir(at.cwd)).toEqual(['hookline-demo-1', 'hookline-demo-2'])
    expect(await readdir(join(at.cwd, 'hookline-demo-1'))).toEqual([])
    expect(run.stdout).toContain('I am not a model')
    expect(run.stdout.match(/^ {2}✓ /gm)).toHaveLength(6)
    expect(run.stdout).not.toContain('✗')
    expect(run.stdout).not.toContain('\u001b')
    const places = [/hookline-demo-2\/\.hookline\/hooks\.json/, /home\/sessions\/.*\.jsonl/]
    for (const shown of places) expect(run.stdout).toMatch(shown)
  })

  it('has hooks that do as they are written, also in later sessions of its project', async () => {
    await using at = await place()
    const folder = join(at.cwd, 'hookline-demo-1')
    const env = { HOOKLINE_HOME: join(folder, 'home') }
    expect(await at.run(['demo', '--json'])).toMatchObject({ code: 0 })
    const listed = await at.run(['hooks', 'list', '--json', '-C', folder], env)
    const states = JSON.parse(listed.stdout).hooks.map(
      (hook: Record<string, unknown>) => hook['state'],
    )
    expect(states).toEqual(['runnable', 'runnable', 'runnable'])
    await writeFile(join(folder, '.hookline', 'hooks', 'guard.sh'), 'exit 0\n')
    const again = await at.run(['exec', '-C', folder, 'Show me what hookline does.'], env)
    expect(again.code).toBe(0)
    expect(again.stderr).toContain('No hook stopped it')
    expect(existsSync(join(folder, 'treasure'))).toBe(false)
  })

  it('says how to get a sandbox where there is none, and makes nothing', async () => {
    await using at = await place()
    const bin = join(at.temporary, 'bin')
    await mkdir(bin)
    await symlink('/bin/sh', join(bin, 'sh'))
    const run = await at.run(['demo'], { PATH: bin })
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(run.stderr).toMatch(/^error\[SANDBOX_UNAVAILABLE\]: .*apt-get install bubblewrap/)
    expect(await readdir(at.cwd)).toEqual([])
  })

  it('names a folder that cannot be used', async () => {
    await using at = await place()
    const run = await at.run(['demo', '-C', 'missing'])
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(run.stderr).toMatch(/^error\[FILE_UNREADABLE\]: .*missing.*-C/)
  })

  it('takes no prompt', async () => {
    await using at = await place()
    expect(await at.run(['demo', 'hello'])).toMatchObject({ code: 2, stdout: '' })
  })
})
