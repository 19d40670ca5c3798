import { describe, expect, it } from 'vitest'
import { hooksFile, place } from './command-harness.ts'

describe('hookline hooks lint', () => {
  it('shows each finding with its place, what products make of it, and a fix', async () => {
    await using at = await place({
      'work/.codex/hooks.json': hooksFile('Stop', 'true', { timeout: '30' }),
      'work/.hookline/hooks.json': hooksFile('Stop', 'true'),
    })
    const { code, stdout } = await at.run('lint')
    expect(code).toBe(1)
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^\.codex\/hooks\.json:1:\d+: error TimeoutForm: /),
      expect.stringMatching(/^ {4}hookline: .* \| Codex: drops the whole file.* \| Claude Code: /),
      '    fix: write 30',
      '2 files: 1 error, 0 warnings, 0 notes',
      '',
    ])
  })

  it('fails for warnings only where that is wanted', async () => {
    await using at = await place({
      'work/hooks.json': hooksFile('Stop', 'true', { timeout: 5000 }),
    })
    expect((await at.run('lint', 'hooks.json')).code).toBe(0)
    expect((await at.run('lint', 'hooks.json', '--strict')).code).toBe(1)
  })

  it('prints a document, for the product that is asked for', async () => {
    await using at = await place({ 'work/hooks.json': '{"version": 1, "hooks": {}}' })
    expect(await at.json('lint', '.', '--dialect', 'codex')).toMatchObject({
      ok: false,
      summary: { files: 1, errors: 1, warnings: 0, infos: 0 },
      findings: [
        {
          code: 'TopKeyUnknown',
          severity: 'error',
          pointer: '/version',
          place: { line: 1, column: 2 },
          consequences: { codex: { effect: 'dropped' } },
        },
      ],
    })
  })

  it.each([
    [['nowhere.json'], 1, ''],
    [['.'], 1, 'error[HOOKS_INVALID]'],
    [['.', '--dialect', 'gpt'], 2, 'error[USAGE]'],
  ])('ends with an error for %j', async (words, exitCode, message) => {
    await using at = await place()
    const { code, stderr, stdout } = await at.run('lint', ...words)
    expect(code).toBe(exitCode)
    expect(`${stderr}${stdout}`).toContain(message === '' ? 'error FileUnreadable' : message)
  })
})
