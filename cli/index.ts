import { main } from './main.ts'
import type { Assembly } from './open-session.ts'

export { builtins } from './builtins.ts'
export type { Assembly } from './open-session.ts'

/** What `runCli` takes. */
export interface CliOptions extends Assembly {
  /** The words after the program's name; default those of the process. */
  readonly argv?: readonly string[]
}

/**
 * Runs a command line of your own: the built-in one with the plugins you choose. Resolves to the exit code.
 * `plugins` is given the built-in plugins and returns those to use.
 */
export function runCli(options: CliOptions = {}): Promise<number> {
  return main(options.argv ?? process.argv.slice(2), options)
}
