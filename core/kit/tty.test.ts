import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { ttyCommand } from './tty.ts'

function run(command: readonly [string, ...string[]], env: Record<string, string> = {}) {
  const [file, ...args] = ttyCommand(command)
  const { status, stdout } = spawnSync(file, args, {
    encoding: 'utf8',
    input: '',
    env: { PATH: process.env['PATH'] ?? '', ...env },
  })
  return { status, out: stdout.replaceAll('\r\n', '\n') }
}

describe('a command in a terminal', () => {
  it('has one for its input and its output', () => {
    expect(run(['sh', '-c', 'test -t 0 && test -t 1 && test -t 2'])).toMatchObject({ status: 0 })
  })

  it.each([
    ['blanks and quotes', [`it's`, 'a  b', '"', "''"]],
    ['what a shell would act on', ['$HOME', '`id`', '$(id)', '*', ';', '&&', '\\', '!']],
    ['empty words and line breaks', ['', 'a\nb', '']],
    ['more words than nine', Array.from({ length: 12 }, (_, index) => `w${index}`)],
  ])('is given its words unchanged: %s', (_what, words) => {
    const shown = [
      'node',
      '-e',
      'console.log(JSON.stringify(process.argv.slice(1)))',
      '--',
    ] as const
    expect(JSON.parse(run([...shown, ...words]).out)).toEqual(words)
  })

  it('ends with the exit code of the command, and with 128 and the number of a signal', () => {
    expect(run(['sh', '-c', 'exit 7']).status).toBe(7)
    expect(run(['sh', '-c', 'kill -TERM $$']).status).toBe(143)
  })

  it.each([
    ['the SHELL it would have had', { SHELL: '/bin/strange' }, '/bin/strange'],
    ['no SHELL where there was none', {}, ''],
  ])('has %s, and no variable of the wrapper', (_what, env, shell) => {
    const { out } = run(['sh', '-c', 'echo "$SHELL"; env | grep -c HOOKLINE_TTY'], env)
    expect(out).toBe(`${shell}\n0\n`)
  })
})
