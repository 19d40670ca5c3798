import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tool } from 'hookline'
import { scriptedTool, type ScriptedTurn } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { answer, claudeTrial, handler, oneCall, trial, type Given } from './hooks-harness.ts'
import { isTable } from './shape.ts'

const patchTool = scriptedTool('apply_patch', 'patched', {
  hooks: {
    name: 'apply_patch',
    aliases: ['Edit', 'Write', 'MultiEdit'],
    toInput: (input) => ({ command: isTable(input) ? input['patch'] : '' }),
    fromInput: (input) => input,
  },
} satisfies Partial<Tool>)

const update = (...paths: readonly string[]) =>
  [
    '*** Begin Patch',
    ...paths.flatMap((path) => [`*** Update File: ${path}`, '@@', '-a', '+b']),
    '*** End Patch',
  ].join('\n')

function patching(patch: string, hooks: NonNullable<Given['hooks']>): Given {
  const turns: readonly ScriptedTurn[] = [[{ call: 'apply_patch', args: { patch } }], ['done']]
  return { turns, hooks, plugins: [patchTool] }
}

const keep = (name: string, matcher?: string) => ({
  ...handler(`cat > {{home}}/${name}`),
  ...(matcher !== undefined && { matcher }),
})

describe('a patch in the claude dialect', () => {
  it.each(['Edit', 'Write', 'MultiEdit', 'Edit|Write', 'Write, Edit', 'apply_patch', '^Multi'])(
    'is known as %s',
    async (matcher) => {
      await using t = await claudeTrial(
        patching(update('a.ts'), { PreToolUse: [keep('in', matcher)] }),
      )
      await t.run()
      expect(await t.stdin('in')).toMatchObject({ tool_name: 'apply_patch' })
    },
  )

  it.each(['NotebookEdit', 'Read', 'Bash'])('is not known as %s', async (matcher) => {
    await using t = await claudeTrial(
      patching(update('a.ts'), { PreToolUse: [keep('in', matcher)] }),
    )
    await t.run()
    expect(t.shown('hook_run')).toEqual([])
  })

  it('of one file names that file', async () => {
    const hooks = { PreToolUse: [keep('pre')], PostToolUse: [keep('post')] }
    const patch = update('src/a.ts')
    await using t = await claudeTrial(patching(patch, hooks))
    await t.run()
    const tool_input = { command: patch, file_path: join(t.home, 'src/a.ts') }
    expect(await t.stdin('pre')).toMatchObject({ tool_input })
    expect(await t.stdin('post')).toMatchObject({ tool_input })
  })

  it('that a sequential group rewrites names the file that it is about by then', async () => {
    const patch = update('b.ts')
    const hookSpecificOutput = { hookEventName: 'PreToolUse', updatedInput: { command: patch } }
    const text = JSON.stringify({ hookSpecificOutput })
    const rewriting = { type: 'command', command: `cat > /dev/null; printf %s '${text}'` }
    const group = { sequential: true, hooks: [rewriting, ...keep('in').hooks] }
    await using t = await claudeTrial(patching(update('a.ts'), { PreToolUse: [group] }))
    await t.run()
    const tool_input = { command: patch, file_path: join(t.home, 'b.ts') }
    expect(await t.stdin('in')).toMatchObject({ tool_input })
  })

  it('that moves a file names where it comes from, then where it went', async () => {
    const hooks = { PreToolUse: [keep('pre')], PostToolUse: [keep('post')] }
    const patch = update('a.ts').replace('@@', '*** Move to: b.ts\n@@')
    await using t = await claudeTrial(patching(patch, hooks))
    await t.run()
    expect(await t.stdin('pre')).toMatchObject({ tool_input: { file_path: join(t.home, 'a.ts') } })
    expect(await t.stdin('post')).toMatchObject({ tool_input: { file_path: join(t.home, 'b.ts') } })
  })

  it('of several files names none', async () => {
    await using t = await claudeTrial(patching(update('a', 'b'), { PreToolUse: [keep('in')] }))
    await t.run()
    const told = await t.stdin('in')
    expect(told['tool_input']).toEqual({ command: update('a', 'b') })
  })

  it('in the codex dialect names none either', async () => {
    await using t = await trial(patching(update('a'), { PreToolUse: [keep('in')] }))
    await t.run()
    expect((await t.stdin('in'))['tool_input']).toEqual({ command: update('a') })
  })
})

