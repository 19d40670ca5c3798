import { access, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HooklineError, textOf } from 'hookline'
import { describe, expect, it, vi } from 'vitest'
import { isAlive, ShellHarness, shownOutput } from './shell-harness.ts'

const frame = (state: string, tokens: number, text: string) =>
  new RegExp(
    `^Chunk ID: [0-9a-f]{6}\nWall time: \\d+\\.\\d{4} seconds\n${state}\n` +
      `Original token count: ${tokens}\nOutput:\n${text}$`,
  )

const refuse = () => Promise.reject(new HooklineError('SANDBOX_REFUSED', 'cannot confine it'))

async function pidIn(file: string): Promise<number> {
  return Number(
    await vi.waitFor(async () => {
      const text = await readFile(file, 'utf8')
      if (!text.endsWith('\n')) throw new Error('not written yet')
      return text
    }),
  )
}

describe('a command that ends in time', () => {
  it('is answered with its framed output, and shown from start to end', async () => {
    await using shell = await ShellHarness.open()
    const result = await shell.exec({ cmd: 'echo one' })
    expect(result.output).toMatch(frame('Process exited with code 0', 1, 'one\n'))
    expect(result).toMatchObject({ response: 'one\n', failed: false })
    expect(result.value).toMatchObject({ exit_code: 0, original_token_count: 1, output: 'one\n' })
    expect(shell.items).toEqual([
      {
        body: {
          type: 'command_execution',
          command: "/bin/bash -lc 'echo one'",
          aggregatedOutput: 'one\n',
          exitCode: 0,
          status: 'completed',
        },
        updates: 0,
        ended: 1,
      },
    ])
    expect(shell.chunks).toEqual(['one\n'])
  })

  it('merges both streams', async () => {
    await using shell = await ShellHarness.open()
    const result = await shell.exec({ cmd: 'echo out; echo err >&2' })
    expect(String(result.response).split('\n').toSorted()).toEqual(['', 'err', 'out'])
    expect(result.output).toContain('Original token count: 2\n')
  })

  it('has failed when its exit code is not 0, and hooks read its plain output', async () => {
    await using shell = await ShellHarness.open()
    const result = await shell.exec({ cmd: 'echo bad; exit 3' })
    expect(result.output).toMatch(frame('Process exited with code 3', 1, 'bad\n'))
    expect(result).toMatchObject({ response: 'bad\n', failed: true })
    expect(shell.items[0]?.body).toMatchObject({ status: 'failed', exitCode: 3 })
  })

  it('has the exit code of a shell when a signal ends it', async () => {
    await using shell = await ShellHarness.open()
    const result = await shell.exec({ cmd: 'kill -KILL $$' })
    expect(result.output).toContain('Process exited with code 137\n')
  })

  it('is given to the model cut in the middle, and shown whole', async () => {
    await using shell = await ShellHarness.open()
    const result = await shell.exec({ cmd: 'seq 1 30000' })
    const text = textOf(result.output)
    expect(text).toContain('Original token count: 42224\nOutput:\nWarning: truncated output')
    expect(text).toContain('Total output lines: 30000\n\n1\n2\n')
    expect(text).toContain('…32224 tokens truncated…')
    expect(text.endsWith('29999\n30000\n')).toBe(true)
    expect(shownOutput(shell.items[0])).toHaveLength(168_894)
  })

  it('loses nothing of what it wrote last', async () => {
    await using shell = await ShellHarness.open()
    const result = await shell.exec({ cmd: 'seq 1 300000; echo last words', max_output_tokens: 20 })
    expect(textOf(result.output).endsWith('last words\n')).toBe(true)
    expect(shownOutput(shell.items[0])).toHaveLength(1_988_906)
  })

  it('may write characters in pieces', async () => {
    await using shell = await ShellHarness.open()
    const result = await shell.exec({
      cmd: String.raw`printf '\xc3'; sleep 0.05; printf '\xa9 \xff.'`,
    })
    expect(result.response).toBe('é \ufffd.')
  })

  it('sees the end of its input where it has no terminal', async () => {
    await using shell = await ShellHarness.open()
    expect((await shell.exec({ cmd: 'cat; echo done' })).response).toBe('done\n')
  })

  it('is answered although a program it left behind holds its output open', async () => {
    await using shell = await ShellHarness.open()
    const pidFile = join(shell.cwd, 'pid')
    const began = performance.now()
    const result = await shell.exec({ cmd: `sleep 300 & echo $! > ${pidFile}; echo started` })
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(result).toMatchObject({ response: 'started\n', failed: false })
    const pid = await pidIn(pidFile)
    expect(isAlive(pid)).toBe(true)
    await shell.close()
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false))
  })
})

