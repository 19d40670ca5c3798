import { HooklineError } from 'hookline'
import { nearest } from 'hookline/kit'
import type { Assembly } from '../open-session.ts'

interface CommandEntry {
  readonly summary: string
  run(words: readonly string[], assembly: Assembly): Promise<number>
}

/** Every command but `exec`, each loaded when it is asked for. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  demo: {
    summary: 'A guided session with an offline model: no key, no network.',
    run: async (words) => (await import('./demo.ts')).demoCommand(words),
  },
  hooks: {
    summary: 'List, check, try and test hooks; trust them, or take trust back.',
    run: async (words, assembly) => (await import('./hooks.ts')).hooksCommand(words, assembly),
  },
  sandbox: {
    summary: 'Run a command in the sandbox.',
    run: async (words) => (await import('./sandbox.ts')).sandboxCommand(words),
  },
  debug: {
    summary: 'Other spellings of sandbox: debug landlock, debug seatbelt.',
    run: async (words) => (await import('./sandbox.ts')).sandboxCommand(words),
  },
  apply_patch: {
    summary: 'Apply a patch, given as an argument or on stdin.',
    run: async (words) => (await import('./apply-patch.ts')).applyPatchCommand(words),
  },
  doctor: {
    summary: 'Check the installation: node, sandbox, settings, plugins, hooks.',
    run: async (words, assembly) => (await import('./doctor.ts')).doctorCommand(words, assembly),
  },
}

/** Runs any command but `exec`. */
export async function otherCommand(argv: readonly string[], assembly: Assembly): Promise<number> {
  const [name, ...words] = argv
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    return (await import('../help.ts')).printHelp()
  }
  if (name === '--codex-run-as-apply-patch')
    return commands['apply_patch']?.run(words, assembly) ?? 2
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command) return command.run(words, assembly)
  const own = await (await import('./plugin-command.ts')).runPluginCommand(argv, assembly)
  if (own !== undefined) return own
  const guess = nearest(name, ['exec', ...Object.keys(commands)])
  throw new HooklineError('USAGE', `there is no command "${name}"`, {
    hint:
      guess === undefined ? 'see hookline --help' : `did you mean "${guess}"? See hookline --help`,
  })
}
