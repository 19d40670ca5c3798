import { spawnSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  cliStage,
  commandCall,
  eventsOf,
  inputOf,
  outputOf,
  readLines,
  type CliStage,
} from '../support/cli-stage.ts'

/** A file system of a few KiB at a path, until it is disposed. */
async function smallDisk(path: string, size: string): Promise<Disposable & { grow(): void }> {
  await mkdir(path, { recursive: true })
  mount('-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path)
  return {
    grow: () => mount('-o', 'remount,size=4m', path),
    [Symbol.dispose]: () => void spawnSync('umount', [path]),
  }
}

function mount(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

function canMount(): boolean {
  const probe = 'mount -t tmpfs -o size=4k tmpfs /mnt'
  const allowed = spawnSync('unshare', ['-m', 'sh', '-c', probe]).status === 0
  if (!allowed) console.warn('skipped: only root may mount the small disk that these tests fill')
  return allowed
}

/** The record holds whole lines only, and the next run knows all that was recorded. */
async function expectNothingLost(stage: CliStage): Promise<void> {
  const [file = ''] = await stage.rollouts()
  const recorded = await readLines(file)
  const items = recorded
    .filter(({ type }) => type === 'response_item')
    .map(({ payload }) => payload)
  expect(items.at(-1)).toMatchObject({ type: 'function_call' })
  const run = await stage.exec(['resume', '--last', '--json', 'more'])
  expect(eventsOf(run)[1]).toEqual({ type: 'turn.started' })
  expect(outputOf(stage.server, 'call_command')).toMatch(/^aborted/)
  expect(inputOf(stage.server, -1).slice(0, items.length)).toEqual(items)
}

const tooMuch = commandCall('seq 1 9999', { max_output_tokens: 20_000 })
const turns = [[tooMuch], ['after']]

describe.skipIf(process.platform !== 'linux' || !canMount())('a disk that is full', () => {
  it('ends the turn where its record ends, and nothing before is lost', async () => {
    await using stage = await cliStage(turns)
    using disk = await smallDisk(join(stage.home, 'sessions'), '16k')
    const run = await stage.exec(['--json', 'hi'])
    expect(run.code).toBe(1)
    expect(run.stderr).toMatch(
      /^error\[STORE_WRITE_FAILED\]: \S+\.jsonl cannot be written: ENOSPC/m,
    )
    expect(eventsOf(run).at(-1)).toMatchObject({
      type: 'turn.failed',
      error: { code: 'STORE_WRITE_FAILED' },
    })
    expect(stage.server.requests).toHaveLength(1)
    disk.grow()
    await expectNothingLost(stage)
  })

  it('starts nothing, and locks nobody out', async () => {
    await using stage = await cliStage([['one'], ['two']])
    await stage.exec(['hi'])
    {
      using disk = await smallDisk(join(stage.home, 'thread-writer-locks'), '4k')
      const full = join(stage.home, 'thread-writer-locks/full')
      spawnSync('sh', ['-c', 'head -c 99999 /dev/zero > "$1"', 'sh', full])
      const run = await stage.exec(['resume', '--last', 'more'])
      expect(run).toMatchObject({ code: 1, stdout: '' })
      expect(run.stderr).toMatch(/^error\[STORE_WRITE_FAILED\]: .*ENOSPC/m)
      disk.grow()
      expect((await stage.exec(['resume', '--last', 'more'])).stdout).toBe('two\n')
    }
    expect(stage.server.requests).toHaveLength(2)
  })
})

describe.skipIf(process.platform === 'win32')('a limit on the size of files', () => {
  it('ends the turn as a full disk does', async () => {
    await using stage = await cliStage(turns)
    const limited = ['/bin/sh', '-c', 'ulimit -f 24; exec "$@"', 'sh']
    const run = await stage.exec(['hi'], { through: limited })
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(run.stderr).toMatch(/^error\[STORE_WRITE_FAILED\]: \S+\.jsonl cannot be written: EFBIG/m)
    await expectNothingLost(stage)
  })
})
