import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'

const root = resolve(import.meta.dirname, '../..')
const built = join(root, 'dist/cli/main.js')

/** How a run of the command is set up. */
export interface CliOptions {
  /** The home of the product, which is also the home of the user, so that nobody's real files take part. */
  readonly home: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Text for stdin, which is empty without it. */
  readonly input?: string
  readonly signal?: AbortSignal
  /** Runs the sources, not the build. */
  readonly source?: boolean
}

/** How a run of the command ended. */
export interface CliResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
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

/** Runs the command to its end. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const [file = '', ...words] = cliCommand(options.source)
  const child = spawn(file, [...words, ...args], {
    cwd: options.cwd ?? options.home,
    env: {
      PATH: process.env['PATH'],
      HOME: options.home,
      HOOKLINE_HOME: options.home,
      LANG: 'C.UTF-8',
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.signal ? { signal: options.signal, killSignal: 'SIGKILL' as const } : {}),
  })
  // The command may end without having read its input.
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  const ended = Promise.withResolvers<Pick<CliResult, 'code' | 'signal'>>()
  child.once('error', ended.reject)
  child.once('close', (code, signal) => ended.resolve({ code, signal }))
  const [stdout, stderr, end] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended.promise,
  ])
  return { ...end, stdout, stderr }
}
