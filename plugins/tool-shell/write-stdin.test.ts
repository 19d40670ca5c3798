import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import type { ProcessExit, Running } from 'hookline'
import { describe, expect, it, vi } from 'vitest'
import { mostSessions } from './process-table.ts'
import { isAlive, sessionOf, ShellHarness } from './shell-harness.ts'

/** Says its pid, then waits until a file is there. */
const untilReleased = 'echo $$ > pid; echo early; until [ -e go ]; do sleep 0.02; done; echo late'

async function start(shell: ShellHarness, fields: object = {}): Promise<number> {
  const result = await shell.exec(
    { cmd: untilReleased, yield_time_ms: 250, ...fields },
    { id: 'first' },
  )
  return sessionOf(result)
}

/** A command that runs until it is told to end. */
function endless(ends: (() => void)[]): Running {
  const { promise: exited, resolve } = Promise.withResolvers<ProcessExit>()
  const end = () => resolve({ code: 0 })
  ends.push(end)
  const kill = async () => end()
  const [stdout, stderr] = [Readable.from([]), Readable.from([])]
  return { pid: 1, stdin: new PassThrough(), stdout, stderr, exited, kill }
}

async function pidOf(shell: ShellHarness): Promise<number> {
  return Number(await readFile(join(shell.cwd, 'pid'), 'utf8'))
}

describe('a command that outlives its call', () => {
  it('is answered with a session, and stays in progress', async () => {
    await using shell = await ShellHarness.open()
    const result = await shell.exec({ cmd: untilReleased, yield_time_ms: 250 })
    expect(result.output).toMatch(
      /^Chunk ID: [0-9a-f]{6}\nWall time: \d\.\d{4} seconds\nProcess running with session ID \d+\nOriginal token count: 2\nOutput:\nearly\n$/,
    )
    expect(result.response).toBeUndefined()
    expect(result.value).toMatchObject({ session_id: sessionOf(result), output: 'early\n' })
    expect(shell.items[0]).toMatchObject({
      body: { status: 'in_progress', aggregatedOutput: 'early\n' },
      ended: 0,
    })
  })

  it('gives a poll what came since, and the outcome to the call that started it', async () => {
    await using shell = await ShellHarness.open()
    const id = await start(shell)
    const polled = shell.write({ session_id: id })
    await shell.exec({ cmd: 'touch go' })
    const result = await polled
    expect(result.output).toMatch(
      /\nProcess exited with code 0\nOriginal token count: 2\nOutput:\nlate\n$/,
    )
    expect(result).toMatchObject({
      response: 'early\nlate\n',
      failed: false,
      answers: { id: 'first' },
    })
    expect(shell.items[0]).toMatchObject({
      body: { status: 'completed', exitCode: 0, aggregatedOutput: 'early\nlate\n' },
      ended: 1,
    })
  })

  it('can be asked for its end after it has ended, once', async () => {
    await using shell = await ShellHarness.open()
    const id = await start(shell)
    const pid = await pidOf(shell)
    await shell.exec({ cmd: 'touch go' })
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false))
    expect(shell.items[0]?.ended).toBe(0)
    expect((await shell.write({ session_id: id })).output).toContain('Output:\nlate\n')
    expect(await shell.write({ session_id: id })).toEqual({
      output: `write_stdin failed: Unknown process id ${id}`,
      failed: true,
    })
  })

  it('keeps its session until it has ended and the room is needed', async () => {
    const ends: (() => void)[] = []
    await using shell = await ShellHarness.open({ exec: async () => endless(ends) })
    const left = { cmd: 'x', yield_time_ms: 250 }
    const results = await Promise.all(Array.from({ length: mostSessions }, () => shell.exec(left)))
    expect((await shell.exec(left)).output).toContain('commands are running already')
    ends[1]?.()
    await vi.waitFor(async () => sessionOf(await shell.exec(left)))
    expect(shell.items[1]).toMatchObject({ body: { status: 'completed' }, ended: 1 })
    const [first, second] = results.map(sessionOf)
    expect((await shell.write({ session_id: second })).output).toContain('Unknown process id')
    ends[0]?.()
    expect((await shell.write({ session_id: first })).output).toContain('exited with code 0')
  })

  it('survives an interrupted poll', async () => {
    await using shell = await ShellHarness.open()
    const id = await start(shell)
    const turn = new AbortController()
    const polled = shell.write({ session_id: id }, { signal: turn.signal })
    turn.abort()
    expect((await polled).output).toMatch(/^Wall time: \d\.\d seconds\naborted by user$/)
    expect(isAlive(await pidOf(shell))).toBe(true)
    await shell.exec({ cmd: 'touch go' })
    expect((await shell.write({ session_id: id })).output).toContain('Process exited with code 0')
  })

  it('dies with the session', async () => {
    await using shell = await ShellHarness.open()
    await start(shell)
    const pid = await pidOf(shell)
    await shell.close()
    expect(isAlive(pid)).toBe(false)
    expect(shell.items[0]).toMatchObject({
      body: { status: 'failed', aggregatedOutput: 'early\n' },
      ended: 1,
    })
  })

  it('is shown with its own end when the session closes after it', async () => {
    await using shell = await ShellHarness.open()
    await start(shell)
    const pid = await pidOf(shell)
    await shell.exec({ cmd: 'touch go' })
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false))
    await shell.close()
    expect(shell.items[0]).toMatchObject({
      body: { status: 'completed', exitCode: 0, aggregatedOutput: 'early\nlate\n' },
      ended: 1,
    })
  })
})

