import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileFilter } from './permission-filter.ts'

const matches = (rule: string, names: readonly string[], input: unknown) =>
  compileFilter(rule)?.({ names, input, cwd: '/projects/app' })

describe('a rule about a command', () => {
  it.each([
    ['Bash', 'ls', true],
    ['Bash(*)', 'ls', true],
    ['Bash(git *)', 'git status', true],
    ['Bash(git *)', 'git', true],
    ['Bash(git *)', 'gitk', false],
    ['Bash(git commit:*)', 'git commit -m x', true],
    ['Bash(git commit:*)', 'git commit', true],
    ['Bash(git commit:*)', 'git commits', false],
    ['Bash(git push *--force*)', 'git push origin --force-with-lease', true],
    ['Bash(git push *--force*)', 'git push origin', false],
    ['Bash(npm run build)', 'npm run build', true],
    ['Bash(npm run build)', 'npm run build:all', false],
    ['Bash(a.c)', 'abc', false],
    // Each command of a line counts, without the variables set for it.
    ['Bash(git *)', 'cd x && git status', true],
    ['Bash(git *)', 'A=1 B="x y" git log | head', true],
    ['Bash(git *)', 'echo "a && git b"', false],
    ['Bash(git *)', "echo 'git x'; ls", false],
    ['Bash(git *)', 'ls 2>&1; pwd &> out', false],
    ['Bash(git *)', 'ls & git gc', true],
    ['Bash(git *)', 'echo a\\; git b', false],
    // In doubt it is wanted.
    ['Bash(git *)', 'echo $(rm x)', true],
    ['Bash(git *)', 'echo `x`', true],
    ['Bash(git *)', 'echo "$(x)"', true],
    ['Bash(git *)', 'if true; then x; fi', true],
    ['Bash(git *)', 'cat <<E\ngit x\nE', true],
    ['Bash(git *)', "echo 'open", true],
    ['Bash(git *)', 'g""it push', true],
    ['Bash(git *)', '\\git push', true],
    ['Bash(git *)', 'X=git; $X push', true],
    ['Bash(git *)', 'git${IFS}push', true],
    ['Bash(git *)', '2>/dev/null git push', true],
    ['Bash(git *)', 'sudo git push', true],
    ['Bash(git *)', 'cd x && bash -ec "git push"', true],
    ['Bash(git *)', 'bash build.sh', false],
    // Blanks are blanks, however many.
    ['Bash(git push *)', 'git  \tpush origin', true],
  ])('%s on %j: %s', (rule, command, wanted) => {
    expect(matches(rule, ['Bash'], { command })).toBe(wanted)
  })

  it('reads a line of any length', () => {
    const command = `${'A=1 '.repeat(20_000)}git push`
    expect(matches('Bash(git *)', ['Bash'], { command })).toBe(true)
  })

  it('wants what has no command, and no other tool', () => {
    expect(matches('Bash(git *)', ['Bash'], { command: 5 })).toBe(true)
    expect(matches('Bash(git *)', ['Bash'], undefined)).toBe(true)
    expect(matches('Bash(git *)', ['view_image'], { command: 'git x' })).toBe(false)
  })
})

const patch = (...paths: readonly string[]) => ({
  command: `*** Begin Patch\n${paths.map((path) => `*** Update File: ${path}`).join('\n')}\n*** End Patch`,
})

describe('a rule about files', () => {
  it.each([
    ['Edit(*.ts)', patch('src/a.ts'), true],
    ['Edit(*.ts)', patch('a.js', 'src/b.ts'), true],
    ['Edit(*.ts)', patch('a.js'), false],
    ['Edit(*.ts)', patch('a.js\n*** Delete File: c.js\n  *** Update File: src/b.ts'), true],
    ['Edit(/b.ts)', patch('a.js\u2028/../b.ts'), true],
    ['Write(.env*)', { file_path: '/projects/app/.env.local' }, true],
    ['Write(.env*)', { file_path: '/projects/app/deep/.env' }, true],
    ['Write(.env*)', { file_path: '/projects/app/env' }, false],
    ['Edit(src/**)', patch('src/x/y.ts'), true],
    ['Edit(/src/**)', { file_path: '/projects/app/src/y' }, true],
    ['Edit(./src/*)', patch('lib/x'), false],
    ['Edit(src/**)', patch('src/.github/x.yml'), true],
    ['Edit(src)', patch('src/x/y.ts'), true],
    ['Edit(src/)', patch('srcs/y.ts'), false],
    ['Edit(src/*.ts)', patch('src/x/y.ts'), false],
    ['Edit(**/*.ts)', patch('y.ts'), true],
    ['Edit(*.ts)', patch('../other/y.ts'), true],
    ['Edit(a?.ts)', patch('ab.ts'), true],
    ['Edit(a.ts)', patch('abts'), false],
    ['Edit(//etc/**)', { file_path: '/etc/passwd' }, true],
    ['Edit(~/.ssh/*)', { file_path: join(homedir(), '.ssh/id') }, true],
    ['Edit(*.ts)', { other: 1 }, true],
  ])('%s on %j: %s', (rule, input, wanted) => {
    expect(matches(rule, ['apply_patch', 'Edit', 'Write'], input)).toBe(wanted)
  })
})

describe('a rule about a tool of a server', () => {
  it.each([
    ['mcp__git', true],
    ['mcp__git__*', true],
    ['mcp__git__log', true],
    ['mcp__gi', false],
    ['mcp__git__lo', false],
  ])('%s: %s', (rule, wanted) => {
    expect(matches(rule, ['mcp__git__log'], {})).toBe(wanted)
  })
})

describe('what is no rule', () => {
  it.each(['env.X', "env.A == 'on'", '', 'Bash(', 'a b'])('%j is told from one', (text) => {
    expect(compileFilter(text)).toBeUndefined()
  })
})