describe('the tool for subagents in the claude dialect', () => {
  it.each(['Task', 'Agent', 'Task|Agent'])('is known as %s', async (matcher) => {
    const spawn = scriptedTool('spawn_agent', 'spawned')
    const turns: readonly ScriptedTurn[] = [[{ call: 'spawn_agent' }], ['done']]
    const given = { turns, plugins: [spawn], hooks: { PreToolUse: [keep('in', matcher)] } }
    await using t = await claudeTrial(given)
    await t.run()
    expect(await t.stdin('in')).toMatchObject({ tool_name: 'spawn_agent' })
  })
})

const guarded = (condition: string) => ({
  PreToolUse: [handler('echo no >&2; exit 2', { if: condition })],
})

describe('the options of a handler', () => {
  const blocked = expect.stringContaining('blocked by PreToolUse hook')

  it.each([
    ['Bash(ls *)', blocked],
    ['Bash', blocked],
    ['Bash(git *)', 'output: ran {"command":"ls"}'],
    ['Edit(*.ts)', 'output: ran {"command":"ls"}'],
    ['mcp__srv__*', 'output: ran {"command":"ls"}'],
  ])('choose calls by the rule %s', async (condition, output) => {
    await using t = await claudeTrial({ turns: oneCall, hooks: guarded(condition) })
    await t.run()
    expect(t.said().find((line) => line.startsWith('output: '))).toEqual(output)
  })

  it.each([
    ['Edit(*.ts)', 1],
    ['Write(src/**)', 1],
    ['Edit(*.md)', 0],
  ])('choose patches by the rule %s', async (condition, runs) => {
    const hooks = { PreToolUse: [handler('true', { if: condition })] }
    await using t = await claudeTrial(patching(update('src/a.ts'), hooks))
    await t.run()
    expect(t.shown('hook_run')).toHaveLength(runs)
  })

  it('do not count in the codex dialect', async () => {
    await using t = await trial({ turns: oneCall, hooks: guarded('Bash(git *)') })
    await t.run()
    expect(t.said().find((line) => line.startsWith('output: '))).toEqual(blocked)
  })

  it('may want one run in a session', async () => {
    const hooks = { UserPromptSubmit: [handler('echo first', { once: true })] }
    await using t = await claudeTrial({ hooks })
    await t.run('one')
    await t.run('two')
    expect(t.shown('hook_run')).toHaveLength(1)
  })

  it('start a program without a shell', async () => {
    const args = ['-c', 'printf "%s" "$0" > "$1"', '$HOME; echo', '{{home}}/out']
    const hooks = { UserPromptSubmit: [handler('sh', { args })] }
    await using t = await claudeTrial({ hooks })
    await t.run()
    expect(await readFile(join(t.home, 'out'), 'utf8')).toBe('$HOME; echo')
  })

  it('name the shell', async () => {
    const hooks = { UserPromptSubmit: [handler('echo "${BASH_VERSION:+bash}"', { shell: 'bash' })] }
    await using t = await claudeTrial({ hooks })
    await t.run()
    expect(t.said()).toContain('developer: UserPromptSubmit hook success: bash')
  })

  it('replace the input alone', async () => {
    const command = answer('PreToolUse', { updatedInput: { command: 'pwd' } })
    await using t = await claudeTrial({ turns: oneCall, hooks: { PreToolUse: [handler(command)] } })
    await t.run()
    expect(t.said()).toContain('output: ran {"command":"pwd"}')
  })
})
