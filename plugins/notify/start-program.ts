import { spawn } from 'node:child_process'

interface Program {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  /** Told what went wrong, as long as somebody listens. */
  warn(fault: string): void
}

/**
 * Starts a program that may outlive the session; settles when it has started or could not be.
 * It gets no terminal, and nothing waits for its end.
 */
export function startProgram(program: Program): Promise<void> {
  return new Promise((resolve) => {
    const fail = (error: unknown) => {
      program.warn(
        `could not be started: ${error instanceof Error ? error.message : String(error)}`,
      )
      resolve()
    }
    try {
      const child = spawn(program.file, program.args, {
        cwd: program.cwd,
        detached: true,
        stdio: 'ignore',
      })
      child.once('error', fail)
      child.once('spawn', () => resolve())
      child.once('exit', (code, signal) => {
        if (code !== 0)
          program.warn(`ended with ${code === null ? `signal ${signal}` : `code ${code}`}`)
      })
      child.unref()
    } catch (error) {
      fail(error)
    }
  })
}
