import { spawn } from 'node:child_process'

/** What a suite came to. `notes` are lines for people. */
export interface Outcome {
  readonly passed: number
  readonly failed: number
  readonly notes: readonly string[]
}

/** How the runner of a suite ended. */
export interface RunnerResult {
  readonly code: number | null
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly output: string
}

/** Reads the line that a runner ends with; undefined when it did not get that far. */
export function readSum(output: string): Omit<RunnerResult, 'code' | 'output'> | undefined {
  const found = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?/gm)].at(-1)
  if (!found) return undefined
  const [passed = 0, failed = 0, skipped = 0] = found.slice(1).map((number) => Number(number ?? 0))
  return { passed, failed, skipped }
}

const longest = 20 * 60_000

/** Starts the runner of a suite, shows what it prints, and reads its sum. */
export async function startRunner(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<RunnerResult | undefined> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(longest),
    killSignal: 'SIGKILL',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      process.stdout.write(text)
    })
  }
  const ended = Promise.withResolvers<number | null>()
  child.once('error', () => ended.resolve(null))
  child.once('close', ended.resolve)
  const code = await ended.promise
  const sum = readSum(output)
  return sum && { ...sum, code, output }
}

/** The outcome of a suite that could not be run, which is a failure and not an omission. */
export function notRun(why: string): Outcome {
  return { passed: 0, failed: 1, notes: [`did not run: ${why}`] }
}

/**
 * The outcome of a suite of which every chosen case has to pass. Cases that the runner left out count as failures,
 * unless the repository allows so many.
 */
export function judge(result: RunnerResult | undefined, allowedSkips = 0): Outcome {
  if (result === undefined) return notRun('its runner ended without a sum')
  const { passed, failed, skipped, code } = result
  const notes: string[] = []
  let faults = failed
  if (skipped > allowedSkips) {
    faults += skipped - allowedSkips
    notes.push(`${skipped - allowedSkips} cases were left out without being on a list`)
  }
  if (passed === 0) notes.push('nothing passed')
  if (faults === 0 && (passed === 0 || code !== 0)) faults = 1
  return { passed, failed: faults, notes }
}
