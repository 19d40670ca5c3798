import { chmod, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ShellHarness } from './shell-harness.ts'

describe('the shell that a call names', () => {
  it.each(['bash', 'sh', '/bin/sh', '/usr/bin/bash'])('may be %s', async (name) => {
    await using shell = await ShellHarness.open()
    const { output } = await shell.exec({ cmd: 'echo went', shell: name, login: false })
    expect(output).toContain('Output:\nwent\n')
  })

  // Hooks and rules read the script alone: what runs it must not be the model's own program.
  it.each([
    ['another program', 'env'],
    ['another program by its path', '/usr/bin/env'],
    ['a program of the working folder', './bash'],
    ['a program of the working folder by its path', '{cwd}/bash'],
    ['a link to it', '{cwd}/sh'],
    ['a way around', '/bin/../{cwd}/bash'],
  ])('cannot be %s', async (_what, name) => {
    await using shell = await ShellHarness.open()
    const own = join(shell.cwd, 'bash')
    await writeFile(own, '#!/bin/sh\necho mine\n')
    await chmod(own, 0o755)
    await symlink('bash', join(shell.cwd, 'sh'))
    const named = name.replace('{cwd}', shell.cwd)
    const { output, failed } = await shell.exec({ cmd: 'echo went', shell: named })
    expect(output).toBe(
      `exec_command failed: "${named}" cannot be the shell: name bash, zsh or sh, or leave it out`,
    )
    expect(failed).toBe(true)
    expect(shell.requests).toEqual([])
  })
})
