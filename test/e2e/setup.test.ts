import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const setup = resolve(import.meta.dirname, '../../setup.mjs')

const isRootOnDebian = process.getuid?.() === 0 && existsSync('/etc/debian_version')

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hookline-test-'))
  await symlink('/bin/sh', join(folder, 'sh'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Puts a program of this name on the PATH of the run; nothing else is on it. */
async function program(name: string, script: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`)
  await chmod(join(folder, name), 0o755)
}

function runSetup(env: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [setup], {
    encoding: 'utf8',
    env: { PATH: folder, ...env },
  })
}

describe.runIf(process.platform === 'linux')('setup', () => {
  it('is content with a bwrap that works', async () => {
    await program('bwrap', 'exit 0')
    expect(runSetup()).toMatchObject({ status: 0, stdout: '', stderr: '' })
  })

  it('goes on with a bwrap that cannot start a sandbox, and says what to do', async () => {
    await program('bwrap', 'echo "no namespaces here" >&2; [ "$1" = --version ]')
    const run = runSetup()
    expect(run.status).toBe(0)
    expect(run.stderr).toMatch(/cannot start a sandbox: no namespaces here\nsetup: \S/)
  })

  it('stops without a bwrap it can install, and names the command', async () => {
    const run = runSetup()
    expect(run.status).toBe(1)
    expect(run.stderr).toMatch(/bubblewrap/)
    expect(run.stderr).toMatch(/HOOKLINE_SKIP_SETUP=1/)
  })

  it('leaves everything alone when told to', () => {
    expect(runSetup({ HOOKLINE_SKIP_SETUP: '1' })).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    })
  })

  it.runIf(isRootOnDebian)(
    'installs it as root on Debian, after it has updated the lists once',
    async () => {
      const log = join(folder, 'log')
      const install = `printf '#!/bin/sh\\nexit 0\\n' > ${folder}/bwrap; /bin/chmod +x ${folder}/bwrap`
      await program('apt-get', `echo "$@" >> ${log}; case "$*" in *install*) ${install} ;; esac`)
      expect(runSetup().status).toBe(0)
      expect(await readFile(log, 'utf8')).toMatch(/^.*\bupdate\n.*\binstall -y bubblewrap\n$/)
    },
  )
})
