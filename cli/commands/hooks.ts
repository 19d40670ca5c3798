import { HooklineError, isHooklineError, messageOf } from 'hookline'
import { nearest } from 'hookline/kit'
import { parseWords, type Flag } from '../exec-flags.ts'
import type { Assembly } from '../open-session.ts'
import { stopOnSignals } from '../signals.ts'
import type { HooksCall } from './hooks/hooks-session.ts'

interface Verb {
  readonly usage: string
  readonly summary: string
  load(): Promise<{
    readonly flags: Readonly<Record<string, Flag>>
    run(call: HooksCall): Promise<number>
  }>
}

/** Every command about hooks, each loaded when it is asked for. */
const verbs: Readonly<Record<string, Verb>> = {
  list: {
    usage: 'list',
    summary: 'Show every hook with its key, where it comes from and whether it runs.',
    load: () => import('./hooks/list.ts'),
  },
  trust: {
    usage: 'trust KEY… | --all | --from codex',
    summary: 'Let hooks run as they are now. A hook that changes must be trusted again.',
    load: () => import('./hooks/trust.ts'),
  },
  untrust: {
    usage: 'untrust KEY… | --all',
    summary: 'Take trust back.',
    load: async () => {
      const { flags, runUntrust } = await import('./hooks/trust.ts')
      return { flags, run: runUntrust }
    },
  },
  lint: {
    usage: 'lint [FILE|DIR…] [--dialect codex|claude] [--strict]',
    summary: 'Find what is wrong with hooks files, and what each product makes of it.',
    load: () => import('./hooks/lint.ts'),
  },
  run: {
    usage: 'run EVENT [--input FILE] [--tool NAME] [--hooks FILE] [--dialect codex|claude]',
    summary: 'Run what matches on a sample input, and show what it said.',
    load: () => import('./hooks/run.ts'),
  },
  test: {
    usage: 'test [FILE|DIR…] [--watch] [--junit FILE]',
    summary: 'Run the tests of hooks: *.hooktest.json and expected.json.',
    load: () => import('./hooks/test.ts'),
  },
  replay: {
    usage: 'replay ROLLOUT|ID [--hooks FILE] [--event EVENT…] [--verbose]',
    summary: 'Give the calls of a recorded session to hooks; no tool is run.',
    load: () => import('./hooks/replay.ts'),
  },
  import: {
    usage: 'import --from codex|claude [--to user|project] [--apply]',
    summary: 'Show what would be taken over from another product; --apply writes it.',
    load: () => import('./hooks/import.ts'),
  },
}

function usage(): string {
  const lines = Object.values(verbs).map(({ usage: words }) => `       hookline hooks ${words}`)
  const width = Math.max(...Object.keys(verbs).map((name) => name.length))
  const rows = Object.entries(verbs).map(
    ([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`,
  )
  const note = 'All take --json, -C DIR and -c KEY=VALUE.'
  return `Usage:${lines.join('\n').slice('Usage:'.length)}\n\n${rows.join('\n')}\n\n${note}\n`
}

/** For programs; people read the line on stderr. */
function failureDocument(error: unknown): string {
  const { code, hint } = isHooklineError(error) ? error : { code: 'INTERNAL', hint: undefined }
  const body = { code, message: messageOf(error), ...(hint !== undefined && { hint }) }
  return `${JSON.stringify({ error: body, problems: [] }, null, 2)}\n`
}

function unknownVerb(name: string): HooklineError {
  const guess = nearest(name, Object.keys(verbs))
  return new HooklineError('USAGE', `there is no command hooks "${name}"`, {
    hint: guess === undefined ? 'see hookline hooks --help' : `did you mean "${guess}"?`,
  })
}

async function runVerb(words: readonly string[], assembly: Assembly): Promise<number> {
  const at = words.findIndex((word) => Object.hasOwn(verbs, word))
  const verb = verbs[words[at] ?? '']
  if (verb === undefined) {
    throw unknownVerb(words.find((word) => !word.startsWith('-')) ?? words[0] ?? '')
  }
  const command = await verb.load()
  const parsed = parseWords(words.toSpliced(at, 1), command.flags)
  const stop = new AbortController()
  using signals = stopOnSignals(async () => stop.abort())
  const code = await command.run({ parsed, assembly, signal: stop.signal })
  return signals.exitCode() ?? code
}

/** `hookline hooks VERB`. Resolves to the exit code. */
export async function hooksCommand(
  words: readonly string[],
  assembly: Assembly = {},
): Promise<number> {
  const wantsHelp = words.some((word) => word === '--help' || word === '-h')
  if (wantsHelp || words.length === 0) {
    process.stdout.write(usage())
    return wantsHelp ? 0 : 2
  }
  try {
    return await runVerb(words, assembly)
  } catch (error) {
    if (words.includes('--json')) process.stdout.write(failureDocument(error))
    throw error
  }
}
