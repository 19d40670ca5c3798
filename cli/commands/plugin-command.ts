import { commandKey, HooklineError, isHooklineError } from 'hookline'
import { openHost, type Assembly } from '../open-session.ts'

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/**
 * Runs a command that a plugin has added (`commandKey`); undefined where none has this name. The plugins are those of the
 * command line and of `use` in the settings.
 */
export async function runPluginCommand(
  argv: readonly string[],
  assembly: Assembly,
): Promise<number | undefined> {
  const [name = '', ...words] = argv
  await using host = openHost({ parsed: { flags: {}, words: [] }, assembly, log: () => {} })
  const cwd = process.cwd()
  try {
    await using session = await host.session({ cwd, source: 'cli', ephemeral: true })
    const command = session.kernel.services.find(commandKey, name)
    const json = words.includes('--json')
    return await command?.run(words, { cwd, home: session.facts.home, json, print })
  } catch (error) {
    if (!isHooklineError(error) || error.code === 'USAGE') throw error
    throw new HooklineError('USAGE', `there is no command "${name}" of hookline itself`, {
      hint: `commands of plugins cannot be looked for: ${error.message}`,
      cause: error,
    })
  }
}
