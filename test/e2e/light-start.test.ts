import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { modelServer } from 'hookline/testing'
import { expect, it } from 'vitest'
import { homeFor } from '../support/temp-home.ts'
import { runCli } from '../support/run-cli.ts'

/** Writes down the address of every module that is loaded, when the process ends. */
const recorder = `
import { registerHooks } from 'node:module'
import { writeFileSync } from 'node:fs'
const loaded = []
registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context) } })
process.on('exit', () => writeFileSync(process.env.LOADED, loaded.join('\\n')))
`

it('answers a prompt with no package loaded but the three that are worth their time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hookline-test-'))
  try {
    await using server = await modelServer([['hello']])
    await using home = await homeFor(server.url)
    const preload = `data:text/javascript,${encodeURIComponent(recorder)}`
    const run = await runCli(['exec', '--skip-git-repo-check', 'say hello'], {
      home: home.path,
      source: true,
      env: { LOADED: join(folder, 'loaded'), NODE_OPTIONS: `--import=${preload}` },
    })
    expect(run).toMatchObject({ code: 0, stdout: 'hello\n' })
    const loaded = await readFile(join(folder, 'loaded'), 'utf8')
    expect(loaded).toContain('cli/main.ts')
    const packages = [...loaded.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].map(
      ([, name]) => name,
    )
    expect(
      [...new Set(packages)].filter(
        (name) => !/^(tapable|smol-toml|eventsource-parser)$/.test(`${name}`),
      ),
    ).toEqual([])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
