import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { textOf, type Tool, type ToolContext } from 'hookline'
import { describe, expect, it } from 'vitest'
import { ShellHarness } from './shell-harness.ts'

const patch = '*** Begin Patch\n*** Delete File: a.txt\n*** End Patch\n'
const script = (before = '') => `${before}apply_patch <<'EOF'\n${patch}EOF\n`
const success =
  'Exit code: 0\nWall time: 0 seconds\nOutput:\nSuccess. Updated the following files:\nD a.txt\n'

/** Notes what it is asked, and answers with a text. */
function patchTool(answer: string, asked: unknown[] = []): Tool {
  const note = (what: string, input: unknown, cwd: string) => void asked.push([what, input, cwd])
  return {
    name: 'apply_patch',
    description: '',
    input: { kind: 'text' },
    parallel: false,
    repeatable: false,
    rejected: (reason, input) => `patch ${reason} (${String(input).length})`,
    refused(input, { turn }) {
      note('refused', input, turn.cwd)
      return { type: 'file_change', changes: [], status: 'declined' }
    },
    async needs(input, { turn }) {
      note('needs', input, turn.cwd)
      return { kind: 'patch', reason: 'outside', refusal: 'no' }
    },
    async run(input: unknown, context: ToolContext) {
      note('run', input, context.turn.cwd)
      context.show({ type: 'file_change', changes: [], status: 'completed' }).end()
      return { output: answer, response: 'for hooks', failed: !answer.includes('Exit code: 0') }
    },
  }
}

describe('a command that only applies a patch', () => {
  it('is run by the tool for patches, its answer nested', async () => {
    const asked: unknown[] = []
    await using shell = await ShellHarness.open({ patchTool: patchTool(success, asked) })
    const result = await shell.exec({ cmd: script() })
    expect(result.output).toMatch(
      /^Wall time: \d+\.\d{4} seconds\nOutput:\nExit code: 0\nWall time: 0/,
    )
    expect(textOf(result.output).endsWith(success)).toBe(true)
    expect(result.response).toBe('for hooks')
    expect(asked).toEqual([['run', patch, shell.cwd]])
    expect(shell.requests).toEqual([])
    expect(shell.items.map(({ body }) => body.type)).toEqual(['file_change'])
  })

  it('is taken relative to the folder it changes to', async () => {
    const asked: unknown[] = []
    await using shell = await ShellHarness.open({ patchTool: patchTool(success, asked) })
    await mkdir(join(shell.cwd, 'work/sub'), { recursive: true })
    const call = { cmd: script('cd sub && '), workdir: 'work' }
    await shell.exec(call)
    expect(await shell.needs(call)).toMatchObject({ kind: 'patch' })
    expect(asked).toEqual([
      ['run', patch, join(shell.cwd, 'work/sub')],
      ['needs', patch, join(shell.cwd, 'work/sub')],
    ])
  })

  it('waits for the patch before it', async () => {
    const order: string[] = []
    const first = Promise.withResolvers<void>()
    const tool: Tool = {
      ...patchTool(success),
      async run(input) {
        order.push('start')
        if (order.length === 1) await first.promise
        order.push('end')
        if (String(input).includes('fails')) throw new Error('a fault of the tool')
        return { output: success }
      },
    }
    await using shell = await ShellHarness.open({ patchTool: tool })
    const one = shell.exec({ cmd: script().replace('a.txt', 'fails') })
    const two = shell.exec({ cmd: script() })
    first.resolve()
    await expect(one).rejects.toThrow('a fault of the tool')
    expect((await two).output).toContain('Success.')
    expect(order).toEqual(['start', 'end', 'start', 'end'])
  })

  it('is answered in the words of the tool when the patch was not even tried', async () => {
    const fault = 'apply_patch verification failed: no such lines'
    await using shell = await ShellHarness.open({ patchTool: patchTool(fault) })
    expect(await shell.exec({ cmd: script() })).toMatchObject({ output: fault, failed: true })
  })

  it('is refused as a patch', async () => {
    await using shell = await ShellHarness.open({ patchTool: patchTool(success) })
    const { execTool, turn } = shell
    const input =
      execTool.input.kind === 'json' ? execTool.input.parse({ cmd: script() }) : undefined
    expect(execTool.refused?.(input, { turn })).toMatchObject({ type: 'file_change' })
    expect(execTool.rejected?.('rejected by user', input)).toBe('patch rejected by user (53)')
  })

  it('is left to the shell where the folder is missing', async () => {
    const asked: unknown[] = []
    await using shell = await ShellHarness.open({ patchTool: patchTool(success, asked) })
    const call = { cmd: script('cd nowhere && '), sandbox_permissions: 'require_escalated' }
    const result = await shell.exec(call, { granted: true })
    expect(result.output).toMatch(/Process exited with code 1[\s\S]*nowhere/)
    expect(asked).toEqual([])
    // The grant was for the patch.
    expect(shell.requests[0]?.escalate).toBe(false)
  })

  it('is left to the shell where no tool for patches is there', async () => {
    await using shell = await ShellHarness.open()
    const result = await shell.exec({ cmd: script() })
    expect(result.output).toContain('Process exited with code 127')
    expect(shell.items[0]?.body.type).toBe('command_execution')
  })
})
