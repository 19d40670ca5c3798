import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'

/** True for processes that run; those that nobody has reaped yet are dead. */
function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

const script = 'trap "" TERM; (setsid sleep 1000 & echo $!); sleep 1000 & echo $!; echo $$; wait'

/** Starts a tree, tells its processes when they are up, and ends in the given way. */
function program(ending: string): string {
  return `
import { spawnTree } from ${JSON.stringify(join(import.meta.dirname, 'spawn.ts'))}
const env = { PATH: process.env.PATH }
const tree = await spawnTree({ file: 'sh', args: ['-c', ${JSON.stringify(script)}], cwd: '/', env })
let told = ''
tree.stdout.on('data', (piece) => {
  told += piece
  if (told.split('\\n').length < 4) return
  process.stdout.write(told)
  ${ending}
})
`
}

it.skipIf(process.platform !== 'linux').each([
  ['process.exit', 'process.exit(3)', 3],
  ['an error that nobody caught', `throw new Error('stray')`, 1],
])('nothing goes on when this process ends by %s', async (_how, ending, code) => {
  const words = [
    '--conditions=hookline-source',
    '--input-type=module-typescript',
    '-e',
    program(ending),
  ]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'ignore'] })
  const exited = once(child, 'exit')
  const pids = (await text(child.stdout)).trim().split('\n').map(Number)
  expect(await exited).toEqual([code, null])
  expect(pids).toHaveLength(3)
  await expect.poll(() => pids.filter(isRunning), { interval: 5 }).toEqual([])
})
