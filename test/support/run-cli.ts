import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'

const root = resolve(import.meta.dirname, '../..')
const built = join(root, 'dist/cli/main.js')
/** Only for the sources, which start three times as fast once they are stripped of their types. */
const compileCache = join(tmpdir(), 'hookline-test-compile-cache')

/** How a run of the command is set up. */
export interface CliOptions {
  /** The home of the product, which is also the home of the user, so that nobody's real files take part. */
  readonly home: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Text for stdin, which is empty without it; `null` gives it no stdin at all. */
  readonly input?: string | null
  readonly signal?: AbortSignal
  /** Runs the sources, not the build. */
  readonly source?: boolean
  /** Words of a program that starts the command, such as a shell that sets limits. */
  readonly through?: readonly string[]
}

/** How a run of the command ended. */
export interface CliResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A run of the command under way. */
export interface RunningCli {
  readonly pid: number
  /** Settles with the first line of stdout or stderr that fits; fails when the run ends without one. */
  line(pattern: RegExp): Promise<string>
  kill(signal: NodeJS.Signals): void
  /** Closes our end of its stdout, as `head` does. */
  closeStdout(): void
  readonly ended: Promise<CliResult>
}

/** The words that start the command: the build, or its sources where asked for or HOOKLINE_TEST_COMMAND is `source`. */
export function cliCommand(
  source = process.env['HOOKLINE_TEST_COMMAND'] === 'source',
): readonly string[] {
  if (source) return [process.execPath, '--conditions=hookline-source', join(root, 'cli/run.ts')]
  if (!existsSync(built)) {
    throw new Error('the command is not built: npm run build, or HOOKLINE_TEST_COMMAND=source')
  }
  return [process.execPath, built]
}

interface Waiter {
  readonly pattern: RegExp
  resolve(line: string): void
  reject(error: Error): void
}

function environmentFor({ home, env }: CliOptions, source: boolean): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    HOOKLINE_HOME: home,
    LANG: 'C.UTF-8',
    ...(source ? { NODE_COMPILE_CACHE: compileCache } : {}),
    ...env,
  }
}

/** Starts the command. */
export function startCli(args: readonly string[], options: CliOptions): RunningCli {
  const command = cliCommand(options.source)
  const [file = '', ...words] = [...(options.through ?? []), ...command, ...args]
  const child = spawn(file, words, {
    cwd: options.cwd ?? options.home,
    env: environmentFor(options, command.length > 2),
    stdio: [options.input === null ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    ...(options.signal ? { signal: options.signal, killSignal: 'SIGKILL' as const } : {}),
  })
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error('asked for with `pipe` above')
  // The command may end without having read its input.
  child.stdin?.on('error', () => {})
  child.stdin?.end(options.input ?? '')
  const lines = [linesOf(stdout), linesOf(stderr)] as const
  const ended = Promise.withResolvers<CliResult>()
  child.once('error', ended.reject)
  child.once('close', (code, signal) => {
    for (const { end } of lines) end()
    ended.resolve({ code, signal, stdout: lines[0].text(), stderr: lines[1].text() })
  })
  return {
    pid: child.pid ?? 0,
    line: (pattern) => Promise.any(lines.map(({ find }) => find(pattern))),
    kill: (signal) => void child.kill(signal),
    closeStdout: () => void stdout.destroy(),
    ended: ended.promise,
  }
}

/** Collects a stream and tells whole lines to those that wait for them. */
function linesOf(stream: Readable) {
  let text = ''
  let looked = 0
  let hasEnded = false
  const waiters = new Set<Waiter>()
  const tell = (line: string) => {
    for (const waiter of waiters) {
      if (!waiter.pattern.test(line)) continue
      waiters.delete(waiter)
      waiter.resolve(line)
    }
  }
  stream.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
    for (let end = text.indexOf('\n', looked); end >= 0; end = text.indexOf('\n', looked)) {
      tell(text.slice(looked, end))
      looked = end + 1
    }
  })
  return {
    text: () => text,
    find: (pattern: RegExp) => {
      const seen = text
        .split('\n')
        .slice(0, -1)
        .find((line) => pattern.test(line))
      if (seen !== undefined) return Promise.resolve(seen)
      const { promise, resolve: settle, reject } = Promise.withResolvers<string>()
      const missing = () => reject(new Error(`no line fits ${pattern} in:\n${text}`))
      if (hasEnded) missing()
      else waiters.add({ pattern, resolve: settle, reject: missing })
      return promise
    },
    end: () => {
      hasEnded = true
      for (const waiter of waiters) waiter.reject(new Error('the run has ended'))
    },
  }
}

/** Runs the command to its end. */
export function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return startCli(args, options).ended
}