describe('how a command is run', () => {
  it('is in the folder of the turn, or in the one the call names', async () => {
    await using shell = await ShellHarness.open()
    await mkdir(join(shell.cwd, 'sub'))
    expect((await shell.exec({ cmd: 'pwd' })).response).toBe(`${shell.cwd}\n`)
    expect((await shell.exec({ cmd: 'pwd', workdir: 'sub' })).response).toBe(`${shell.cwd}/sub\n`)
    const input = { cmd: 'pwd', workdir: 'sub' }
    const parsed =
      shell.execTool.input.kind === 'json' ? shell.execTool.input.parse(input) : undefined
    expect(shell.execTool.hooks?.cwd?.(parsed, { turn: shell.turn })).toBe(`${shell.cwd}/sub`)
  })

  it('takes the words of the call for shell and login', async () => {
    await using shell = await ShellHarness.open()
    await shell.exec({ cmd: 'true' })
    await shell.exec({ cmd: "echo 'a b'", login: false })
    await shell.exec({ cmd: 'true', shell: '/bin/sh' })
    expect(shell.requests.map((request) => request.command)).toEqual([
      ['/bin/bash', '-lc', 'true'],
      ['/bin/bash', '-c', "echo 'a b'"],
      ['/bin/sh', '-lc', 'true'],
    ])
    expect(shell.items[1]?.body).toMatchObject({ command: `/bin/bash -c "echo 'a b'"` })
  })

  it('hands over the whole environment', async () => {
    await using shell = await ShellHarness.open({ environment: { MINE: 'yes' } })
    const result = await shell.exec({ cmd: 'env' }, { id: 'call_env' })
    const lines = String(result.response).split('\n')
    expect(lines).toEqual(
      expect.arrayContaining([
        'MINE=yes',
        'HOOKLINE_SESSION_ID=session',
        'CODEX_TOOL_CALL_ID=call_env',
      ]),
    )
    expect(shell.requests[0]).toMatchObject({ background: true, tty: false, escalate: false })
  })

  it('runs calls side by side, also under one call id', async () => {
    await using shell = await ShellHarness.open()
    // Each waits for the other: one after the other, they would never end.
    const meet = (own: string, other: string) =>
      shell.exec(
        { cmd: `touch ${own}; until [ -e ${other} ]; do :; done; echo ${own}` },
        { id: 'dup' },
      )
    const results = await Promise.all([meet('a', 'b'), meet('b', 'a')])
    expect(results.map((result) => result.response)).toEqual(['a\n', 'b\n'])
  })
})

describe('a command that is refused', () => {
  it('is shown as declined when the sandbox kept it from something', async () => {
    await using shell = await ShellHarness.open()
    const cmd = 'echo "bash: line 1: f.txt: Read-only file system" >&2; exit 1'
    const result = await shell.exec({ cmd })
    expect(result.output).toContain('Process exited with code 1\n')
    expect(result.response).toBe('bash: line 1: f.txt: Read-only file system\n')
    expect(shell.items[0]?.body).toMatchObject({
      status: 'declined',
      declinedBy: 'sandbox',
      exitCode: 1,
      reason: 'not allowed in the sandbox (read-only): bash: line 1: f.txt: Read-only file system',
    })
  })

  it.each([
    { what: 'a successful command', cmd: 'echo Permission denied', status: 'completed' },
    { what: 'another failure', cmd: 'echo nothing; exit 1' },
    { what: 'full access', options: { mode: 'danger-full-access' } },
    { what: 'no sandbox', options: { backend: 'none' } },
  ] as const)('is not taken for $what', async (row) => {
    await using shell = await ShellHarness.open('options' in row ? row.options : {})
    await shell.exec({ cmd: 'cmd' in row ? row.cmd : 'echo Permission denied; exit 1' })
    const status = 'status' in row ? row.status : 'failed'
    expect(shell.items[0]?.body).toMatchObject({ status })
  })

  it('tells what the sandbox says when it does not start it', async () => {
    await using shell = await ShellHarness.open({ exec: refuse })
    const result = await shell.exec({ cmd: 'true' })
    expect(result).toEqual({ output: 'exec_command failed: cannot confine it', failed: true })
    expect(shell.items[0]).toMatchObject({
      body: { status: 'declined', declinedBy: 'sandbox', reason: 'cannot confine it' },
      ended: 1,
    })
  })

  it('tells whoever watches how to mend a sandbox that cannot run', async () => {
    const options = { hint: 'install it' }
    const missing = new HooklineError('SANDBOX_UNAVAILABLE', 'there is no bwrap', options)
    await using shell = await ShellHarness.open({ exec: () => Promise.reject(missing) })
    const result = await shell.exec({ cmd: 'true' })
    expect(result.output).toBe('exec_command failed: there is no bwrap')
    expect(shell.items).toMatchObject([
      { body: { status: 'declined', reason: 'there is no bwrap; install it' } },
    ])
  })

  it('has failed when it cannot be started', async () => {
    await using shell = await ShellHarness.open()
    const result = await shell.exec({ cmd: 'true', workdir: 'nowhere' })
    expect(result.output).toMatch(/^exec_command failed: .*nowhere/)
    expect(shell.items[0]).toMatchObject({ body: { status: 'failed' }, ended: 1 })
  })
})

