import { isHooklineError, messageOf, type HooklineError } from 'hookline'
import { execCommand } from './commands/exec.ts'
import type { Assembly } from './open-session.ts'
import { version } from './version.ts'

/** Runs the command line and resolves to its exit code. The only place that turns an error into text and an exit code. */
export async function main(argv: readonly string[], assembly: Assembly = {}): Promise<number> {
  const [command, ...words] = argv
  try {
    // The hot path: nothing of what other commands need is loaded.
    if (command === 'exec' || command === 'e') return await execCommand(words, assembly)
    if (command === '--version' || command === '-V') {
      process.stdout.write(`${version}\n`)
      return 0
    }
    process.stdout.on('error', passOver)
    return await (await import('./commands/index.ts')).otherCommand(argv, assembly)
  } catch (error) {
    return fail(error)
  }
}

/** A reader that goes away, such as `head`, is no fault. */
function passOver(error: Error): void {
  if (!('code' in error) || error.code !== 'EPIPE') throw error
}

function sentence(text: string): string {
  const trimmed = text.trim()
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`
}

/** `error[CODE]: what. why. what to do.` on one line. */
function errorLine(error: unknown): string {
  const known: Pick<HooklineError, 'code' | 'hint'> = isHooklineError(error)
    ? error
    : { code: 'INTERNAL', hint: undefined }
  const hint = known.hint === undefined ? '' : ` ${sentence(known.hint)}`
  return `error[${known.code}]: ${sentence(messageOf(error))}${hint}`
}

function fail(error: unknown): number {
  process.stderr.write(`${errorLine(error)}\n`)
  if (!isHooklineError(error) && process.env['HOOKLINE_DEBUG'] && error instanceof Error)
    process.stderr.write(`${error.stack}\n`)
  return isHooklineError(error) && error.code === 'USAGE' ? 2 : 1
}
