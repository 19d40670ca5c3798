import yargs, { type Argv } from 'yargs'
import { commands } from './commands/index.ts'
import { execFlags, type Flag } from './exec-flags.ts'
import { version } from './version.ts'

function addFlags(parser: Argv, table: Readonly<Record<string, Flag>>): Argv {
  return Object.entries(table).reduce(
    (made, [name, flag]) =>
      name === 'help'
        ? made
        : made.option(name, {
            type: flag.type,
            describe: flag.value === undefined ? flag.help : `${flag.help} (${flag.value})`,
            ...(flag.short === undefined ? {} : { alias: flag.short }),
            ...(flag.multiple ? { array: true } : {}),
          }),
    parser,
  )
}

function newParser(): Argv {
  return yargs([])
    .scriptName('hookline')
    .version(version)
    .wrap(100)
    .locale('en')
    .help()
    .alias('h', 'help')
}

/** Prints the commands. */
export async function printHelp(): Promise<number> {
  const made = Object.entries(commands).reduce(
    (before, [name, command]) => before.command(name, command.summary),
    newParser()
      .usage(
        'hookline <command>\n\nAn agent whose session is a row of hooks; everything else is a plugin.',
      )
      .command(
        'exec [PROMPT]',
        'Run one turn until the agent is done; exec resume takes up a session.',
      ),
  )
  process.stdout.write(`${await made.getHelp()}\n`)
  return 0
}

/** Prints the flags of `exec`. */
export async function printExecHelp(): Promise<number> {
  const usage = [
    'hookline exec [FLAGS] [PROMPT | -]',
    'hookline exec resume [FLAGS] ID [PROMPT | -]',
    'hookline exec resume --last [FLAGS] [PROMPT | -]',
    '',
    'One turn until the agent is done. The final message goes to stdout, everything else to stderr.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 130 and 143 after SIGINT and SIGTERM.',
  ]
  return printFlags(usage.join('\n'), execFlags)
}

/** Prints how a command is used, and its flags. */
export async function printFlags(
  usage: string,
  table: Readonly<Record<string, Flag>>,
): Promise<number> {
  process.stdout.write(`${await addFlags(newParser().usage(usage), table).getHelp()}\n`)
  return 0
}
