import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { temporaryHome } from 'hookline/testing'

const entry = fileURLToPath(new URL('../../run.ts', import.meta.url))

/** How a run of the command ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A user with a home of the product and a folder to work in. */
export interface Place extends AsyncDisposable {
  /** Of the user; `work` lies in it, and `home`, which is the home of the product. */
  readonly path: string
  readonly home: string
  readonly work: string
  /** Runs `hookline hooks` in `work` to its end. */
  run(...words: readonly string[]): Promise<Ended>
  /** The document that such a run prints. */
  json(...words: readonly string[]): Promise<Readonly<Record<string, unknown>>>
  start(...words: readonly string[]): ChildProcess
}

/** Makes a place with files by their path from the folder of the user. */
export async function place(files: Readonly<Record<string, string>> = {}): Promise<Place> {
  const folder = await temporaryHome(files)
  const { path } = folder
  const [home, work] = [join(path, 'home'), join(path, 'work')]
  await mkdir(work, { recursive: true })
  const start = (...words: readonly string[]) =>
    spawn(process.execPath, ['--conditions=hookline-source', entry, 'hooks', ...words], {
      cwd: work,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: path, HOOKLINE_HOME: home },
    })
  const run = async (...words: readonly string[]) => {
    const child = start(...words)
    const { promise, resolve } = Promise.withResolvers<number | null>()
    child.once('close', resolve)
    const read = async (stream: typeof child.stdout) => (stream ? text(stream) : '')
    const [stdout, stderr, code] = await Promise.all([
      read(child.stdout),
      read(child.stderr),
      promise,
    ])
    return { code, stdout, stderr }
  }
  return {
    path,
    home,
    work,
    start,
    run,
    json: async (...words) => JSON.parse((await run(...words, '--json')).stdout),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

/** A hooks file with one command handler. */
export function hooksFile(event: string, command: string, more: object = {}): string {
  return JSON.stringify({
    hooks: { [event]: [{ hooks: [{ type: 'command', command, ...more }] }] },
  })
}
