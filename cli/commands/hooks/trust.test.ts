import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hooksFile, place } from './command-harness.ts'

interface Listed {
  readonly key: string
  readonly currentHash: string
  readonly trustStatus: string
}

const record = (key: string | undefined, hash: string | undefined) =>
  `[hooks.state."${key}"]\ntrusted_hash = "${hash}"\n`

describe('hookline hooks trust --from codex', () => {
  it('trusts what Codex trusts as it is now, and nothing else', async () => {
    const two = JSON.parse(hooksFile('Stop', 'true'))
    two.hooks.Stop.push({ hooks: [{ type: 'command', command: 'false' }] })
    await using at = await place({ '.codex/hooks.json': JSON.stringify(two) })
    const listed = async () => {
      // The list of the command itself.
      const { hooks } = (await at.json('list')) as { readonly hooks: readonly Listed[] }
      return hooks
    }
    const [first, second] = await listed()
    await writeFile(
      join(at.path, '.codex/config.toml'),
      record(first?.key, first?.currentHash) + record(second?.key, 'sha256:other'),
    )
    expect(await at.json('trust', '--from', 'codex')).toMatchObject({ trusted: [first?.key] })
    expect((await listed()).map(({ trustStatus }) => trustStatus)).toEqual(['trusted', 'untrusted'])
    expect(await readFile(join(at.home, 'config.toml'), 'utf8')).toContain(first?.currentHash)
    const again = await at.run('trust', '--from', 'codex')
    expect(again.stdout).toBe('There is nothing to change.\n')
  })

  it.each([
    [['--from', 'claude'], 2, 'USAGE'],
    [['--from', 'codex', '--all'], 2, 'USAGE'],
    [['--from', 'codex'], 1, 'FILE_UNREADABLE'],
  ])('refuses %j', async (words, exitCode, name) => {
    await using at = await place()
    const { code, stderr } = await at.run('trust', ...words)
    expect([code, stderr.startsWith(`error[${name}]: `)]).toEqual([exitCode, true])
  })
})