describe('an interrupted command', () => {
  it('is ended with everything it started', async () => {
    await using shell = await ShellHarness.open()
    const pidFile = join(shell.cwd, 'pid')
    const turn = new AbortController()
    const running = shell.exec(
      { cmd: `sleep 300 & echo $! > ${pidFile}; wait` },
      { signal: turn.signal },
    )
    const pid = await pidIn(pidFile)
    turn.abort()
    expect((await running).output).toMatch(/^Wall time: \d+\.\d seconds\naborted by user$/)
    expect(isAlive(pid)).toBe(false)
    expect(shell.items[0]).toMatchObject({ body: { status: 'failed' }, ended: 1 })
  })

  it('is not started when the turn is over already', async () => {
    await using shell = await ShellHarness.open()
    const result = await shell.exec({ cmd: 'touch ran' }, { signal: AbortSignal.abort() })
    expect(result.output).toBe('Wall time: 0.0 seconds\naborted by user')
    await expect(access(join(shell.cwd, 'ran'))).rejects.toThrow('ENOENT')
  })
})

describe('leaving the sandbox', () => {
  const call = {
    cmd: 'touch x',
    sandbox_permissions: 'require_escalated',
    justification: 'need it',
    prefix_rule: ['touch'],
  }

  it('needs a grant, and says what for', async () => {
    await using shell = await ShellHarness.open()
    expect(await shell.needs(call)).toEqual({
      kind: 'escalation',
      reason: 'need it',
      refusal:
        'approval policy is Never; reject command — you cannot ask for escalated permissions if the approval policy is Never',
      detail: {
        tool: 'exec_command',
        command: ['/bin/bash', '-lc', 'touch x'],
        cwd: shell.cwd,
        sandboxPermissions: 'require_escalated',
        justification: 'need it',
        prefixRule: ['touch'],
        tty: false,
      },
    })
    expect(await shell.needs({ cmd: 'touch x' })).toBeUndefined()
  })

  it('is refused in the words of the tool where nobody answers', async () => {
    await using shell = await ShellHarness.open({ approvalPolicy: 'on-request' })
    const refusal = String.raw`exec_command failed: CreateProcess { message: "Rejected(\"rejected by user\")" }`
    expect(await shell.needs(call)).toMatchObject({ refusal })
    expect(shell.execTool.rejected?.('not "this"\none', { cmd: 'ls' })).toBe(
      String.raw`exec_command failed: CreateProcess { message: "Rejected(\"not \\\"this\\\"\\none\")" }`,
    )
  })

  it('needs nothing where nothing confines', async () => {
    await using shell = await ShellHarness.open({ mode: 'danger-full-access' })
    expect(await shell.needs(call)).toBeUndefined()
  })

  it('happens only when it was granted', async () => {
    await using shell = await ShellHarness.open()
    await shell.exec(call, { granted: true })
    await shell.exec({ cmd: 'true' }, { granted: true })
    await shell.exec(call)
    expect(shell.requests.map((request) => request.escalate)).toEqual([true, false, false])
  })
})

describe('what hooks see', () => {
  it('is the command, under the name Bash', async () => {
    await using shell = await ShellHarness.open()
    const { hooks, input } = shell.execTool
    const parsed = input.kind === 'json' ? input.parse({ cmd: 'ls', workdir: 'sub' }) : undefined
    expect(hooks?.name).toBe('Bash')
    expect(hooks?.toInput(parsed)).toEqual({ command: 'ls' })
    expect(hooks?.fromInput(parsed, { command: 'pwd', other: 1 })).toMatchObject({
      cmd: 'pwd',
      workdir: 'sub',
    })
    for (const wrong of [{}, { command: 1 }, null, 'pwd']) {
      expect(() => hooks?.fromInput(parsed, wrong)).toThrow(
        'hook returned updatedInput without string field `command`',
      )
    }
  })
})
