import { spawnSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Script, createContext } from 'node:vm'
import { transformSync } from 'esbuild'
import { expect, it } from 'vitest'
import { version } from '../../cli/version.ts'
import { cliCommand, runCli } from '../support/run-cli.ts'

const [, launcher = ''] = cliCommand(false)
const code = readFileSync(launcher, 'utf8').replace(/^#!.*\n/, '')

it('can be started as a program', () => {
  accessSync(launcher, constants.X_OK)
  expect(readFileSync(launcher, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
})

it('is written in words that the oldest Node understands', () => {
  const plain = transformSync(code, { target: 'es5', minifyWhitespace: true }).code
  expect(plain).toBe(transformSync(code, { target: 'esnext', minifyWhitespace: true }).code)
  // It is a script as well as a module, because an old Node takes every .js file for a script.
  expect(() => new Script(code)).not.toThrow()
})

it.each(['0.12.18', '8.17.0', '20.19.0', '24.11.1'])(
  'tells Node %s what to do, and fails',
  (node) => {
    const lines: string[] = []
    const process: { exitCode?: number; versions: object; argv: readonly string[] } = {
      versions: { node },
      argv: ['node', '/opt/hookline/main.js'],
    }
    const context = createContext({
      process,
      console: { error: (line: string) => lines.push(line) },
    })
    new Script(code).runInContext(context)
    expect(process.exitCode).toBe(1)
    expect(lines).toEqual([expect.stringMatching(/^error\[NODE_TOO_OLD\]: .*24\.12.*npx node@24/)])
  },
)

it('runs, also through a link, which is how npm installs a command', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hookline-test-'))
  try {
    const link = join(folder, 'hookline')
    await symlink(launcher, link)
    const linked = spawnSync(process.execPath, [link, '--version'], {
      encoding: 'utf8',
      env: { HOME: folder },
    })
    expect(linked).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
    expect(await runCli(['--version'], { home: folder })).toMatchObject({
      code: 0,
      stdout: `${version}\n`,
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