describe('writing to a command', () => {
  it('reaches one with a terminal', async () => {
    await using shell = await ShellHarness.open()
    const call = { cmd: 'read x; echo got:$x', tty: true, yield_time_ms: 250 }
    const id = sessionOf(await shell.exec(call))
    expect(shell.requests[0]?.tty).toBe(true)
    const result = await shell.write({ session_id: id, chars: 'abc\n', yield_time_ms: 30_000 })
    expect(result).toMatchObject({ response: 'got:abc\n', failed: false })
  })

  it('is refused without one', async () => {
    await using shell = await ShellHarness.open()
    const id = await start(shell)
    const result = await shell.write({ session_id: id, chars: 'abc\n' })
    expect(result.output).toMatch(/^write_stdin failed: .*tty: true/)
    expect(isAlive(await pidOf(shell))).toBe(true)
  })

  it('ends one without a terminal by the interrupt key', async () => {
    await using shell = await ShellHarness.open()
    const id = await start(shell)
    const result = await shell.write({ session_id: id, chars: '\u0003', yield_time_ms: 30_000 })
    expect(result.output).toContain('Process exited with code 143\n')
    expect(result).toMatchObject({ failed: true, answers: { id: 'first' } })
    expect(shell.items[0]).toMatchObject({ body: { status: 'failed', exitCode: 143 }, ended: 1 })
  })

  it('is put before hooks, waiting is not', async () => {
    await using shell = await ShellHarness.open()
    const { hooks, input } = shell.writeTool
    const parse = (fields: object) => (input.kind === 'json' ? input.parse(fields) : undefined)
    expect(hooks?.applies?.(parse({ session_id: 1 }))).toBe(false)
    const typed = parse({ session_id: 1, chars: 'rm x\n' })
    expect(hooks?.applies?.(typed)).toBe(true)
    expect(hooks?.toInput(typed)).toEqual({ session_id: 1, chars: 'rm x\n' })
    expect(hooks?.fromInput(typed, { chars: 'ls\n' })).toMatchObject({
      sessionId: 1,
      chars: 'ls\n',
    })
    expect(() => hooks?.fromInput(typed, {})).toThrow('without string field `chars`')
  })
})
