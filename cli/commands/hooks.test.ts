import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { place } from './hooks/command-harness.ts'

const hooks = {
  PreToolUse: [
    { matcher: 'Bash', hooks: [{ type: 'command', command: 'guard\u001b[2J\u202e' }] },
    { hooks: [{ type: 'prompt', prompt: 'p' }] },
  ],
}

const files = { 'home/hooks.json': JSON.stringify({ hooks }) }
const keyIn = (home: string) => `${home}/hooks.json:pre_tool_use:0:0`

describe('hookline hooks', () => {
  it('lists every hook with what keeps it from running', async () => {
    await using at = await place(files)
    const { code, stdout } = await at.run('list', '--json')
    const { hooks: found, problems } = JSON.parse(stdout)
    expect(code).toBe(0)
    expect(found).toMatchObject([
      {
        key: keyIn(at.home),
        eventName: 'preToolUse',
        handlerType: 'command',
        matcher: 'Bash',
        timeoutSec: 600,
        source: 'user',
        sourcePath: join(at.home, 'hooks.json'),
        pluginId: null,
        displayOrder: 0,
        trustStatus: 'untrusted',
        state: 'untrusted',
        dialect: 'codex',
      },
      { handlerType: 'prompt', command: null, state: 'skipped' },
    ])
    expect(problems).toEqual([
      {
        code: 'HookTypeUnsupported',
        severity: 'warning',
        file: join(at.home, 'hooks.json'),
        pointer: '/hooks/PreToolUse/1/hooks/0',
        message: expect.stringContaining('a prompt hook'),
      },
    ])
  })

  it('does not let a file write on the terminal', async () => {
    await using at = await place(files)
    const { stdout } = await at.run('list')
    expect(stdout).toContain('PreToolUse [Bash]: guard\\u001b[2J\\u202e')
  })

  it('shows what each hook does and whose it is, whatever its type, where it is listed and trusted', async () => {
    const script = { type: 'script', source: 'return {}' }
    const call = { type: 'mcp_tool', server: 'srv', tool: 'check' }
    const both = JSON.stringify({ hooks: { Stop: [{ hooks: [script, call] }] } })
    await using at = await place({ 'home/hooks.json': both })
    const { stdout } = await at.run('list')
    expect(stdout).toContain('untrusted Stop: script return {}\n')
    expect(stdout).toContain('untrusted Stop: mcp_tool srv/check\n')
    expect(stdout).toContain('by      user, dialect codex, untrusted\n')
    const trusted = await at.run('trust', '--all')
    expect(trusted.stdout).toContain('stop:0:0\n  script return {}\n')
    expect(trusted.stdout).toContain('stop:0:1\n  mcp_tool srv/check\n')
  })

  it('trusts a hook until it changes, and takes trust back', async () => {
    await using at = await place(files)
    const trusted = await at.run('trust', keyIn(at.home), '--json')
    expect(JSON.parse(trusted.stdout)).toMatchObject({ trusted: [keyIn(at.home)], unchanged: [] })
    const status = async () =>
      JSON.parse((await at.run('list', '--json')).stdout).hooks[0].trustStatus
    expect(await status()).toBe('trusted')
    const text = await readFile(join(at.home, 'hooks.json'), 'utf8')
    await writeFile(join(at.home, 'hooks.json'), text.replace('guard', 'other'))
    expect(await status()).toBe('modified')
    const again = await at.run('trust', '--all', '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({ trusted: [keyIn(at.home)] })
    const back = await at.run('untrust', '--all', '--json')
    expect(JSON.parse(back.stdout)).toMatchObject({ untrusted: [keyIn(at.home)] })
    expect(await status()).toBe('untrusted')
  })

  it.each([
    [['trust'], 2, 'USAGE'],
    [['trust', '--all', 'x'], 2, 'USAGE'],
    [['lits'], 2, 'USAGE'],
    [['list', 'x'], 2, 'USAGE'],
    [['trust', 'x'], 1, 'HOOK_NOT_FOUND'],
    [['untrust', 'x'], 1, 'HOOK_NOT_FOUND'],
  ])('refuses %j', async (words, exitCode, name) => {
    await using at = await place(files)
    const { code, stderr, stdout } = await at.run(...words, '--json')
    expect([code, stderr.startsWith(`error[${name}]: `)]).toEqual([exitCode, true])
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: name }, problems: [] })
    await expect(readFile(join(at.home, 'config.toml'))).rejects.toThrow('ENOENT')
  })
})
